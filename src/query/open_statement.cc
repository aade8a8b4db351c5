#include "query/open_statement.h"

namespace st::query {

OpenStatement::OpenStatement(Ticket ticket, StatementRequest request, std::int64_t now_us)
    : ticket_(std::move(ticket)),
      request_(std::move(request)),
      submitted_us_(now_us),
      polled_us_(now_us) {}

void OpenStatement::Start(std::int64_t now_us) {
  if (is_over()) return;
  started_us_ = now_us;
  state_ = "RUNNING";
}

void OpenStatement::SetColumns(std::vector<statement::Column> columns) {
  if (!is_over()) columns_ = std::move(columns);
}

void OpenStatement::AddPage(jobs::QueryPage page) {
  if (is_over() || page.rows == 0) return;
  buffered_bytes_ += static_cast<std::int64_t>(page.rows_json.size());
  pages_.push_back(std::move(page));
}

void OpenStatement::Finish(std::int64_t now_us) {
  if (is_over()) return;
  if (started_us_ == 0) started_us_ = now_us;
  state_ = "FINISHED";
  over_us_ = now_us;
}

void OpenStatement::Fail(statement::Failure failure, std::int64_t now_us) {
  if (state_ == "FAILED" || (is_over() && pages_.empty())) return;
  if (started_us_ == 0) started_us_ = now_us;
  state_ = "FAILED";
  over_us_ = now_us;
  failure_ = std::move(failure);
  pages_.clear();
  buffered_bytes_ = 0;
}

void OpenStatement::Cancel(statement::Failure failure, std::int64_t now_us) {
  Fail(std::move(failure), now_us);
  is_cancelled_ = true;
}

void OpenStatement::SetUse(std::string update_type, std::string catalog, std::string schema) {
  update_type_ = std::move(update_type);
  set_catalog_ = std::move(catalog);
  set_schema_ = std::move(schema);
}

statement::Stats OpenStatement::StatsAt(std::int64_t now_us) const {
  const std::int64_t end = over_us_ != 0 ? over_us_ : now_us;
  const std::int64_t start = started_us_ != 0 ? started_us_ : now_us;
  return {.state = state_,
          .queued_ms = (start - submitted_us_) / 1000,
          .elapsed_ms = (end - submitted_us_) / 1000,
          .rows = rows_,
          .bytes = bytes_};
}

AnswerPtr OpenStatement::First() const {
  auto answer = std::make_shared<Answer>();
  answer->results.id = ticket_.id;
  answer->next_token = 1;
  answer->family = request_.session.family;
  return answer;
}

AnswerPtr OpenStatement::Advance(std::int64_t now_us) {
  auto answer = std::make_shared<Answer>();
  answer->family = request_.session.family;
  auto& results = answer->results;
  results.id = ticket_.id;
  results.columns = columns_;
  results.failure = failure_;
  // The last answer has no rows, as in Trino, since some clients ignore rows in it.
  const bool is_last = is_over() && pages_.empty();
  if (!pages_.empty()) {
    auto& page = pages_.front();
    rows_ += page.rows;
    bytes_ += static_cast<std::int64_t>(page.rows_json.size());
    buffered_bytes_ -= static_cast<std::int64_t>(page.rows_json.size());
    results.rows_json = std::move(page.rows_json);
    pages_.pop_front();
  }
  results.stats = StatsAt(now_us);
  ++token_;
  if (is_last) {
    results.update_type = update_type_;
    answer->set_catalog = set_catalog_;
    answer->set_schema = set_schema_;
  } else {
    if (is_over()) results.stats.state = "RUNNING";  // only the last answer says FINISHED
    answer->next_token = token_ + 1;
  }
  last_ = answer;
  return answer;
}

OpenStatement::Polled OpenStatement::Poll(std::int64_t token, std::int64_t now_us,
                                          FetchCallback& done) {
  if (token < token_ || token == 0) return {FetchOutcome::kGone, nullptr};
  if (token > token_ + 1 || (token == token_ + 1 && is_read_to_end())) {
    return {FetchOutcome::kUnknown, nullptr};
  }
  polled_us_ = now_us;
  is_followed_ = true;
  if (token == token_) return {FetchOutcome::kAnswer, last_};
  if (IsReady()) return {FetchOutcome::kAnswer, Advance(now_us)};
  if (waiting_.size() >= kMaxPollsPerStatement) return {FetchOutcome::kBusy, nullptr};
  if (waiting_.empty()) waiting_since_us_ = now_us;
  waiting_.push_back(std::move(done));
  return {FetchOutcome::kAnswer, nullptr};
}

OpenStatement::Delivery OpenStatement::TakeDelivery(std::int64_t now_us) {
  if (waiting_.empty()) return {};
  if (!IsReady() && now_us < waiting_since_us_ + kPollWaitUs) return {};
  polled_us_ = now_us;
  return {Advance(now_us), std::exchange(waiting_, {})};
}

bool OpenStatement::IsDropped(std::int64_t now_us) const {
  if (!waiting_.empty()) return false;
  if (!is_followed_) return now_us >= polled_us_ + kFirstPollUs;
  return now_us >= polled_us_ + (holds_place() ? kAbandonUs : kLingerUs);
}

}  // namespace st::query
