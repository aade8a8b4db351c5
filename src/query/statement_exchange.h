// What a client sends about a statement, and what it gets.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "format/statement/query_results.h"
#include "format/statement/session.h"

namespace st::query {

struct StatementRequest {
  std::string sql;
  statement::Session session;
  std::string address;  // the client's, without the port
};

// Identifies a statement to its client, who asks for its answers by it. The slug cannot be guessed.
struct Ticket {
  std::string id;
  std::string slug;
};

// One answer. `results` lacks the URIs; the next one is of `next_token`, if there is one.
struct Answer {
  statement::QueryResults results;
  std::optional<std::int64_t> next_token;
  std::string set_catalog;  // of USE; "" otherwise
  std::string set_schema;
  statement::Family family = statement::Family::kTrino;
};
using AnswerPtr = std::shared_ptr<const Answer>;

enum class FetchOutcome {
  kAnswer,
  kUnknown,  // no such statement (dropped, perhaps), or a token that was never handed out
  kGone,     // an answer before the last one
  kBusy,     // more than kMaxPollsPerStatement polls wait
};
// `answer` is null unless the outcome is kAnswer.
using FetchCallback = std::function<void(FetchOutcome, AnswerPtr)>;

}  // namespace st::query
