// An event as a project declares it: its route, its reply, its payload, its table. Pure.
//
// Limits: limits.h.
//
// Errors: kInvalidArgument with file:line:column, reason, nearest key.
//
// Format: docs/events.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace st::event {

enum class FieldType { kString, kInt, kLong, kDouble, kBoolean, kTimestamp };
enum class FieldSource {
  kConstant,
  kPath,
  kQuery,
  kBody,  // a member of a JSON object, or a form's
  kHeader,
  kServer,    // source_name: "time", "id" or "peer"
  kProducer,  // the writer of the record: the game, a Kafka client
};

// A least or greatest value; a whole number stays exact.
using Bound = std::variant<std::int64_t, double>;
// Below, at or above zero as `a` is to `b`, exactly. Requires: neither is NaN.
int CompareBounds(const Bound& a, const Bound& b);

struct Field {
  std::string name;
  std::string place;  // "events/a.toml:7:3"
  FieldType type = FieldType::kString;
  FieldSource from = FieldSource::kConstant;
  std::string source_name;  // the parameter's, member's or header's
  bool is_required = false;
  std::optional<std::string> value;  // JSON: the constant, or the default
  // Of a number its value, of text its length in characters.
  std::optional<Bound> min;
  std::optional<Bound> max;
  std::string pattern;              // RE2 over the whole text; "" for any
  std::vector<std::string> one_of;  // JSON; empty for any
  std::string personal;             // class of personal data, or ""
  std::string description;
};

struct Declaration {
  std::string name;
  std::string name_place;  // "events/a.toml:1:8", for errors that name two
  int version = 1;
  std::string description;
  std::string reason;  // why the event is recorded
  std::string topic = "events";
  std::string key;                   // the field that gives the record's key, or ""
  std::vector<std::string> methods;  // "GET", "POST", "PUT", "DELETE"; none: no route
  std::string path;                  // "/guilds/{guild}/join", not percent-encoded
  std::string route_place;
  std::string reply;
  bool with_headers = false;      // headers = "all"
  bool is_text = false;           // payload = "…"
  std::string text;               // payload of a plain-text event
  std::string table;              // of schema default; "" for none
  bool is_without_table = false;  // table = false
  // Of the table, each a text of one field: "day(event_time)", "host DESC". What reads tables
  // checks them against the columns.
  std::vector<std::string> partition_by;
  std::vector<std::string> sort_by;
  std::string partition_place;
  std::string sort_place;
  double weight = 1;          // its share in a generated load
  double rate = 0;            // requests a second of it where the load follows declared rates
  std::vector<Field> fields;  // in declared order

  bool has_route() const { return !methods.empty(); }
  // The constant text of field event_type, or "".
  std::string event_type() const;
  // Where field event_type stands, or else the event's name.
  const std::string& event_type_place() const;
};

// "string", "int", …, as in the file.
const std::vector<std::string>& FieldTypeNames();
const std::string& NameOf(FieldType type);
const std::string& NameOf(FieldSource source);

// One events/*.toml; `file` is its name in errors. Total on hostile input.
Result<Declaration> ParseDeclaration(std::string_view toml, const std::string& file);
// kInvalidArgument: two declarations with one name, one table, or routes that take one path (names
// both places), or CheckIdentities (identity.h).
Status CheckTogether(const std::vector<Declaration>& declarations);

}  // namespace st::event
