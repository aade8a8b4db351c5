#include "jobs/codec.h"

#include "jobs/file_codec.h"
#include "jobs/limits.h"

namespace st::jobs {
namespace {

using Json = nlohmann::json;

ErrorCode CodeFrom(const Json& json) {
  const std::int64_t code = IntegerAt(json, "code", -1);
  if (code < 0 || code > static_cast<int>(ErrorCode::kShutdown)) return ErrorCode::kIo;
  return static_cast<ErrorCode>(code);
}

constexpr std::int64_t kLastOp = static_cast<std::int64_t>(RowFilter::Op::kIsNotNull);

Json FilterJson(const RowFilter& filter) {
  return {{"op", static_cast<int>(filter.op)},
          {"column", filter.column_id},
          {"value", filter.value},
          {"children", ArrayOf(filter.children, FilterJson)}};
}

// Anything that is no filter becomes one that excludes nothing.
RowFilter FilterFrom(const Json& json, int depth) {
  RowFilter filter;
  const auto op = IntegerAt(json, "op");
  if (op < 0 || op > kLastOp || depth > kMaxFilterDepth) return filter;
  filter.op = static_cast<RowFilter::Op>(op);
  filter.column_id = static_cast<int>(IntegerAt(json, "column"));
  filter.value = StringAt(json, "value");
  ForEach(ValueAt(json, "children"),
          [&](const Json& child) { filter.children.push_back(FilterFrom(child, depth + 1)); });
  return filter;
}

}  // namespace

Json ToJson(const QueryJob& job) {
  const auto table = [](const QueryTable& t) {
    return Json{{"schema", t.schema},
                {"name", t.name},
                {"columns", ToJson(t.columns)},
                {"files", t.files},
                {"damage", t.damage},

                {"asks_for_files", t.asks_for_files},
                {"rows", t.rows}};
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
                     .files = StringsFrom(ValueAt(t, "files")),
                     .damage = StringAt(t, "damage"),
                     .asks_for_files = BoolAt(t, "asks_for_files"),
                     .rows = IntegerAt(t, "rows", -1)};
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

Json ToJson(const std::vector<TableUse>& uses) {
  return ArrayOf(uses, [](const TableUse& use) {
    return Json{{"table", use.table}, {"filter", FilterJson(use.filter)}};
  });
}

std::vector<TableUse> TableUsesFrom(const Json& json) {
  std::vector<TableUse> uses;
  ForEach(json, [&](const Json& use) {
    uses.push_back({.table = static_cast<std::size_t>(IntegerAt(use, "table")),
                    .filter = FilterFrom(ValueAt(use, "filter"), 0)});
  });
  return uses;
}

std::vector<std::vector<std::string>> FilesFrom(const Json& json) {
  std::vector<std::vector<std::string>> files;
  ForEach(json, [&](const Json& list) { files.push_back(StringsFrom(list)); });
  return files;
}

Json ToJson(const QueryError& error) {
  return {{"code", static_cast<int>(error.code)},
          {"name", error.name},
          {"message", error.message},
          {"line", error.line},
          {"column", error.column},
          {"damaged_file", error.damaged_file}};
}

QueryError QueryErrorFrom(const Json& json) {
  return {.code = CodeFrom(json),
          .name = StringAt(json, "name"),
          .message = StringAt(json, "message"),
          .line = static_cast<int>(IntegerAt(json, "line")),
          .column = static_cast<int>(IntegerAt(json, "column")),
          .damaged_file = StringAt(json, "damaged_file")};
}

Json ToJson(const Error& error) {
  return {{"code", static_cast<int>(error.code())}, {"message", error.message()}};
}

Error ErrorFrom(const Json& json) { return Error(CodeFrom(json), StringAt(json, "message")); }

}  // namespace st::jobs
