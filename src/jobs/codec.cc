#include "jobs/codec.h"

#include "jobs/file_codec.h"

namespace st::jobs {
namespace {

using Json = nlohmann::json;

ErrorCode CodeFrom(const Json& json) {
  const std::int64_t code = IntegerAt(json, "code", -1);
  if (code < 0 || code > static_cast<int>(ErrorCode::kShutdown)) return ErrorCode::kIo;
  return static_cast<ErrorCode>(code);
}

}  // namespace

Json ToJson(const QueryJob& job) {
  const auto table = [](const QueryTable& t) {
    return Json{
        {"schema", t.schema}, {"name", t.name}, {"columns", ToJson(t.columns)}, {"files", t.files}};
  };
  return {{"sql", job.sql},
          {"tables", ArrayOf(job.tables, table)},
          {"catalog", job.catalog},
          {"schema", job.schema},
          {"time_zone", job.time_zone},
          {"user", job.user},
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
                     .columns = TableColumnsFrom(ValueAt(t, "columns")),
                     .files = StringsFrom(ValueAt(t, "files"))};
    job.tables.push_back(std::move(table));
  });
  job.catalog = StringAt(json, "catalog");
  job.schema = StringAt(json, "schema");
  job.time_zone = StringAt(json, "time_zone");
  job.user = StringAt(json, "user");
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
