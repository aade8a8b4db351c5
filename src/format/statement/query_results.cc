#include "format/statement/query_results.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "format/statement/error_kind.h"
#include "format/statement/slices.h"

namespace st::statement {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMaxDepth = 200;

// Replaces invalid UTF-8, since text from a statement or a file may contain it.
std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, nlohmann::detail::error_handler_t::replace);
}

std::int64_t Integer(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

std::string Text(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// The member with this key, or null.
const Json& Member(const Json& json, const char* key) {
  static const Json null_value;
  const auto found = json.find(key);
  return found == json.end() ? null_value : *found;
}

// Older clients of Presto read typeArguments and literalArguments beside `arguments`, and expect
// other names of the kinds.
Json PrestoSignature(const Json& trino) {
  Json out{{"rawType", Text(trino, "rawType")},
           {"typeArguments", Json::array()},
           {"literalArguments", Json::array()},
           {"arguments", Json::array()}};
  for (const auto& argument : Member(trino, "arguments")) {
    const std::string kind = Text(argument, "kind");
    const Json& value = Member(argument, "value");
    if (kind == "TYPE") {
      out["typeArguments"].push_back(PrestoSignature(value));
      out["arguments"].push_back({{"kind", "TYPE_SIGNATURE"}, {"value", PrestoSignature(value)}});
    } else if (kind == "NAMED_TYPE") {
      const Json inner = PrestoSignature(Member(value, "typeSignature"));
      const std::string name = Text(Member(value, "fieldName"), "name");
      out["typeArguments"].push_back(inner);
      out["literalArguments"].push_back(name);
      out["arguments"].push_back(
          {{"kind", "NAMED_TYPE_SIGNATURE"},
           {"value",
            {{"fieldName", {{"name", name}, {"delimited", false}}}, {"typeSignature", inner}}}});
    } else {
      out["arguments"].push_back({{"kind", "LONG_LITERAL"}, {"value", value}});
    }
  }
  return out;
}

Json Signature(const Column& column, Family family) {
  auto signature = Json::parse(column.signature, nullptr, false);
  if (!signature.is_object()) {
    const Json unbounded = {{"kind", "LONG"}, {"value", 2147483647}};
    signature = Json{{"rawType", column.type}, {"arguments", Json::array()}};
    if (column.type == "varchar") signature["arguments"].push_back(unbounded);
  }
  return family == Family::kTrino ? signature : PrestoSignature(signature);
}

std::string ColumnsJson(const std::vector<Column>& columns, Family family) {
  Json out = Json::array();
  for (const auto& column : columns) {
    // Presto has a type uuid too, but its clients decode such values as base64.
    const bool is_text = family == Family::kPresto && column.type == "uuid";
    const Column& sent = is_text ? Column{column.name, "varchar", ""} : column;
    out.push_back(
        {{"name", sent.name}, {"type", sent.type}, {"typeSignature", Signature(sent, family)}});
  }
  return Dump(out);
}

std::string StatsJson(const Stats& stats) {
  const bool is_running = stats.state == "RUNNING";
  const bool is_finished = stats.state == "FINISHED";
  const int started = is_running || is_finished ? 1 : 0;
  return Dump({{"state", stats.state},
               {"queued", stats.state == "QUEUED"},
               {"scheduled", started == 1},
               {"nodes", started},
               {"totalSplits", started},
               {"queuedSplits", 0},
               {"runningSplits", is_running ? 1 : 0},
               {"completedSplits", is_finished ? 1 : 0},
               {"planningTimeMillis", 0},
               {"analysisTimeMillis", 0},
               {"cpuTimeMillis", 0},
               {"wallTimeMillis", 0},
               {"queuedTimeMillis", stats.queued_ms},
               {"elapsedTimeMillis", stats.elapsed_ms},
               {"finishingTimeMillis", 0},
               {"physicalInputTimeMillis", 0},
               {"processedRows", stats.rows},
               {"processedBytes", stats.bytes},
               {"physicalInputBytes", 0},
               {"physicalWrittenBytes", 0},
               {"internalNetworkInputBytes", 0},
               {"peakMemoryBytes", 0},
               {"spilledBytes", 0}});
}

std::string FailureJson(const Failure& failure) {
  const ErrorKind kind = KindOf(failure.name);
  Json out{{"message", failure.message},
           {"errorCode", kind.code},
           {"errorName", failure.name},
           {"errorType", kind.type}};
  Json info{{"type", "io.trino.spi.TrinoException"},
            {"message", failure.message},
            {"suppressed", Json::array()},
            {"stack", Json::array()},
            {"errorInfo", {{"code", kind.code}, {"name", failure.name}, {"type", kind.type}}}};
  if (failure.location) {
    const Json location{{"lineNumber", failure.location->line},
                        {"columnNumber", failure.location->column}};
    out["errorLocation"] = location;
    info["errorLocation"] = location;
  }
  out["failureInfo"] = std::move(info);
  return Dump(out);
}

Failure FailureFrom(const Json& json) {
  Failure failure{
      .name = Text(json, "errorName"), .message = Text(json, "message"), .location = {}};
  if (const auto at = json.find("errorLocation"); at != json.end() && at->is_object()) {
    failure.location = Location{.line = static_cast<int>(Integer(*at, "lineNumber")),
                                .column = static_cast<int>(Integer(*at, "columnNumber"))};
  }
  return failure;
}

std::vector<Column> ColumnsFrom(const Json& json) {
  std::vector<Column> columns;
  for (const auto& column : json) {
    if (!column.is_object()) continue;
    const auto signature = column.find("typeSignature");
    columns.push_back({Text(column, "name"), Text(column, "type"),
                       signature == column.end() ? std::string() : Dump(*signature)});
  }
  return columns;
}

// How deep brackets outside strings are nested.
int Depth(std::string_view json) {
  int depth = 0;
  int deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string && c == '\\') ++i;
    if (c == '"') in_string = !in_string;
    if (in_string) continue;
    if (c == '[' || c == '{') deepest = std::max(deepest, ++depth);
    if (c == ']' || c == '}') --depth;
  }
  return deepest;
}

// Reads a member. The JSON of `data` is kept as it is.
void TakeMember(const std::string& key, std::string_view value, QueryResults& results) {
  if (key == "data") {
    if (value != "null") results.rows_json = value;
    return;
  }
  const auto json = Json::parse(value, nullptr, false);
  if (json.is_string()) {
    const auto& text = json.get_ref<const std::string&>();
    if (key == "id") results.id = text;
    if (key == "infoUri") results.info_uri = text;
    if (key == "nextUri") results.next_uri = text;
    if (key == "updateType") results.update_type = text;
  }
  if (key == "columns" && json.is_array()) results.columns = ColumnsFrom(json);
  if (key == "error" && json.is_object()) results.failure = FailureFrom(json);
  if (key == "stats" && json.is_object()) {
    results.stats.state = Text(json, "state");
    results.stats.queued_ms = Integer(json, "queuedTimeMillis");
    results.stats.elapsed_ms = Integer(json, "elapsedTimeMillis");
    results.stats.rows = Integer(json, "processedRows");
    results.stats.bytes = Integer(json, "processedBytes");
  }
}

}  // namespace

std::string ToJson(const QueryResults& results, Family family) {
  std::string out = R"({"id":)" + Dump(results.id) + R"(,"infoUri":)" + Dump(results.info_uri);
  if (!results.next_uri.empty()) out += R"(,"nextUri":)" + Dump(results.next_uri);
  if (!results.columns.empty()) {
    out += R"(,"columns":)" + ColumnsJson(results.columns, family);
    if (!results.rows_json.empty()) out += R"(,"data":)" + results.rows_json;
  }
  out += R"(,"stats":)" + StatsJson(results.stats);
  if (results.failure) out += R"(,"error":)" + FailureJson(*results.failure);
  out += R"(,"warnings":[])";
  if (!results.update_type.empty()) out += R"(,"updateType":)" + Dump(results.update_type);
  return out + "}";
}

Result<QueryResults> Parse(std::string_view json) {
  if (Depth(json) > kMaxDepth) {
    return Fail(ErrorCode::kInvalidArgument, "the answer is nested more than {} deep", kMaxDepth);
  }
  if (!Json::accept(json)) return Fail(ErrorCode::kInvalidArgument, "the answer is not JSON");
  QueryResults results;
  if (!TakeChar(json, '{')) {
    return Fail(ErrorCode::kInvalidArgument, "the answer is not a JSON object");
  }
  while (!TakeChar(json, '}')) {
    const std::string key = Json::parse(TakeValue(json)).get<std::string>();
    TakeChar(json, ':');
    TakeMember(key, TakeValue(json), results);
    TakeChar(json, ',');
  }
  if (results.id.empty()) {
    return Fail(ErrorCode::kInvalidArgument, "the answer has no statement id");
  }
  return results;
}

Result<std::vector<Row>> SplitRows(std::string_view rows_json) {
  const auto malformed = [] {
    return Fail(ErrorCode::kInvalidArgument, "data is not an array of rows");
  };
  std::vector<Row> rows;
  if (!TakeChar(rows_json, '[')) return malformed();
  while (!TakeChar(rows_json, ']')) {
    if (!TakeChar(rows_json, '[')) return malformed();
    Row& row = rows.emplace_back();
    while (!TakeChar(rows_json, ']')) {
      row.push_back(TakeValue(rows_json));
      if (row.back().empty()) return malformed();
      TakeChar(rows_json, ',');
    }
    TakeChar(rows_json, ',');
  }
  return rows;
}

}  // namespace st::statement
