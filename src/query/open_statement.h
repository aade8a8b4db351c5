// One statement from its POST to its last answer: pages, tokens and waiting polls.
//
// Threads: none of its own; every call under the registry's lock, once it is open.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "jobs/query_messages.h"
#include "query/limits.h"
#include "query/runner.h"
#include "query/statement_exchange.h"

namespace st::query {

class OpenStatement {
 public:
  OpenStatement(Ticket ticket, StatementRequest request, std::int64_t now_us);

  const Ticket& ticket() const { return ticket_; }
  const StatementRequest& request() const { return request_; }
  std::int64_t submitted_us() const { return submitted_us_; }
  std::int64_t started_us() const { return started_us_; }
  const std::string& state() const { return state_; }
  bool is_over() const { return state_ == "FINISHED" || state_ == "FAILED"; }
  bool is_queued() const { return state_ == "QUEUED"; }
  const std::string& address() const { return request_.address; }
  const std::string& user() const { return request_.session.user; }
  // Its client asked for an answer.
  bool is_followed() const { return is_followed_; }
  // Whether it counts against the limits of open statements.
  bool holds_place() const { return !is_over() || !(is_read_to_end() || is_cancelled_); }

  // The producer's side; each does nothing once the statement is over.
  void Start(std::int64_t now_us);
  void SetColumns(std::vector<statement::Column> columns);
  void AddPage(jobs::QueryPage page);
  void Finish(std::int64_t now_us);
  void Fail(statement::Failure failure, std::int64_t now_us);  // drops the pages
  bool has_room() const { return buffered_bytes_ < kMaxBufferedBytes; }
  // Fails it for a client that asks for no more answers, also when it is over and not read.
  void Cancel(statement::Failure failure, std::int64_t now_us);
  void SetUse(std::string update_type, std::string catalog, std::string schema);

  // The reader's side.
  AnswerPtr First() const;  // of the POST
  struct Polled {
    FetchOutcome outcome = FetchOutcome::kAnswer;
    AnswerPtr answer;  // null with kAnswer: `done` was kept until there is one
  };
  Polled Poll(std::int64_t token, std::int64_t now_us, FetchCallback& done);
  // The waiting polls with their answer, where there is one or they waited kPollWaitUs.
  struct Delivery {
    AnswerPtr answer;
    std::vector<FetchCallback> to;
  };
  Delivery TakeDelivery(std::int64_t now_us);
  // It had no poll for its time, or its last answer was handed out kLingerUs ago.
  bool IsDropped(std::int64_t now_us) const;
  // It had no poll for so long that it gives way to a statement with a poll.
  bool MayYield(std::int64_t now_us) const {
    return waiting_.empty() && now_us >= polled_us_ + (is_followed_ ? kYieldUs : kFollowUs);
  }
  bool is_read_to_end() const { return last_ != nullptr && !last_->next_token.has_value(); }

  // Kept by the registry: the runner while it runs, and the cancel that is sent to it.
  std::shared_ptr<Runner> runner;
  bool is_starting = false;  // it left the queue, and its runner is being made
  bool is_cancelling = false;
  std::int64_t cancelled_us = 0;  // 0: not yet

 private:
  bool IsReady() const { return is_over() || !pages_.empty(); }
  AnswerPtr Advance(std::int64_t now_us);
  statement::Stats StatsAt(std::int64_t now_us) const;

  const Ticket ticket_;
  const StatementRequest request_;
  const std::int64_t submitted_us_;
  std::int64_t started_us_ = 0;
  std::int64_t over_us_ = 0;
  std::string state_ = "QUEUED";
  std::vector<statement::Column> columns_;
  std::deque<jobs::QueryPage> pages_;
  std::int64_t buffered_bytes_ = 0;
  std::optional<statement::Failure> failure_;
  std::string update_type_;
  std::string set_catalog_;
  std::string set_schema_;
  std::int64_t rows_ = 0;
  std::int64_t bytes_ = 0;

  std::int64_t token_ = 0;  // of last_
  AnswerPtr last_;          // null before the first GET was answered
  std::vector<FetchCallback> waiting_;
  std::int64_t waiting_since_us_ = 0;
  std::int64_t polled_us_;  // last time a reader was heard or answered
  bool is_followed_ = false;
  bool is_cancelled_ = false;
};
using StatementPtr = std::shared_ptr<OpenStatement>;

}  // namespace st::query
