#include "jobs/codec.h"

namespace st::jobs {
namespace {

using Json = nlohmann::json;

template <typename T, typename F>
Json ArrayOf(const std::vector<T>& values, F&& f) {
  Json array = Json::array();
  for (const auto& value : values) array.push_back(f(value));
  return array;
}

template <typename F>
void ForEach(const Json& array, F&& f) {
  if (!array.is_array()) return;
  for (const auto& value : array) f(value);
}

std::vector<std::string> StringsFrom(const Json& array) {
  std::vector<std::string> out;
  ForEach(array, [&](const Json& value) {
    if (value.is_string()) out.push_back(value.get<std::string>());
  });
  return out;
}

std::optional<std::string> OptionalString(const Json& json, std::string_view key) {
  const Json& value = ValueAt(json, key);
  if (!value.is_string()) return std::nullopt;
  return value.get<std::string>();
}

Json StatsToJson(const FileStats& stats) {
  Json columns = Json::object();
  for (const auto& [name, column] : stats.columns) {
    Json one = {{"size", column.size_bytes},
                {"values", column.value_count},
                {"nulls", column.null_count},
                {"has_nan", column.has_nan}};
    if (column.min) one["min"] = *column.min;
    if (column.max) one["max"] = *column.max;
    columns[name] = std::move(one);
  }
  return {{"path", stats.path},
          {"rows", stats.rows},
          {"bytes", stats.bytes},
          {"columns", std::move(columns)}};
}

FileStats StatsFrom(const Json& json) {
  FileStats stats;
  stats.path = StringAt(json, "path");
  stats.rows = IntegerAt(json, "rows");
  stats.bytes = IntegerAt(json, "bytes");
  const Json& columns = ValueAt(json, "columns");
  if (!columns.is_object()) return stats;
  for (const auto& [name, one] : columns.items()) {
    stats.columns[name] = {.size_bytes = IntegerAt(one, "size", -1),
                           .value_count = IntegerAt(one, "values", -1),
                           .null_count = IntegerAt(one, "nulls", -1),
                           .min = OptionalString(one, "min"),
                           .max = OptionalString(one, "max"),
                           .has_nan = BoolAt(one, "has_nan")};
  }
  return stats;
}

ErrorCode CodeFrom(const Json& json) {
  const std::int64_t code = IntegerAt(json, "code", -1);
  if (code < 0 || code > static_cast<int>(ErrorCode::kShutdown)) return ErrorCode::kIo;
  return static_cast<ErrorCode>(code);
}

Json DeadToJson(const std::vector<DeadRecord>& dead) {
  return ArrayOf(dead,
                 [](const DeadRecord& d) { return Json::array({d.offset, d.code, d.reason}); });
}

std::vector<DeadRecord> DeadFrom(const Json& json) {
  std::vector<DeadRecord> dead;
  ForEach(json, [&](const Json& d) {
    if (d.is_array() && d.size() == 3 && d[0].is_number_integer() && d[1].is_string() &&
        d[2].is_string()) {
      dead.push_back({.offset = d[0].get<std::int64_t>(),
                      .code = d[1].get<std::string>(),
                      .reason = d[2].get<std::string>()});
    }
  });
  return dead;
}

}  // namespace

const Json& ValueAt(const Json& json, std::string_view key) {
  static const Json none;
  if (!json.is_object()) return none;
  const auto at = json.find(key);
  return at == json.end() ? none : *at;
}

std::string StringAt(const Json& json, std::string_view key) {
  const Json& value = ValueAt(json, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::int64_t IntegerAt(const Json& json, std::string_view key, std::int64_t otherwise) {
  const Json& value = ValueAt(json, key);
  return value.is_number_integer() ? value.get<std::int64_t>() : otherwise;
}

bool BoolAt(const Json& json, std::string_view key, bool otherwise) {
  const Json& value = ValueAt(json, key);
  return value.is_boolean() ? value.get<bool>() : otherwise;
}

Json ToJson(const TransformJob& job) {
  return {{"sql", job.sql},
          {"topic", job.topic},
          {"partition", job.partition},
          {"extents",
           ArrayOf(job.extents,
                   [](const JobExtent& e) { return Json::array({e.file, e.position, e.length}); })},
          {"from_offset", job.from_offset},
          {"to_offset", job.to_offset},
          {"is_json", job.is_json},
          {"require", job.require},
          {"event_rules", job.event_rules},
          {"output_path", job.output_path},
          {"bad_output_path", job.bad_output_path},
          {"pipeline", job.pipeline},
          {"flow", job.flow},
          {"field_ids",
           ArrayOf(job.field_ids, [](const auto& f) { return Json::array({f.first, f.second}); })},
          {"dead", DeadToJson(job.dead)}};
}

Json ToJson(const FailingRecords& failing) {
  return {{"to_offset", failing.to_offset}, {"records", DeadToJson(failing.records)}};
}

FailingRecords FailingRecordsFrom(const Json& json) {
  return {.records = DeadFrom(ValueAt(json, "records")), .to_offset = IntegerAt(json, "to_offset")};
}

TransformJob TransformJobFrom(const Json& json) {
  TransformJob job;
  job.sql = StringAt(json, "sql");
  job.topic = StringAt(json, "topic");
  job.partition = static_cast<std::int32_t>(IntegerAt(json, "partition"));
  ForEach(ValueAt(json, "extents"), [&](const Json& e) {
    if (!e.is_array() || e.size() != 3 || !e[0].is_string() || !e[1].is_number_unsigned() ||
        !e[2].is_number_unsigned()) {
      return;
    }
    job.extents.push_back({.file = e[0].get<std::string>(),
                           .position = e[1].get<std::uint64_t>(),
                           .length = e[2].get<std::uint32_t>()});
  });
  job.from_offset = IntegerAt(json, "from_offset");
  job.to_offset = IntegerAt(json, "to_offset");
  job.is_json = BoolAt(json, "is_json");
  job.require = StringsFrom(ValueAt(json, "require"));
  job.event_rules = StringAt(json, "event_rules");
  job.output_path = StringAt(json, "output_path");
  job.bad_output_path = StringAt(json, "bad_output_path");
  job.pipeline = StringAt(json, "pipeline");
  job.flow = StringAt(json, "flow");
  ForEach(ValueAt(json, "field_ids"), [&](const Json& f) {
    if (f.is_array() && f.size() == 2 && f[0].is_string() && f[1].is_number_integer()) {
      job.field_ids.emplace_back(f[0].get<std::string>(), f[1].get<int>());
    }
  });
  job.dead = DeadFrom(ValueAt(json, "dead"));
  return job;
}

Json ToJson(const TransformResult& result) {
  Json json = {{"records_read", result.records_read}};
  if (result.output) json["output"] = StatsToJson(*result.output);
  if (result.bad_output) json["bad_output"] = StatsToJson(*result.bad_output);
  return json;
}

TransformResult TransformResultFrom(const Json& json) {
  TransformResult result;
  result.records_read = IntegerAt(json, "records_read");
  if (const Json& output = ValueAt(json, "output"); output.is_object()) {
    result.output = StatsFrom(output);
  }
  if (const Json& bad = ValueAt(json, "bad_output"); bad.is_object()) {
    result.bad_output = StatsFrom(bad);
  }
  return result;
}

Json ToJson(const std::vector<ColumnInfo>& columns) {
  return ArrayOf(columns, [](const ColumnInfo& c) { return Json::array({c.name, c.duckdb_type}); });
}

std::vector<ColumnInfo> ColumnInfosFrom(const Json& json) {
  std::vector<ColumnInfo> columns;
  ForEach(json, [&](const Json& c) {
    if (c.is_array() && c.size() == 2 && c[0].is_string() && c[1].is_string()) {
      columns.push_back({c[0].get<std::string>(), c[1].get<std::string>()});
    }
  });
  return columns;
}

Json ToJson(const QueryJob& job) {
  const auto column = [](const QueryTable::Column& c) {
    return Json{{"id", c.id}, {"name", c.name}, {"type", c.type}};
  };
  const auto table = [&](const QueryTable& t) {
    return Json{{"schema", t.schema},
                {"name", t.name},
                {"columns", ArrayOf(t.columns, column)},
                {"files", t.files}};
  };
  return {{"sql", job.sql},
          {"tables", ArrayOf(job.tables, table)},
          {"catalog", job.catalog},
          {"schema", job.schema},
          {"time_zone", job.time_zone},
          {"parametric_datetime", job.parametric_datetime},
          {"max_rows", job.max_rows},
          {"page_rows", job.page_rows},
          {"page_bytes", job.page_bytes},
          {"memory_limit_bytes", job.memory_limit_bytes}};
}

QueryJob QueryJobFrom(const Json& json) {
  QueryJob job;
  job.sql = StringAt(json, "sql");
  ForEach(ValueAt(json, "tables"), [&](const Json& t) {
    QueryTable table{.schema = StringAt(t, "schema"),
                     .name = StringAt(t, "name"),
                     .columns = {},
                     .files = StringsFrom(ValueAt(t, "files"))};
    ForEach(ValueAt(t, "columns"), [&](const Json& c) {
      table.columns.push_back({.id = static_cast<int>(IntegerAt(c, "id")),
                               .name = StringAt(c, "name"),
                               .type = StringAt(c, "type")});
    });
    job.tables.push_back(std::move(table));
  });
  job.catalog = StringAt(json, "catalog");
  job.schema = StringAt(json, "schema");
  job.time_zone = StringAt(json, "time_zone");
  job.parametric_datetime = BoolAt(json, "parametric_datetime", true);
  job.max_rows = IntegerAt(json, "max_rows", job.max_rows);
  job.page_rows = IntegerAt(json, "page_rows", job.page_rows);
  job.page_bytes = IntegerAt(json, "page_bytes", job.page_bytes);
  job.memory_limit_bytes = IntegerAt(json, "memory_limit_bytes", job.memory_limit_bytes);
  return job;
}

Json ToJson(const std::vector<ResultColumn>& columns) {
  return ArrayOf(columns,
                 [](const ResultColumn& c) { return Json::array({c.name, c.type, c.signature}); });
}

std::vector<ResultColumn> ResultColumnsFrom(const Json& json) {
  std::vector<ResultColumn> columns;
  ForEach(json, [&](const Json& c) {
    if (c.is_array() && c.size() == 3 && c[0].is_string() && c[1].is_string() && c[2].is_string()) {
      columns.push_back(
          {c[0].get<std::string>(), c[1].get<std::string>(), c[2].get<std::string>()});
    }
  });
  return columns;
}

Json ToJson(const QueryError& error) {
  return {{"code", static_cast<int>(error.code)},
          {"name", error.name},
          {"message", error.message},
          {"line", error.line},
          {"column", error.column}};
}

QueryError QueryErrorFrom(const Json& json) {
  return {.code = CodeFrom(json),
          .name = StringAt(json, "name"),
          .message = StringAt(json, "message"),
          .line = static_cast<int>(IntegerAt(json, "line")),
          .column = static_cast<int>(IntegerAt(json, "column"))};
}

Json ToJson(const Error& error) {
  return {{"code", static_cast<int>(error.code())}, {"message", error.message()}};
}

Error ErrorFrom(const Json& json) { return Error(CodeFrom(json), StringAt(json, "message")); }

}  // namespace st::jobs
