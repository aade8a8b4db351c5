#include "jobs/file_codec.h"

#include <string>
#include <string_view>
#include <utility>

#include "jobs/json.h"

namespace st::jobs {
namespace {

using Json = nlohmann::json;

std::optional<std::string> OptionalString(const Json& json, std::string_view key) {
  const Json& value = ValueAt(json, key);
  if (!value.is_string()) return std::nullopt;
  return value.get<std::string>();
}

}  // namespace

Json ToJson(const std::vector<TableColumn>& columns) {
  return ArrayOf(columns, [](const TableColumn& column) {
    return Json{{"id", column.id}, {"name", column.name}, {"type", column.type}};
  });
}

Json ToJson(const WrittenFile& file) {
  Json columns = Json::object();
  for (const auto& [name, column] : file.columns) {
    Json one = {{"size", column.size_bytes},
                {"values", column.value_count},
                {"nulls", column.null_count},
                {"has_nan", column.has_nan}};
    if (column.min) one["min"] = *column.min;
    if (column.max) one["max"] = *column.max;
    columns[name] = std::move(one);
  }
  return {{"path", file.location},
          {"rows", file.rows},
          {"bytes", file.bytes},
          {"columns", std::move(columns)}};
}

Json ToJson(const RewriteJob& job) {
  return {{"columns", ToJson(job.columns)},
          {"inputs", job.inputs},
          {"output_path", job.output_path},
          {"keep", job.keep},
          {"may_be_empty", job.may_be_empty}};
}

Json RewriteAnswer(const std::optional<WrittenFile>& file) {
  Json json = Json::object();
  if (file) json["file"] = ToJson(*file);
  return json;
}

std::vector<TableColumn> TableColumnsFrom(const Json& array) {
  std::vector<TableColumn> columns;
  ForEach(array, [&](const Json& column) {
    columns.push_back({.id = static_cast<int>(IntegerAt(column, "id")),
                       .name = StringAt(column, "name"),
                       .type = StringAt(column, "type")});
  });
  return columns;
}

WrittenFile WrittenFileFrom(const Json& json) {
  WrittenFile file;
  file.location = StringAt(json, "path");
  file.rows = IntegerAt(json, "rows");
  file.bytes = IntegerAt(json, "bytes");
  const Json& columns = ValueAt(json, "columns");
  if (!columns.is_object()) return file;
  for (const auto& [name, one] : columns.items()) {
    file.columns[name] = {.size_bytes = IntegerAt(one, "size", -1),
                          .value_count = IntegerAt(one, "values", -1),
                          .null_count = IntegerAt(one, "nulls", -1),
                          .min = OptionalString(one, "min"),
                          .max = OptionalString(one, "max"),
                          .has_nan = BoolAt(one, "has_nan")};
  }
  return file;
}

RewriteJob RewriteJobFrom(const Json& json) {
  return {.columns = TableColumnsFrom(ValueAt(json, "columns")),
          .inputs = StringsFrom(ValueAt(json, "inputs")),
          .output_path = StringAt(json, "output_path"),
          .keep = StringAt(json, "keep"),
          .may_be_empty = BoolAt(json, "may_be_empty")};
}

std::optional<WrittenFile> RewriteAnswerFrom(const Json& json) {
  const Json& file = ValueAt(json, "file");
  if (!file.is_object()) return std::nullopt;
  return WrittenFileFrom(file);
}

}  // namespace st::jobs
