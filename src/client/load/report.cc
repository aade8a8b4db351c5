#include "client/load/report.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "client/load/limits.h"

namespace st::client::load {
namespace {

using Json = nlohmann::ordered_json;

double Ms(std::int64_t us) { return static_cast<double>(us) / 1000; }

constexpr std::array<std::pair<const char*, double>, 4> kQuantiles = {
    {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}}};

Json FindingsJson(const std::vector<ledger::Finding>& findings) {
  auto list = Json::array();
  for (const auto& finding : findings) {
    Json one = {{"key", finding.key}, {"event", finding.event}, {"where", finding.where}};
    if (!finding.position.empty()) one["position"] = finding.position;
    list.push_back(std::move(one));
  }
  return list;
}

const char* Compared(std::uint64_t one, std::uint64_t other) { return one <= other ? "<=" : ">"; }

void AddFindings(std::string& out, const char* what, const std::vector<ledger::Finding>& findings,
                 std::uint64_t count) {
  for (std::size_t i = 0; i < findings.size() && i < kNamedFindings; ++i) {
    const auto& finding = findings[i];
    out += fmt::format("{} in {}: {} {} {}\n", what, finding.where, finding.key, finding.event,
                       finding.position);
  }
  if (count > kNamedFindings) out += fmt::format("… {} {} in all\n", Grouped(count), what);
}

}  // namespace

std::string Grouped(std::uint64_t number) {
  std::string out = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(out.size()) - 3; at > 0; at -= 3) {
    out.insert(static_cast<std::size_t>(at), ",");
  }
  return out;
}

double Report::requests_per_second() const {
  if (elapsed_us <= 0) return 0;
  return static_cast<double>(tally.answered()) * 1e6 / static_cast<double>(elapsed_us);
}

bool Report::is_good() const {
  if (!trouble.empty() || is_refused_throughout()) return false;
  if (verdict) return verdict->is_equal();
  if (foreign_log) {
    const auto log = static_cast<std::uint64_t>(*foreign_log);
    return tally.acknowledged <= log && log <= tally.counted();
  }
  return tally.unanswered == 0 && tally.failed == 0;
}

bool Report::is_refused_throughout() const {
  return tally.refused > 0 && tally.acknowledged == 0 && tally.reads == 0;
}

std::string ReportJson(const Report& report) {
  const auto& tally = report.tally;
  Json json = {{"target", report.target},
               {"is_steelthread", report.is_steelthread},
               {"sent", tally.counted()},
               {"acknowledged", tally.acknowledged}};
  if (report.verdict) {
    json["in_log"] = report.verdict->in_log;
    json["in_tables"] = report.verdict->in_tables;
    json["missing"] = FindingsJson(report.missing);
    json["doubled"] = FindingsJson(report.doubled);
  } else if (report.is_verified) {
    for (const auto* unknown : {"in_log", "in_tables", "missing", "doubled"})
      json[unknown] = nullptr;
  }
  if (report.foreign_log) json["in_log"] = *report.foreign_log;
  if (!report.trouble.empty()) json["trouble"] = report.trouble;
  json["reads"] = tally.reads;
  json["refused"] = tally.refused;
  json["refused_codes"] = tally.refused_codes;
  json["failed"] = tally.failed;
  json["failed_codes"] = tally.failed_codes;
  json["unanswered"] = tally.unanswered;
  json["failed_reads"] = tally.failed_reads;
  json["repeated"] = tally.repeated;
  json["not_sent"] = tally.not_sent;
  json["seconds"] = static_cast<double>(report.elapsed_us) / 1e6;
  json["requests_per_second"] = report.requests_per_second();
  Json latency;
  for (const auto& [name, share] : kQuantiles) latency[name] = Ms(tally.latency.Quantile(share));
  latency["max"] = Ms(tally.latency.max());
  json["latency_ms"] = std::move(latency);
  json["ok"] = report.is_good();
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string ReportTable(const Report& report) {
  const auto& tally = report.tally;
  std::string out;
  const auto row = [&](const char* name, std::uint64_t number) {
    out += fmt::format("{:<13}{:>14}\n", name, Grouped(number));
  };
  row("sent", tally.counted());
  row("acknowledged", tally.acknowledged);
  if (report.verdict) {
    row("in the log", report.verdict->in_log);
    row("in the tables", report.verdict->in_tables);
    row("missing", report.verdict->missing);
    row("doubled", report.verdict->doubled);
  }
  if (report.foreign_log) row("in the topic", static_cast<std::uint64_t>(*report.foreign_log));
  row("reads", tally.reads);
  const auto rows_of = [&](const std::map<std::string, std::uint64_t>& codes) {
    for (const auto& [code, count] : codes) {
      out += fmt::format("  {:<24}{}\n", code, Grouped(count));
    }
  };
  row("refused", tally.refused);
  rows_of(tally.refused_codes);
  if (tally.failed_reads > 0) row("failed reads", tally.failed_reads);
  row("unanswered", tally.unanswered);
  row("failed", tally.failed);
  rows_of(tally.failed_codes);
  row("repeated", tally.repeated);
  if (tally.not_sent > 0) row("not sent", tally.not_sent);
  out += fmt::format("{:<13}{:>14.1f}\n", "requests/s", report.requests_per_second());
  for (const auto& [name, share] : kQuantiles) {
    out += fmt::format("{:<13}{:>11.2f} ms\n", name, Ms(tally.latency.Quantile(share)));
  }
  out += fmt::format("{:<13}{:>11.2f} ms\n", "max", Ms(tally.latency.max()));
  if (report.verdict) {
    AddFindings(out, "missing", report.missing, report.verdict->missing);
    AddFindings(out, "doubled", report.doubled, report.verdict->doubled);
    out += fmt::format("{1} sent {0} {2} acknowledged {0} {3} in the log {0} {4} in the tables\n",
                       report.is_good() ? "=" : "|", Grouped(report.verdict->sent),
                       Grouped(report.verdict->acknowledged), Grouped(report.verdict->in_log),
                       Grouped(report.verdict->in_tables));
  }
  if (report.foreign_log) {
    out +=
        fmt::format("{} acknowledged {} {} in the topic {} {} sent\n", Grouped(tally.acknowledged),
                    Compared(tally.acknowledged, static_cast<std::uint64_t>(*report.foreign_log)),
                    Grouped(static_cast<std::uint64_t>(*report.foreign_log)),
                    Compared(static_cast<std::uint64_t>(*report.foreign_log), tally.counted()),
                    Grouped(tally.counted()));
  }
  if (!report.trouble.empty()) out += report.trouble + "\n";
  if (report.is_refused_throughout()) {
    out += fmt::format("nothing was acknowledged: {} refused each request; {}\n", report.target,
                       report.is_steelthread
                           ? "the codes above say why: more requests get past what is there already"
                           : "--target is the address of http.listen, and -C the project that it "
                             "serves");
  }
  return out;
}

std::string ProgressLine(const Tally& now, const Tally& last, double seconds, double elapsed_s) {
  const auto rate = static_cast<double>(now.answered() - last.answered()) / std::max(seconds, 1e-3);
  const auto latency = now.latency.Since(last.latency);
  return fmt::format(
      "{:>5.0f} s  {:>8}/s  p50 {:.1f}  p99 {:.1f}  max {:.1f} ms  {} acknowledged  {} refused  "
      "{} repeated  {} failed",
      elapsed_s, Grouped(static_cast<std::uint64_t>(rate)), Ms(latency.Quantile(0.5)),
      Ms(latency.Quantile(0.99)), Ms(latency.max()), Grouped(now.acknowledged),
      Grouped(now.refused), Grouped(now.repeated),
      Grouped(now.failed + now.unanswered + now.failed_reads));
}

}  // namespace st::client::load
