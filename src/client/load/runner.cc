#include "client/load/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "client/load/limits.h"

namespace st::client::load {

namespace {

// An RFC 9457 problem's member "code"; else its status.
std::string CodeOf(const net::ClientReply& reply) {
  constexpr std::string_view kName = "\"code\":";
  const std::string_view body = reply.body;
  const auto at = body.find(kName);
  const auto begin = at == body.npos ? body.npos : body.find('"', at + kName.size());
  const auto end = begin == body.npos ? body.npos : body.find('"', begin + 1);
  constexpr std::size_t kLongest = 40;
  const auto code = end == body.npos ? std::string_view() : body.substr(begin + 1, end - begin - 1);
  // Of another's server anything may come, and it goes to a terminal.
  const bool is_code =
      !code.empty() && code.size() <= kLongest && std::ranges::all_of(code, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
      });
  return is_code ? std::string(code) : fmt::format("HTTP {}", reply.status);
}

}  // namespace

// One request until it is settled.
struct Runner::Sending {
  Action action;
  std::uint32_t slot = 0;
  bool is_read = false;
  std::uint64_t number = 0;     // of its key; not of a read
  std::int64_t due_us = 0;      // when it was to be sent
  std::int64_t give_up_us = 0;  // from when it was sent first
  std::int64_t pause_us = kFirstPauseUs;
};

Runner::Runner(net::HttpPool& pool, Script& script, ledger::Ledger& ledger, os::Random& random,
               RunOptions options)
    : pool_(pool), script_(script), ledger_(ledger), random_(random), options_(options) {
  for (std::uint32_t slot = 0; slot < options_.clients; ++slot) {
    turns_.push_back({.slot = slot, .player = slot});
  }
}

void Runner::Begin(std::function<void()> done) {
  done_ = std::move(done);
  began_us_ = pool_.NowUs();
  end_us_ = began_us_ + options_.duration_us;
  last_answer_us_.With([&](auto& us) { us = began_us_; });
  if (options_.rate > 0) {
    is_ticking_ = true;
    return Tick();
  }
  for (std::uint32_t slot = 0; slot < options_.clients; ++slot) Act(slot, began_us_);
  MaybeDone();
}

void Runner::End() {
  is_ending_.With([](bool& ending) { ending = true; });
}

bool Runner::MaySend() const {
  if (is_ending_.With([](bool ending) { return ending; }) || ledger_.is_full()) return false;
  return options_.most_requests == 0 || launched_ < options_.most_requests;
}

// Launches what is due; what finds no room is due still.
void Runner::Tick() {
  const auto now_us = std::min(pool_.NowUs(), end_us_);
  const double due = std::ceil(static_cast<double>(now_us - began_us_) / 1e6 * options_.rate);
  const auto due_count = static_cast<std::uint64_t>(due) + (now_us < end_us_ ? 1 : 0);
  while (launched_ < due_count && open_ < kMaxOpenRequests && MaySend()) {
    const auto due_us =
        began_us_ + std::llround(static_cast<double>(launched_) * 1e6 / options_.rate);
    if (due_us > now_us || due_us >= end_us_) break;
    Act(static_cast<std::uint32_t>(launched_ % options_.clients), due_us);
  }
  if (pool_.NowUs() < end_us_ && MaySend()) {
    return pool_.RunAfter(kTickUs, [this] { Tick(); });
  }
  is_ticking_ = false;
  const auto all = static_cast<std::uint64_t>(due);
  if (MaySend() && all > launched_) {
    tally_.With([&](Tally& tally) { tally.not_sent = all - launched_; });
  }
  MaybeDone();
}

void Runner::Act(std::uint32_t slot, std::int64_t due_us) {
  if (!MaySend()) return;
  auto& turn = turns_[slot];
  auto sending = std::make_shared<Sending>();
  sending->action = script_.Next(turn, random_);
  if (++turn.step >= options_.session_steps) {
    turn.step = 0;
    turn.player += options_.clients;
  }
  sending->slot = slot;
  sending->is_read = script_.kinds()[sending->action.kind].is_read;
  sending->due_us = due_us;
  sending->give_up_us = pool_.NowUs() + kGiveUpUs;
  if (!sending->is_read) {
    sending->number = ledger_.Open(sending->action.kind);
    if (options_.has_keys) {
      sending->action.request.headers.emplace_back("Idempotency-Key",
                                                   ledger_.KeyOf(sending->number));
    }
  }
  ++launched_;
  ++open_;
  tally_.With([&](Tally& tally) {
    tally.sent += sending->is_read ? 0 : 1;
    tally.open = open_;
  });
  Send(std::move(sending));
}

void Runner::Send(std::shared_ptr<Sending> sending) {
  auto request = sending->action.request;
  pool_.Send(std::move(request),
             [this, sending = std::move(sending)](Result<net::ClientReply> reply) {
               OnAnswer(sending, std::move(reply));
             });
}

bool Runner::IsToRepeat(const Sending& sending, const Result<net::ClientReply>& reply) const {
  if (sending.is_read || !options_.has_keys) return false;
  if (!reply) return reply.error().code() != ErrorCode::kInvalidArgument;
  return reply->status == 503 ||
         (reply->status == 409 && reply->body.find("\"in_flight\"") != std::string::npos);
}

void Runner::OnAnswer(const std::shared_ptr<Sending>& sending, Result<net::ClientReply> reply) {
  if (IsToRepeat(*sending, reply) && pool_.NowUs() + sending->pause_us < sending->give_up_us) {
    return Repeat(sending);
  }
  Settle(*sending, reply);
  Finish(*sending, reply.has_value());
}

void Runner::Repeat(const std::shared_ptr<Sending>& sending) {
  tally_.With([](Tally& tally) { ++tally.repeated; });
  const auto pause_us =
      sending->pause_us / 2 +
      static_cast<std::int64_t>(random_.Next() % static_cast<std::uint64_t>(sending->pause_us));
  sending->pause_us = std::min(sending->pause_us * 2, kLongestPauseUs);
  pool_.RunAfter(pause_us, [this, sending] { Send(sending); });
}

void Runner::Settle(const Sending& sending, const Result<net::ClientReply>& reply) {
  const int status = reply ? reply->status : 0;
  ledger::Fate fate = ledger::Fate::kFailed;
  if (!reply || IsToRepeat(sending, reply)) fate = ledger::Fate::kUnanswered;
  if (status >= 200 && status < 300) fate = ledger::Fate::kAcknowledged;
  if (status >= 300 && status < 500 && fate != ledger::Fate::kUnanswered)
    fate = ledger::Fate::kRefused;
  const auto now_us = pool_.NowUs();
  if (reply) last_answer_us_.With([&](auto& us) { us = now_us; });
  if (!sending.is_read) ledger_.Close(sending.number, fate);
  const bool is_problem = !sending.is_read && status >= 300;
  const auto code = is_problem ? CodeOf(*reply) : std::string();
  tally_.With([&](Tally& tally) {
    auto& codes = fate == ledger::Fate::kRefused ? tally.refused_codes : tally.failed_codes;
    if (is_problem && (codes.size() < kMaxCodes || codes.contains(code))) ++codes[code];
    if (reply) tally.latency.Record(now_us - sending.due_us);
    if (sending.is_read) {
      ++(fate == ledger::Fate::kAcknowledged || fate == ledger::Fate::kRefused
             ? tally.reads
             : tally.failed_reads);
      return;
    }
    switch (fate) {
      case ledger::Fate::kAcknowledged:
        ++tally.acknowledged;
        break;
      case ledger::Fate::kRefused:
        ++tally.refused;
        break;
      case ledger::Fate::kFailed:
        ++tally.failed;
        break;
      case ledger::Fate::kOpen:
      case ledger::Fate::kUnanswered:
        ++tally.unanswered;
        break;
    }
  });
}

void Runner::Finish(const Sending& sending, bool is_answered) {
  --open_;
  tally_.With([&](Tally& tally) { tally.open = open_; });
  const bool goes_on = options_.rate <= 0 && pool_.NowUs() < end_us_ && MaySend();
  if (!goes_on) return MaybeDone();
  // A client that got no answer does not hammer on the door.
  const auto think_us =
      is_answered ? options_.think_us : std::max(options_.think_us, kFirstPauseUs);
  if (think_us == 0) return Act(sending.slot, pool_.NowUs());
  // Half to one and a half of the mean, so that clients do not march in step.
  const auto pause_us = think_us / 2 + static_cast<std::int64_t>(
                                           random_.Next() % static_cast<std::uint64_t>(think_us));
  if (pool_.NowUs() + pause_us >= end_us_) return MaybeDone();
  ++open_;  // the client that thinks
  pool_.RunAfter(pause_us, [this, slot = sending.slot] {
    --open_;
    Act(slot, pool_.NowUs());
    MaybeDone();
  });
}

void Runner::MaybeDone() {
  if (open_ > 0 || is_ticking_ || !done_) return;
  const auto done = std::exchange(done_, nullptr);
  done();
}

}  // namespace st::client::load
