#include "format/statement/session.h"

#include "base/percent.h"
#include "base/text.h"

namespace st::statement {
namespace {

// Values are decoded as in forms, except that a malformed escape stays as it is.
constexpr PercentRules kHeaderRules = {.keeps_bad_escapes = true, .plus_is_space = true};

void TakeProperties(std::string_view list, std::map<std::string, std::string>& properties) {
  for (const auto item : Split(list, ',')) {
    const auto equals = item.find('=');
    if (equals == std::string_view::npos) continue;
    properties[std::string(Trim(item.substr(0, equals)))] =
        *PercentDecode(Trim(item.substr(equals + 1)), kHeaderRules);
  }
}

void Take(std::string_view name, std::string_view value, Session& session) {
  if (name == "user") session.user = value;
  if (name == "source") session.source = value;
  if (name == "catalog") session.catalog = value;
  if (name == "schema") session.schema = value;
  if (name == "time-zone") session.time_zone = value;
  if (name == "session") TakeProperties(value, session.properties);
  if (name == "client-capabilities") {
    for (const auto capability : Split(value, ',')) {
      if (EqualsIgnoreCase(Trim(capability), "PARAMETRIC_DATETIME")) {
        session.parametric_datetime = true;
      }
    }
  }
}

}  // namespace

Session ParseSession(const Headers& headers) {
  Session trino{.family = Family::kTrino};
  Session presto{.family = Family::kPresto};
  bool is_presto = false;
  bool is_trino = false;
  for (const auto& [name, value] : headers) {
    const std::string lower = AsciiLower(name);
    const std::string_view key = lower;
    if (key.starts_with("x-trino-")) {
      is_trino = true;
      Take(key.substr(8), Trim(value), trino);
    } else if (key.starts_with("x-presto-")) {
      is_presto = true;
      Take(key.substr(9), Trim(value), presto);
    }
  }
  if (!is_presto || !trino.user.empty()) return trino;
  return is_trino && presto.user.empty() ? trino : presto;
}

}  // namespace st::statement
