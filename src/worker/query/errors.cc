#include "worker/query/errors.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "jobs/damaged_file.h"
#include "sql/error.h"
#include "worker/query/limits.h"
#include "worker/query/trino_messages.h"

namespace st::worker::query {
namespace {

using nlohmann::json;
using sql::ErrorKind;

struct DuckError {
  ErrorKind kind = ErrorKind::kOther;
  std::string message;  // its first line
  std::string name;     // the name that was not found
  std::string type;     // "Table", "Scalar Function" …
  std::string subtype;
  std::string nearest;
  std::optional<std::size_t> position;
};

std::string StringAt(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string FirstLine(std::string_view message) {
  message = message.substr(0, message.find('\n'));
  if (message.size() <= kMaxMessageBytes) return std::string(message);
  std::size_t end = kMaxMessageBytes;
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0U) == 0x80U) --end;
  return std::string(message.substr(0, end)) + "…";
}

DuckError Read(const Error& error) {
  DuckError out{.kind = sql::KindOf(error), .message = error.message()};
  const std::size_t brace = out.message.find('{');
  const json parsed =
      brace == std::string::npos ? json() : json::parse(out.message.substr(brace), nullptr, false);
  if (parsed.is_object() && parsed.contains("exception_message")) {
    out.message = StringAt(parsed, "exception_message");
    out.name = StringAt(parsed, "name");
    out.type = StringAt(parsed, "type");
    out.subtype = StringAt(parsed, "error_subtype");
    out.nearest = std::string(Split(StringAt(parsed, "candidates"), ',').front());
    const auto position = ParseInt64(StringAt(parsed, "position"));
    if (position && *position >= 0) out.position = static_cast<std::size_t>(*position);
    if (out.kind == ErrorKind::kOther) {
      const std::string type = StringAt(parsed, "exception_type");
      out.kind = sql::KindOf(type == "INTERRUPT" ? "INTERRUPT Error" : type + " Error");
    }
  } else if (const std::size_t colon = out.message.find(" Error: "); colon < 40) {
    out.message = out.message.substr(colon + 8);
  }
  out.message = FirstLine(out.message);
  return out;
}

// Parts of messages that tell the errors of DuckDB's binder apart.
struct Known {
  std::string_view part;
  std::string_view name;
};
constexpr auto kBinder = std::to_array<Known>({
    {"does not have a column named", "COLUMN_NOT_FOUND"},
    {"Referenced column", "COLUMN_NOT_FOUND"},
    {"Referenced table", "COLUMN_NOT_FOUND"},
    {"Ambiguous reference", "AMBIGUOUS_NAME"},
    {"must appear in the GROUP BY", "EXPRESSION_NOT_AGGREGATE"},
    {"cannot be nested", "NESTED_AGGREGATION"},
    {"cannot contain aggregates", "EXPRESSION_NOT_SCALAR"},
    {"cannot contain window functions", "EXPRESSION_NOT_SCALAR"},
    {"ORDER term out of range", "INVALID_COLUMN_REFERENCE"},
    {"GROUP BY term out of range", "INVALID_COLUMN_REFERENCE"},
    {"LIMIT", "INVALID_LIMIT_CLAUSE"},
    {"the function call \"", "TYPE_MISMATCH"},
    {"given name and argument types", "FUNCTION_NOT_FOUND"},
    {"Duplicate alias", "DUPLICATE_COLUMN_NAME"},
    {"Duplicate CTE", "DUPLICATE_NAMED_QUERY"},
    {"not implemented", "NOT_SUPPORTED"},
    {"not supported", "NOT_SUPPORTED"},
    {"JSON path error", "INVALID_FUNCTION_ARGUMENT"},
});

std::string NameOf(const DuckError& error) {
  switch (error.kind) {
    case ErrorKind::kParser:
      return "SYNTAX_ERROR";
    case ErrorKind::kBinder: {
      const auto* const known = std::ranges::find_if(
          kBinder, [&](const Known& row) { return error.message.contains(row.part); });
      if (error.message.contains("argument types '") && !error.message.contains("types '__") &&
          std::string_view("+-*/%|&<>=!~^")
              .contains(error.message[error.message.find("argument types '") + 16])) {
        return "TYPE_MISMATCH";
      }
      return known != kBinder.end() ? std::string(known->name) : "TYPE_MISMATCH";
    }
    case ErrorKind::kCatalog:
      if (error.type == "Type" || error.message.starts_with("Type ")) return "TYPE_NOT_FOUND";
      return error.message.contains("Function") ? "FUNCTION_NOT_FOUND" : "TABLE_NOT_FOUND";
    case ErrorKind::kConversion:
      return "INVALID_CAST_ARGUMENT";
    case ErrorKind::kOutOfRange:
      return "NUMERIC_VALUE_OUT_OF_RANGE";
    case ErrorKind::kInvalidInput:
      if (error.message.contains("Division by zero")) return "DIVISION_BY_ZERO";
      if (error.message.contains("More than one row")) return "SUBQUERY_MULTIPLE_ROWS";
      return "INVALID_FUNCTION_ARGUMENT";
    case ErrorKind::kNotImplemented:
      return "NOT_SUPPORTED";
    case ErrorKind::kPermission:
      return "PERMISSION_DENIED";
    case ErrorKind::kOutOfMemory:
      return "EXCEEDED_LOCAL_MEMORY_LIMIT";
    case ErrorKind::kInterrupted:
      return "USER_CANCELED";
    case ErrorKind::kIo:
    case ErrorKind::kInternal:
      return "GENERIC_INTERNAL_ERROR";
    case ErrorKind::kOther:
      return "GENERIC_USER_ERROR";
  }
  return "GENERIC_INTERNAL_ERROR";
}

// True if DuckDB's place is in the statement. It may also be in the text of a macro.
bool IsMeant(const DuckError& error, std::string_view word) {
  const std::size_t types = error.message.find("argument types '");
  if (types == std::string::npos) return error.name.empty() || !word.empty();
  const std::string_view call = std::string_view(error.message).substr(types + 16);
  return AsciiLower(call).starts_with(AsciiLower(word)) ||
         (!word.empty() && std::string_view("+-*/%|&<>=!~^").contains(word[0]));
}

std::string MessageOf(const DuckError& error, std::string_view name, std::string_view word) {
  if (name == "GENERIC_INTERNAL_ERROR") {
    return error.kind == ErrorKind::kIo ? "a file of the tables could not be read"
                                        : "the SQL engine failed at this statement";
  }
  if (name == "EXCEEDED_LOCAL_MEMORY_LIMIT") {
    return "Query exceeded its memory limit; ask for fewer columns or groups, or sort less";
  }
  if (name == "PERMISSION_DENIED") return "statements read the tables and nothing else";
  if (name == "USER_CANCELED") return "Query was canceled";
  if (name == "COLUMN_NOT_FOUND" && !word.empty()) {
    const bool has_names = !error.name.empty() && !error.nearest.empty();
    const auto near = has_names ? NearestName(error.name, std::array<std::string, 1>{error.nearest})
                                : std::nullopt;
    return fmt::format("Column '{}' cannot be resolved{}", AsciiLower(word),
                       near ? fmt::format("; did you mean {}?", *near) : "");
  }
  if (name == "DIVISION_BY_ZERO") return "Division by zero";
  const std::size_t hint = error.message.find(". You might need");
  return InOurWords(std::string_view(error.message).substr(0, hint));
}

}  // namespace

jobs::QueryError QueryErrorFrom(const Error& error, const DuckText& text) {
  const DuckError duck = Read(error);
  std::string name = NameOf(duck);
  const bool has_place = duck.position && *duck.position < text.text().size();
  const std::string_view word = has_place ? text.WordAt(*duck.position) : std::string_view();
  std::string message =
      MessageOf(duck, name, has_place ? text.NameAt(*duck.position) : std::string());
  // The message names a function inside one of our macros, which the client does not know.
  if (duck.message.contains("argument types '") && !(has_place && IsMeant(duck, word))) {
    message = message.substr(0, message.find(" for function "));
  }
  const bool is_ours = name == "GENERIC_INTERNAL_ERROR" || name == "EXCEEDED_LOCAL_MEMORY_LIMIT";
  auto out = has_place && !is_ours && IsMeant(duck, word)
                 ? FailAt(std::move(name), text.PlaceAt(*duck.position), message)
                 : FailWith(std::move(name), std::move(message));
  out.code = error.code();
  if (out.name == "NOT_SUPPORTED") out.code = ErrorCode::kUnsupported;
  return out;
}

std::optional<jobs::QueryError> UnreadableFile(const Error& error,
                                               const std::vector<jobs::QueryTable>& tables) {
  for (const auto& table : tables) {
    const auto file = std::ranges::find_if(
        table.files, [&](const std::string& path) { return error.message().contains(path); });
    if (file == table.files.end()) continue;
    auto out = FailWith("GENERIC_INTERNAL_ERROR",
                        jobs::DamagedFileMessage(table.schema, table.name, *file));
    out.code = ErrorCode::kCorruption;
    out.damaged_file = *file;
    return out;
  }
  return std::nullopt;
}

jobs::QueryError QueryErrorFromStop(const Error& stop) {
  jobs::QueryError out{.code = stop.code()};
  const bool is_late = stop.code() == ErrorCode::kDeadline;
  out.name = is_late ? "EXCEEDED_TIME_LIMIT" : "USER_CANCELED";
  out.message = is_late ? "Query exceeded the time limit of statements" : "Query was canceled";
  return out;
}

}  // namespace st::worker::query
