#include "worker/spark/json_fields.h"

#include <nlohmann/json.hpp>

#include "spark_values/json_path.h"
#include "spark_values/limits.h"
#include "worker/spark/json_path.h"

namespace st::worker::spark {
namespace {

using spark_values::JsonScanner;
using Kind = spark_values::JsonStep::Kind;

// The node of a step, which is made where it is missing.
template <typename Key, typename Nodes>
std::size_t Next(std::vector<std::pair<Key, std::size_t>>& steps, const Key& key, Nodes& nodes) {
  for (const auto& [known, node] : steps) {
    if (known == key) return node;
  }
  steps.emplace_back(key, nodes.size());
  return nodes.size();
}

Result<JsonFields> FieldsOf(std::string_view paths) {
  const auto list = nlohmann::json::parse(paths, nullptr, false);
  if (!list.is_array()) return Fail(ErrorCode::kInvalidArgument, "the paths are no JSON array");
  std::vector<std::string> texts;
  for (const auto& path : list) {
    if (!path.is_string()) return Fail(ErrorCode::kInvalidArgument, "a path is no text");
    texts.push_back(path.get<std::string>());
  }
  return JsonFields::Make(texts);
}

void Write(const std::vector<JsonFields::Match>& matches, const sql::VectorWriter& column,
           std::uint64_t row) {
  const std::uint64_t offset = column.elements();
  column.Reserve(offset + matches.size());
  const sql::VectorWriter elements = column.Elements();
  for (std::size_t i = 0; i < matches.size(); ++i) {
    if (matches[i].is_found) {
      elements.SetBytes(offset + i, matches[i].text);
    } else {
      elements.SetNull(offset + i);
    }
  }
  column.SetList(row, offset, matches.size());
}

Status Evaluate(const sql::Arguments& arguments, sql::ResultWriter& to) {
  if (arguments.rows() == 0) return {};
  const auto texts = arguments.Column(0);
  ST_TRY(auto fields, FieldsOf(arguments.Column(1).StringAt(0)));
  const auto column = to.column();
  for (std::uint64_t row = 0; row < arguments.rows(); ++row) {
    if (texts.IsNull(row) || !fields.Read(texts.StringAt(row))) {
      to.SetNull(row);
    } else {
      Write(fields.matches(), column, row);
    }
  }
  return {};
}

}  // namespace

Result<JsonFields> JsonFields::Make(const std::vector<std::string>& paths) {
  JsonFields made;
  made.nodes_.emplace_back();
  made.matches_.resize(paths.size());
  for (std::size_t path = 0; path < paths.size(); ++path) {
    ST_TRY(const auto steps, spark_values::ParseJsonPath(paths[path]));
    std::size_t node = 0;
    for (const auto& step : steps) {
      if (step.kind != Kind::kName && step.kind != Kind::kIndex) {
        return Fail(ErrorCode::kInvalidArgument, "the path {} has a wildcard", paths[path]);
      }
      const std::size_t next = step.kind == Kind::kName
                                   ? Next(made.nodes_[node].names, step.name, made.nodes_)
                                   : Next(made.nodes_[node].indexes, step.index, made.nodes_);
      if (next == made.nodes_.size()) made.nodes_.emplace_back();
      node = next;
    }
    made.nodes_[node].ends.push_back(path);
  }
  return made;
}

bool JsonFields::Read(std::string_view text) {
  for (auto& match : matches_) match.is_found = false;
  JsonScanner scanner(text, scratch_, spark_values::JsonRules::kFunctions);
  return Value(scanner, 0, 0);
}

bool JsonFields::Value(JsonScanner& scanner, std::size_t node, int depth) {
  if (depth > spark_values::kMaxJsonDepth) return false;
  const Node& expected = nodes_[node];
  const bool is_last = expected.names.empty() && expected.indexes.empty();
  if (is_last && expected.ends.size() == 1) {
    Match& match = matches_[expected.ends[0]];
    if (match.is_found) return scanner.Skip();
    match.is_found = true;
    match.text.clear();
    return AppendMatch(scanner, match.text);
  }
  if (!End(scanner, node)) return false;
  const char next = scanner.Next();
  if (next == '{' && !expected.names.empty()) return Object(scanner, node, depth);
  if (next == '[' && !expected.indexes.empty()) return Array(scanner, node, depth);
  return scanner.Skip();
}

// Reads the value on a copy of the scanner, since other paths may go on inside it.
bool JsonFields::End(const JsonScanner& scanner, std::size_t node) {
  for (const std::size_t path : nodes_[node].ends) {
    Match& match = matches_[path];
    if (match.is_found) continue;
    JsonScanner ahead = scanner;
    match.text.clear();
    if (!AppendMatch(ahead, match.text)) return false;
    match.is_found = true;
  }
  return true;
}

// A member that is null leads nowhere, so that a later one of that name may.
bool JsonFields::Object(JsonScanner& scanner, std::size_t node, int depth) {
  scanner.Take('{');
  if (scanner.Take('}')) return true;
  do {
    std::string_view name;
    if (!scanner.Text(name)) return false;
    std::size_t child = 0;
    for (const auto& [known, next] : nodes_[node].names) {
      if (known == name) child = next;
    }
    if (!scanner.Take(':')) return false;
    const bool is_ours = child != 0 && scanner.Next() != 'n';
    if (is_ours ? !Value(scanner, child, depth + 1) : !scanner.Skip()) return false;
  } while (scanner.Take(','));
  return scanner.Take('}');
}

bool JsonFields::Array(JsonScanner& scanner, std::size_t node, int depth) {
  scanner.Take('[');
  if (scanner.Take(']')) return true;
  std::int64_t place = 0;
  do {
    std::size_t child = 0;
    for (const auto& [index, next] : nodes_[node].indexes) {
      if (index == place) child = next;
    }
    if (child != 0 ? !Value(scanner, child, depth + 1) : !scanner.Skip()) return false;
    ++place;
  } while (scanner.Take(','));
  return scanner.Take(']');
}

sql::ScalarFunction JsonFieldsFunction() {
  return {
      .name = "spark_json_fields",
      .parameters = {sql::TypeId::kVarchar, sql::TypeId::kVarchar},
      .nested_result =
          {.id = sql::TypeId::kList,
           .alias = {},
           .children = {{.id = sql::TypeId::kVarchar, .alias = {}, .children = {}, .names = {}}},
           .names = {}},
      .evaluate = Evaluate};
}

}  // namespace st::worker::spark
