// A file of tests of pipelines: what they are given, and what they must make of it. Pure.
//
// Limits: kMaxTestsOfFile, kMaxGivenRecords (limits.h); those of base/toml.h.
// Errors: kInvalidArgument with every mistake of the file, a line each, "file:line:column: …".
// Format: docs/testing.md
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.h"

namespace st::trial {

struct GivenRecord {
  std::string topic;
  std::optional<std::string> key;
  std::string value;
  std::int32_t partition = 0;
  std::optional<std::int64_t> timestamp_ms;
  std::vector<std::pair<std::string, std::string>> headers;
};

struct ExpectedRow {
  nlohmann::ordered_json row;  // an object
  std::string text;            // as it is written
  std::size_t line = 0;
};

// Rows that a table, bad.rows or a statement must have.
struct Expectation {
  enum class Kind { kTable, kBadRows, kSelect };
  Kind kind = Kind::kTable;
  std::string of;     // the table's name, or the statement
  std::string place;  // "file:line" of the rows
  std::vector<ExpectedRow> rows;
  // The bytes of the rows in the text of the file, with their quotes.
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct TestCase {
  std::string name;
  std::string place;  // "file:line" of the name
  std::vector<GivenRecord> given;
  std::vector<std::string> pipelines;  // that run; none: by what is expected
  std::vector<Expectation> expectations;
  std::size_t behind_name = 0;  // in the text of the file: where another key can stand
};

struct TestFile {
  std::string path;
  std::string text;
  std::vector<TestCase> tests;
};

Result<TestFile> ParseTestFile(const std::string& path, std::string text);

}  // namespace st::trial
