#include "trial/test_file.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "base/toml.h"
#include "event/json_check.h"
#include "event/limits.h"
#include "event/timestamp.h"
#include "log/limits.h"
#include "trial/limits.h"
#include "trial/toml_value.h"

namespace st::trial {
namespace {

using Names = std::vector<std::string>;

// Parses one file and collects its mistakes.
class Parser {
 public:
  Parser(TestFile& file, const toml::table& root) : file_(file), text_(file.text), root_(root) {}

  Status Run() {
    CheckKeys(root_, {"test"});
    const auto* tests = root_.get("test");
    const auto* list = tests == nullptr ? nullptr : tests->as_array();
    if (tests != nullptr && (list == nullptr || !list->is_array_of_tables())) {
      Wrong(*tests, "test: want tables: begin each with [[test]]");
    } else if (list == nullptr || list->empty()) {
      faults_.push_back(fmt::format("{}:1:1: has no test: begin one with [[test]]", file_.path));
    } else if (list->size() > kMaxTestsOfFile) {
      Wrong(*list,
            fmt::format("has {} tests, and a file has at most {}", list->size(), kMaxTestsOfFile));
    } else {
      for (const auto& test : *list) Test(*test.as_table());
    }
    if (faults_.empty()) return {};
    return Fail(ErrorCode::kInvalidArgument, "{}", fmt::join(faults_, "\n"));
  }

 private:
  void Wrong(const toml::node& node, std::string_view why) {
    faults_.push_back(fmt::format("{}: {}", TomlPlace(file_.path, node.source().begin), why));
  }
  void WrongLine(std::size_t line, std::string_view why) {
    faults_.push_back(fmt::format("{}:{}: {}", file_.path, line, why));
  }

  void CheckKeys(const toml::table& table, const Names& known) {
    for (const auto& [key, node] : table) {
      const std::string name(key.str());
      if (std::ranges::find(known, name) != known.end()) continue;
      const auto near = NearestName(name, known);
      faults_.push_back(
          fmt::format("{}: unknown key \"{}\"{}", TomlPlace(file_.path, key.source().begin), name,
                      near ? fmt::format("; did you mean \"{}\"?", *near)
                           : fmt::format("; the keys are {}", fmt::join(known, ", "))));
    }
  }

  // nullptr: there is none, or it is no text.
  const toml::value<std::string>* Text(const toml::table& table, std::string_view key) {
    const auto* node = table.get(key);
    if (node == nullptr) return nullptr;
    if (!node->is_string()) Wrong(*node, fmt::format("{}: want text in quotes", key));
    return node->as_string();
  }
  const toml::table* Table(const toml::table& table, std::string_view key) {
    const auto* node = table.get(key);
    if (node == nullptr) return nullptr;
    if (!node->is_table()) Wrong(*node, fmt::format("{}: want a table", key));
    return node->as_table();
  }

  void Test(const toml::table& table) {
    CheckKeys(table, {"name", "pipelines", "given", "expect", "bad", "sql"});
    TestCase test;
    const auto* name = Text(table, "name");
    if (name == nullptr || name->get().empty()) {
      if (!table.contains("name") || name != nullptr) Wrong(table, "the test has no name");
      return;
    }
    test.name = name->get();
    if (!names_.insert(test.name).second) {
      Wrong(*name, fmt::format("two tests have the name \"{}\"", test.name));
    }
    test.place = fmt::format("{}:{}", file_.path, name->source().begin.line);
    test.behind_name = text_.LineBehind(name->source().end);
    Pipelines(table, test);
    if (const auto* given = Table(table, "given")) Given(*given, test);
    if (const auto* expect = Table(table, "expect")) {
      for (const auto& [key, node] : *expect) {
        Expect(node, {.kind = Expectation::Kind::kTable, .of = std::string(key.str())}, test);
      }
    }
    if (const auto* bad = table.get("bad")) {
      Expect(*bad, {.kind = Expectation::Kind::kBadRows, .of = "bad"}, test);
    }
    if (const auto* sql = table.get("sql")) Statements(*sql, test);
    if (test.expectations.empty()) {
      Wrong(*name, "the test expects nothing: give it expect, bad or sql");
    }
    std::ranges::sort(test.expectations, {}, &Expectation::begin);
    file_.tests.push_back(std::move(test));
  }

  void Pipelines(const toml::table& table, TestCase& test) {
    const auto* node = table.get("pipelines");
    if (node == nullptr) return;
    const auto* list = node->as_array();
    if (list == nullptr || list->empty()) return Wrong(*node, "pipelines: want a list of names");
    for (const auto& one : *list) {
      if (!one.is_string()) return Wrong(one, "pipelines: want names in quotes");
      test.pipelines.push_back(one.as_string()->get());
    }
  }

  void Given(const toml::table& table, TestCase& test) {
    std::vector<std::pair<std::string, const toml::node*>> topics;
    for (const auto& [key, node] : table) topics.emplace_back(key.str(), &node);
    // The log's order is that of the file.
    std::ranges::sort(topics, {}, [&](const auto& topic) {
      return text_.PositionOf(topic.second->source().begin);
    });
    for (const auto& [topic, node] : topics) {
      if (const auto* lines = node->as_string()) {
        for (const auto& line : text_.LinesOf(*lines)) {
          test.given.push_back({.topic = topic, .key = {}, .value = line.text});
        }
      } else if (const auto* list = node->as_array()) {
        for (const auto& record : *list) Record(topic, record, test);
      } else {
        Wrong(*node, fmt::format("given.{}: want the values as a text, a line each, or a list of "
                                 "records",
                                 topic));
      }
    }
    if (test.given.size() > kMaxGivenRecords) {
      Wrong(table, fmt::format("{} records are given, and a test has at most {}", test.given.size(),
                               kMaxGivenRecords));
    }
  }

  void Record(const std::string& topic, const toml::node& node, TestCase& test) {
    GivenRecord record{.topic = topic};
    if (node.is_string()) {
      record.value = node.as_string()->get();
      test.given.push_back(std::move(record));
      return;
    }
    const auto* table = node.as_table();
    if (table == nullptr) {
      return Wrong(node,
                   fmt::format("given.{}: a record is a text, or a table with its value", topic));
    }
    CheckKeys(*table, {"value", "value_base64", "key", "partition", "timestamp", "headers"});
    if (!Value(*table, record)) return;
    if (const auto* key = Text(*table, "key")) record.key = key->get();
    Partition(*table, record);
    Timestamp(*table, record);
    if (const auto* headers = Table(*table, "headers")) {
      for (const auto& [name, value] : *headers) {
        if (!value.is_string()) return Wrong(value, "headers: want texts in quotes");
        record.headers.emplace_back(name.str(), value.as_string()->get());
      }
    }
    test.given.push_back(std::move(record));
  }

  bool Value(const toml::table& table, GivenRecord& record) {
    const auto* value = table.get("value");
    const auto* base64 = Text(table, "value_base64");
    if ((value == nullptr) == !table.contains("value_base64")) {
      Wrong(table, "a record has either value or value_base64");
      return false;
    }
    if (value == nullptr) {
      const auto bytes = base64 == nullptr ? std::nullopt : Base64Decode(base64->get());
      if (base64 != nullptr && !bytes) Wrong(*base64, "value_base64: is no base64");
      record.value = bytes.value_or("");
    } else if (value->is_string()) {
      record.value = value->as_string()->get();
    } else {
      record.value = JsonOf(*value).dump();
    }
    return true;
  }

  void Partition(const toml::table& table, GivenRecord& record) {
    const auto* node = table.get("partition");
    if (node == nullptr) return;
    const auto* number = node->as_integer();
    if (number == nullptr || number->get() < 0 || number->get() >= log::kMaxPartitions) {
      return Wrong(*node, fmt::format("partition: want a whole number from 0 to {}",
                                      log::kMaxPartitions - 1));
    }
    record.partition = static_cast<std::int32_t>(number->get());
  }

  void Timestamp(const toml::table& table, GivenRecord& record) {
    const auto* node = table.get("timestamp");
    if (node == nullptr) return;
    const auto text = node->is_string() || node->is_date_time() ? TextOf(*node) : std::string();
    const auto time_us = event::ParseTimestamp(text);
    if (!time_us) {
      return Wrong(*node, fmt::format("timestamp: want a time such as 2026-11-30T05:40:00Z{}{}",
                                      time_us.error().empty() ? "" : ": ", time_us.error()));
    }
    if (*time_us % 1000 != 0) {
      return Wrong(*node, "timestamp: the time of a record is in milliseconds");
    }
    record.timestamp_ms = *time_us / 1000;
  }

  void Statements(const toml::node& node, TestCase& test) {
    const auto* list = node.as_array();
    if (list == nullptr || list->empty() || !list->is_array_of_tables()) {
      return Wrong(node, "sql: want tables with query and rows: begin each with [[test.sql]]");
    }
    for (const auto& one : *list) {
      const auto& table = *one.as_table();
      CheckKeys(table, {"query", "rows"});
      const auto* query = Text(table, "query");
      const auto* rows = table.get("rows");
      if (query == nullptr || rows == nullptr) {
        Wrong(table, "sql: want query and rows");
        continue;
      }
      Expect(*rows, {.kind = Expectation::Kind::kSelect, .of = query->get()}, test);
    }
  }

  void Expect(const toml::node& node, Expectation expectation, TestCase& test) {
    const auto* rows = node.as_string();
    if (rows == nullptr) {
      return Wrong(node, "want the rows as a text, a line of JSON each");
    }
    expectation.place = fmt::format("{}:{}", file_.path, rows->source().begin.line);
    expectation.begin = text_.PositionOf(rows->source().begin);
    expectation.end = text_.PositionOf(rows->source().end);
    for (const auto& line : text_.LinesOf(*rows)) {
      event::JsonCheck check(event::kMaxRecordDepth);
      const bool is_json = IsUtf8(line.text) && check.Check(line.text);
      if (!is_json || !check.is_object()) {
        WrongLine(line.number, fmt::format("a row is a JSON object such as {{\"player\": \"ada\"}}"
                                           "{}{}",
                                           is_json ? "" : ": ", is_json ? "" : check.Reason()));
        continue;
      }
      expectation.rows.push_back({.row = nlohmann::ordered_json::parse(line.text, nullptr, false),
                                  .text = line.text,
                                  .line = line.number});
    }
    test.expectations.push_back(std::move(expectation));
  }

  TestFile& file_;
  const TomlText text_;
  const toml::table& root_;
  std::set<std::string> names_;
  Names faults_;
};

}  // namespace

Result<TestFile> ParseTestFile(const std::string& path, std::string text) {
  TestFile file{.path = path, .text = std::move(text)};
  ST_TRY(const auto root, ParseToml(file.text, path));
  ST_TRY_STATUS(Parser(file, root).Run());
  return file;
}

}  // namespace st::trial
