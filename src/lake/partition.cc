#include "lake/partition.h"

#include <algorithm>
#include <optional>
#include <string>

#include "format/iceberg/layout.h"

namespace st::lake {

const PartitionSpec* FindSpec(const View& view, int id) {
  const auto found = std::ranges::find(view.partition_specs, id, &PartitionSpec::id);
  return found == view.partition_specs.end() ? nullptr : &*found;
}

Status CheckPartition(const View& view, const DataFile& file) {
  const auto* spec = FindSpec(view, file.spec_id);
  if (spec == nullptr) {
    return Fail(ErrorCode::kInvalidArgument, "{} is of partition spec {}, which the table lacks",
                file.location, file.spec_id);
  }
  for (const auto& [id, value] : file.partition) {
    if (std::ranges::find(spec->fields, id, &PartitionField::id) != spec->fields.end()) continue;
    return Fail(ErrorCode::kInvalidArgument, "{} has a partition value of field {}, not in spec {}",
                file.location, id, file.spec_id);
  }
  return {};
}

std::string DescribePartition(const View& view, const DataFile& file) {
  const auto* spec = FindSpec(view, file.spec_id);
  std::string text;
  if (spec == nullptr) return text;
  for (const auto& field : spec->fields) {
    if (field.transform.kind == TransformKind::kVoid) continue;
    const auto found = file.partition.find(field.id);
    std::optional<std::string> value;
    if (found != file.partition.end()) value = iceberg::ValueAs(field.result, found->second);
    text += text.empty() ? "" : ", ";
    text += fmt::format("{}={}", field.name, Readable(field.transform, field.source, value));
  }
  return text;
}

std::string PartitionKey(const View& view, const DataFile& file) {
  const auto* spec = FindSpec(view, file.spec_id);
  auto key = fmt::format("{}", file.spec_id);
  if (spec == nullptr) return key;
  for (const auto& field : spec->fields) {
    const auto value = file.partition.find(field.id);
    if (value == file.partition.end()) {
      key += ",-";
      continue;
    }
    const auto bytes = iceberg::ValueAs(field.result, value->second);
    key += fmt::format(",{}:{}", bytes.size(), bytes);
  }
  return key;
}

}  // namespace st::lake
