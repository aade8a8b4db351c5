// Reads a field's value from text or JSON and checks it against the declaration. Pure.
//
// Every declared value is checked here: of a request, of a Kafka client's record that fills a
// table, and the default in the declaration itself.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/declaration.h"

namespace re2 {
class RE2;
}

namespace st::event {

// A value that a field takes.
struct Value {
  std::string json;          // as a request's record has it: as Python writes it
  std::string text;          // string; timestamp: as it was sent
  std::int64_t integer = 0;  // int, long; boolean: 0 or 1; timestamp: microseconds since the epoch
  double number = 0;         // double
};

// Reads values of one field.
//
// Threads: safe from any thread once it is made.
// Errors:  the allowed values, and the reason of the refusal where they do not make it clear.
class FieldReader {
 public:
  explicit FieldReader(Field field);

  const Field& field() const { return field_; }
  // Requires: `json` is well-formed JSON (json_check.h) without space around it. null is no value.
  std::expected<Value, std::string> ReadJson(std::string_view json) const;
  // Of a path, query, form or header.
  std::expected<Value, std::string> ReadText(std::string_view text) const;

 private:
  std::expected<Value, std::string> Checked(std::expected<Value, std::string> value) const;
  bool IsAllowed(const Value& value) const;
  bool IsSame(const Value& a, const Value& b) const;

  Field field_;
  std::shared_ptr<const re2::RE2> pattern_;  // or null
  std::vector<Value> one_of_;
};

// The allowed values in words: "an int from 1 to 10".
std::string Allowed(const Field& field);
// Why a text is no JSON of a value of the field, or nullopt where it is.
std::optional<std::string> FaultOf(const Field& field, std::string_view json);

}  // namespace st::event
