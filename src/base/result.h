// The vocabulary of outcomes: Error, Result<T>, Status, ST_TRY, Ignore.
//
// Three kinds of trouble: an expected outcome is in the value; an operating error is a Result;
// a bug is ST_CHECK (base/check.h).
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace st {

// The code tells a caller how to react; a new code is added only for another reaction.
enum class ErrorCode {
  kInvalidArgument,  // do not retry: the request is wrong
  kNotFound,         // do not retry: it is not there
  kAlreadyExists,    // do not retry: it is there already
  kUnsupported,      // do not retry: not offered
  kUnavailable,      // nothing happened: retry later
  kDeadline,         // nothing happened within the time: retry later
  kConflict,         // nothing happened: read again, then retry
  kOutcomeUnknown,   // may have happened: read before retrying (I6)
  kCorruption,       // stop: bytes differ from those that were written
  kIo,               // stop: the operating system failed us
  kShutdown,         // stop: we are closing
};

std::string_view ErrorCodeName(ErrorCode code);

// Which of the errors with one code it is, where a caller tells them apart: an adapter answers each
// with another code of its protocol. Callers look at it, never at the words of a message. Most
// errors need none. It does not cross from a worker to the main process.
enum class ErrorDetail : std::uint8_t {
  kNone,
  kBatchTooLarge,       // a record batch: smaller ones would be taken
  kForbiddenBatch,      // a record batch that is sound, of a kind that no client may write
  kSequenceOutOfOrder,  // a record batch that is not its producer's next one (KIP-98)
  kStaleProducerEpoch,  // a record batch of a producer that a later epoch replaced (KIP-98)
  kPartitionCount,      // a topic: the number of its partitions, not its name
  kWrongKindOfFile,     // a path: something else has the name of the file, folder or socket
};

// An operating error: a code and perhaps a detail to act on, and a message that names the failure,
// the object, the numbers and, where a user reads it, the remedy.
class Error {
 public:
  Error(ErrorCode code, std::string message)
      : Error(code, ErrorDetail::kNone, std::move(message)) {}
  Error(ErrorCode code, ErrorDetail detail, std::string message)
      : code_(code), detail_(detail), message_(std::move(message)) {}
  ErrorCode code() const { return code_; }
  ErrorDetail detail() const { return detail_; }
  const std::string& message() const { return message_; }
  // "corruption: segment …"
  std::string ToString() const;
  // The same error with `context: ` before its message.
  Error WithContext(std::string_view context) const;

 private:
  ErrorCode code_;
  ErrorDetail detail_;
  std::string message_;
};
static_assert(sizeof(Error) == sizeof(std::string) + 8, "a Result<T> stays small");

template <typename T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

template <typename... Args>
std::unexpected<Error> Fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(Error(code, fmt::format(format, std::forward<Args>(args)...)));
}
template <typename... Args>
std::unexpected<Error> Fail(ErrorCode code, ErrorDetail detail, fmt::format_string<Args...> format,
                            Args&&... args) {
  return std::unexpected(Error(code, detail, fmt::format(format, std::forward<Args>(args)...)));
}

// The one way to drop a result; `why` is for the reader.
template <typename T>
void Ignore(const Result<T>& result, std::string_view why) {
  static_cast<void>(result);
  static_cast<void>(why);
}

}  // namespace st

#define ST_CONCAT_INNER(a, b) a##b
#define ST_CONCAT(a, b) ST_CONCAT_INNER(a, b)
#define ST_TRY_BIND(tmp, decl, expr)                         \
  auto tmp = (expr);                                         \
  if (!tmp.has_value()) return std::unexpected(tmp.error()); \
  decl = std::move(*tmp)
// ST_TRY(auto x, F()): binds the value of F() to x, or returns F()'s error from this function.
#define ST_TRY(decl, expr) ST_TRY_BIND(ST_CONCAT(st_try_, __LINE__), decl, expr)
// ST_TRY_STATUS(F()): the same for a Status.
#define ST_TRY_STATUS(expr)                                                  \
  do {                                                                       \
    auto st_status_ = (expr);                                                \
    if (!st_status_.has_value()) return std::unexpected(st_status_.error()); \
  } while (false)
