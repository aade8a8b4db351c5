#include "jobs/file_codec.h"

#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
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
  Json columns = Json::array();
  for (const auto& [id, column] : file.columns) {
    Json one = {{"id", id},
                {"size", column.size_bytes},
                {"values", column.value_count},
                {"nulls", column.null_count},
                {"has_nan", column.has_nan},
                {"nans", column.nan_count}};
    if (column.min) one["min"] = *column.min;
    if (column.max) one["max"] = *column.max;
    columns.push_back(std::move(one));
  }
  return {{"path", file.location},
          {"rows", file.rows},
          {"bytes", file.bytes},
          {"columns", std::move(columns)},
          {"partition", ArrayOf(file.partition,
                                [](const std::optional<std::string>& value) {
                                  return value ? Json(HexEncode(*value)) : Json();
                                })},
          {"row_groups", file.row_group_offsets}};
}

Json ToJson(const RewriteJob& job) {
  return {{"columns", ToJson(job.columns)},
          {"inputs", job.inputs},
          {"output_path", job.output_path},
          {"keep", job.keep},
          {"may_be_empty", job.may_be_empty},
          {"layout", ToJson(TableLayout{.partition = {}, .sort = job.sort})},
          {"scratch_path", job.scratch_path}};
}

Json ToJson(const TableLayout& layout) {
  return {{"partition", ArrayOf(layout.partition,
                                [](const PartitionBy& by) {
                                  return Json::array({by.column, IcebergName(by.transform)});
                                })},
          {"sort", ArrayOf(layout.sort, [](const SortBy& by) {
             return Json::array({by.column, by.is_descending, by.has_nulls_last});
           })}};
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
  ForEach(ValueAt(json, "partition"), [&](const Json& value) {
    file.partition.push_back(value.is_string() ? HexDecode(value.get<std::string>())
                                               : std::nullopt);
  });
  ForEach(ValueAt(json, "row_groups"), [&](const Json& offset) {
    if (offset.is_number_integer()) file.row_group_offsets.push_back(offset.get<std::int64_t>());
  });
  ForEach(ValueAt(json, "columns"), [&](const Json& one) {
    file.columns[static_cast<int>(IntegerAt(one, "id"))] = {
        .size_bytes = IntegerAt(one, "size", -1),
        .value_count = IntegerAt(one, "values", -1),
        .null_count = IntegerAt(one, "nulls", -1),
        .min = OptionalString(one, "min"),
        .max = OptionalString(one, "max"),
        .has_nan = BoolAt(one, "has_nan"),
        .nan_count = IntegerAt(one, "nans", -1)};
  });
  return file;
}

RewriteJob RewriteJobFrom(const Json& json) {
  return {.columns = TableColumnsFrom(ValueAt(json, "columns")),
          .inputs = StringsFrom(ValueAt(json, "inputs")),
          .output_path = StringAt(json, "output_path"),
          .keep = StringAt(json, "keep"),
          .may_be_empty = BoolAt(json, "may_be_empty"),
          .sort = LayoutFrom(ValueAt(json, "layout")).value_or(TableLayout()).sort,
          .scratch_path = StringAt(json, "scratch_path")};
}

std::optional<TableLayout> LayoutFrom(const Json& json) {
  TableLayout layout;
  bool is_good = true;
  ForEach(ValueAt(json, "partition"), [&](const Json& by) {
    const bool is_pair = by.is_array() && by.size() == 2 && by[0].is_string() && by[1].is_string();
    const auto transform = is_pair ? TransformFromIceberg(by[1].get<std::string>()) : std::nullopt;
    is_good = is_good && transform;
    if (transform) layout.partition.push_back({by[0].get<std::string>(), *transform});
  });
  ForEach(ValueAt(json, "sort"), [&](const Json& by) {
    const bool is_triple = by.is_array() && by.size() == 3 && by[0].is_string() &&
                           by[1].is_boolean() && by[2].is_boolean();
    is_good = is_good && is_triple;
    if (is_triple) {
      layout.sort.push_back({by[0].get<std::string>(), by[1].get<bool>(), by[2].get<bool>()});
    }
  });
  if (!is_good) return std::nullopt;
  return layout;
}

std::optional<WrittenFile> RewriteAnswerFrom(const Json& json) {
  const Json& file = ValueAt(json, "file");
  if (!file.is_object()) return std::nullopt;
  return WrittenFileFrom(file);
}

}  // namespace st::jobs
