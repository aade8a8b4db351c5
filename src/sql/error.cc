#include "sql/error.h"

#include <array>
#include <utility>

namespace st::sql {
namespace {

constexpr std::array<std::pair<std::string_view, ErrorKind>, 16> kPrefixes{{
    {"Parser Error", ErrorKind::kParser},
    {"Syntax Error", ErrorKind::kParser},
    {"Binder Error", ErrorKind::kBinder},
    {"Catalog Error", ErrorKind::kCatalog},
    {"Conversion Error", ErrorKind::kConversion},
    {"Out of Range Error", ErrorKind::kOutOfRange},
    {"Invalid Input Error", ErrorKind::kInvalidInput},
    {"Mismatch Type Error", ErrorKind::kInvalidInput},
    {"Not implemented Error", ErrorKind::kNotImplemented},
    {"Permission Error", ErrorKind::kPermission},
    {"Out of Memory Error", ErrorKind::kOutOfMemory},
    {"INTERRUPT Error", ErrorKind::kInterrupted},
    {"IO Error", ErrorKind::kIo},
    {"FATAL Error", ErrorKind::kInternal},
    {"INTERNAL Error", ErrorKind::kInternal},
    {"TransactionContext Error", ErrorKind::kInternal},
}};

}  // namespace

ErrorKind KindOf(std::string_view message) {
  for (const auto& [prefix, kind] : kPrefixes) {
    if (message.starts_with(prefix)) return kind;
  }
  return ErrorKind::kOther;
}

ErrorKind KindOf(const Error& error) { return KindOf(error.message()); }

Error ErrorFromMessage(std::string_view message) {
  const auto code = [&] {
    switch (KindOf(message)) {
      case ErrorKind::kInterrupted:
        return ErrorCode::kShutdown;
      case ErrorKind::kOutOfMemory:
        return ErrorCode::kUnavailable;
      case ErrorKind::kIo:
      case ErrorKind::kInternal:
        return ErrorCode::kIo;
      case ErrorKind::kParser:
      case ErrorKind::kBinder:
      case ErrorKind::kCatalog:
      case ErrorKind::kConversion:
      case ErrorKind::kOutOfRange:
      case ErrorKind::kInvalidInput:
      case ErrorKind::kNotImplemented:
      case ErrorKind::kPermission:
      case ErrorKind::kOther:
        break;
    }
    return ErrorCode::kInvalidArgument;
  };
  return Error(code(), std::string(message));
}

}  // namespace st::sql
