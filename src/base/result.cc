#include "base/result.h"

namespace st {

std::string_view ErrorCodeName(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "invalid argument";
    case ErrorCode::kNotFound:
      return "not found";
    case ErrorCode::kAlreadyExists:
      return "already exists";
    case ErrorCode::kUnsupported:
      return "unsupported";
    case ErrorCode::kUnavailable:
      return "unavailable";
    case ErrorCode::kDeadline:
      return "deadline exceeded";
    case ErrorCode::kConflict:
      return "conflict";
    case ErrorCode::kOutcomeUnknown:
      return "outcome unknown";
    case ErrorCode::kCorruption:
      return "corruption";
    case ErrorCode::kIo:
      return "i/o error";
    case ErrorCode::kShutdown:
      return "shutting down";
  }
  return "unknown";
}

std::string Error::ToString() const {
  return fmt::format("{}: {}", ErrorCodeName(code_), message_);
}

Error Error::WithContext(std::string_view context) const {
  return Error(code_, detail_, fmt::format("{}: {}", context, message_));
}

}  // namespace st
