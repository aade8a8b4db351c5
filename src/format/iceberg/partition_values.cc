#include "format/iceberg/partition_values.h"

#include <bit>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "base/coding.h"
#include "base/text.h"

namespace st::iceberg {

namespace {

// The least number of bytes whose two's complement holds every decimal of the precision.
int BytesOfDecimal(int precision) {
  unsigned __int128 largest = 1;
  for (int i = 0; i < precision; ++i) largest *= 10;
  int bytes = 1;
  while (bytes < 16 && (static_cast<unsigned __int128>(1) << (8 * bytes - 1)) < largest) ++bytes;
  return bytes;
}

// A type that has a name is spelt out once; later it is named alone.
std::string Named(std::set<std::string>& known, const std::string& name, int size,
                  std::string_view logical) {
  if (!known.insert(name).second) return fmt::format(R"("{}")", name);
  return fmt::format(R"({{"type":"fixed","name":"{}","size":{},{}}})", name, size, logical);
}

std::string AvroType(const ColumnType& type, std::set<std::string>& known) {
  const auto timestamp = [](bool is_utc) {
    return fmt::format(R"({{"type":"long","logicalType":"timestamp-micros","adjust-to-utc":{}}})",
                       is_utc);
  };
  switch (type.kind) {
    case TypeKind::kBoolean:
      return R"("boolean")";
    case TypeKind::kInt:
      return R"("int")";
    case TypeKind::kLong:
      return R"("long")";
    case TypeKind::kFloat:
      return R"("float")";
    case TypeKind::kDouble:
      return R"("double")";
    case TypeKind::kDate:
      return R"({"type":"int","logicalType":"date"})";
    case TypeKind::kTime:
      return R"({"type":"long","logicalType":"time-micros"})";
    case TypeKind::kTimestamp:
      return timestamp(false);
    case TypeKind::kTimestampTz:
      return timestamp(true);
    case TypeKind::kString:
      return R"("string")";
    case TypeKind::kUuid:
      return Named(known, "uuid_fixed", 16, R"("logicalType":"uuid")");
    case TypeKind::kDecimal:
      return Named(known, fmt::format("decimal_{}_{}", type.precision, type.scale),
                   BytesOfDecimal(type.precision),
                   fmt::format(R"("logicalType":"decimal","precision":{},"scale":{})",
                               type.precision, type.scale));
    case TypeKind::kBinary:
    case TypeKind::kUnknown:
      break;
  }
  return R"("bytes")";
}

// A name that Avro takes: letters, digits and _, as Iceberg's writers spell others.
std::string AvroName(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool is_digit = c >= '0' && c <= '9';
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (is_digit && out.empty()) out.push_back('_');
    if (is_digit || is_letter) {
      out.push_back(c);
    } else {
      out += fmt::format("_x{:X}", static_cast<std::uint8_t>(c));
    }
  }
  return out;
}

std::int64_t IntegerOf(std::string_view value) {
  if (value.size() == sizeof(std::int32_t)) return LoadLittle<std::int32_t>(value);
  return value.size() == sizeof(std::int64_t) ? LoadLittle<std::int64_t>(value) : 0;
}

// Big-endian two's complement, extended to `size` bytes.
std::string Extended(std::string_view value, int size) {
  const auto want = static_cast<std::size_t>(size);
  if (value.size() >= want) return std::string(value.substr(value.size() - want));
  const char sign = !value.empty() && (value[0] & 0x80) != 0 ? '\xff' : '\0';
  return std::string(want - value.size(), sign) + std::string(value);
}

std::string Shortened(std::string_view value) {
  const char sign = !value.empty() && (value[0] & 0x80) != 0 ? '\xff' : '\0';
  while (value.size() > 1 && value[0] == sign && ((value[1] ^ sign) & 0x80) == 0) {
    value.remove_prefix(1);
  }
  return std::string(value);
}

void PutValue(avro::Encoder& row, const ColumnType& type, std::string_view value) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return row.Boolean(value == "\1");
    case TypeKind::kFloat:
      return row.Float(std::bit_cast<float>(static_cast<std::int32_t>(IntegerOf(value))));
    case TypeKind::kDouble:
      return row.Double(std::bit_cast<double>(IntegerOf(value)));
    case TypeKind::kUuid:
      return row.Fixed(Extended(value, 16));
    case TypeKind::kDecimal:
      return row.Fixed(Extended(value, BytesOfDecimal(type.precision)));
    case TypeKind::kString:
    case TypeKind::kBinary:
    case TypeKind::kUnknown:
      return row.Bytes(value);
    default:
      return row.Long(IntegerOf(value));
  }
}

// nullopt: no partition value is of this Avro type.
std::optional<std::string> ValueOf(const avro::Value& value) {
  std::string out;
  switch (value.node->type) {
    case avro::Type::kBoolean:
      return std::string(1, value.integer != 0 ? '\1' : '\0');
    case avro::Type::kInt:
      AppendLittle(out, static_cast<std::int32_t>(value.integer));
      return out;
    case avro::Type::kLong:
      AppendLittle(out, value.integer);
      return out;
    case avro::Type::kFloat:
      AppendLittle(out, std::bit_cast<std::int32_t>(static_cast<float>(value.number)));
      return out;
    case avro::Type::kDouble:
      AppendLittle(out, std::bit_cast<std::int64_t>(value.number));
      return out;
    case avro::Type::kString:
      return value.bytes;
    case avro::Type::kBytes:
    case avro::Type::kFixed:
      return value.node->logical_type == "decimal" ? Shortened(value.bytes) : value.bytes;
    default:
      return std::nullopt;
  }
}

bool IsNan(const ColumnType& type, std::string_view value) {
  if (type.kind == TypeKind::kFloat && value.size() == sizeof(float)) {
    return std::isnan(std::bit_cast<float>(LoadLittle<std::int32_t>(value)));
  }
  if (type.kind == TypeKind::kDouble && value.size() == sizeof(double)) {
    return std::isnan(std::bit_cast<double>(LoadLittle<std::int64_t>(value)));
  }
  return false;
}

void PutOptionalBytes(avro::Encoder& row, const std::optional<std::string>& bytes) {
  row.Branch(bytes ? 1 : 0);
  if (bytes) row.Bytes(*bytes);
}

}  // namespace

std::string PartitionRecordSchema(const PartitionSpec& spec,
                                  const std::vector<PartitionFieldType>& types) {
  std::set<std::string> known;
  std::set<std::string> names;
  std::string fields;
  for (std::size_t i = 0; i < spec.fields.size(); ++i) {
    const auto& field = spec.fields[i];
    auto name = AvroName(field.name);
    if (!names.insert(name).second) name += fmt::format("_{}", field.field_id);
    fields += fields.empty() ? "" : ",";
    fields += fmt::format(R"({{"name":"{}","type":["null",{}],"default":null,"field-id":{}}})",
                          name, AvroType(types[i].result, known), field.field_id);
  }
  return fmt::format(R"({{"type":"record","name":"r102","fields":[{}]}})", fields);
}

void PutPartition(avro::Encoder& row, const ManifestHead& head, const PartitionValues& values) {
  for (std::size_t i = 0; i < head.spec.fields.size(); ++i) {
    const auto value = values.find(head.spec.fields[i].field_id);
    row.Branch(value == values.end() ? 0 : 1);
    const auto& type = head.types[i].result;
    if (value != values.end()) PutValue(row, type, ValueAs(type, value->second));
  }
}

Result<PartitionValues> PartitionFrom(const avro::Value& record) {
  PartitionValues values;
  for (std::size_t i = 0; i < record.items.size(); ++i) {
    const auto& item = record.items[i];
    if (item.is_null()) continue;
    const auto& field = record.node->fields[i];
    auto value = ValueOf(item);
    if (!value || field.field_id < 0) {
      return Fail(ErrorCode::kUnsupported, "the partition field \"{}\" is of an unknown type",
                  field.name);
    }
    values[field.field_id] = *std::move(value);
  }
  return values;
}

void PutSummaries(avro::Encoder& row, const std::vector<FieldSummary>& summaries) {
  if (!summaries.empty()) row.BlockStart(std::ssize(summaries));
  for (const auto& summary : summaries) {
    row.Boolean(summary.contains_null);
    row.Branch(summary.contains_nan ? 1 : 0);
    if (summary.contains_nan) row.Boolean(*summary.contains_nan);
    PutOptionalBytes(row, summary.lower);
    PutOptionalBytes(row, summary.upper);
  }
  row.BlockStart(0);
}

std::vector<FieldSummary> SummariesFrom(const avro::Value& list) {
  std::vector<FieldSummary> summaries;
  const auto bytes = [](const avro::Value* value) {
    return value == nullptr ? std::nullopt : std::optional(value->bytes);
  };
  for (const auto& item : list.items) {
    const auto* null = item.Field(509);
    const auto* nan = item.Field(518);
    FieldSummary summary{.contains_null = null != nullptr && null->integer != 0,
                         .contains_nan = {},
                         .lower = bytes(item.Field(510)),
                         .upper = bytes(item.Field(511))};
    if (nan != nullptr) summary.contains_nan = nan->integer != 0;
    summaries.push_back(std::move(summary));
  }
  return summaries;
}

std::vector<FieldSummary> SummariesOf(const ManifestHead& head,
                                      const std::vector<ManifestEntry>& entries) {
  std::vector<FieldSummary> summaries;
  for (std::size_t i = 0; i < head.spec.fields.size(); ++i) {
    const auto& type = head.types[i].result;
    FieldSummary summary{.contains_null = false, .contains_nan = false, .lower = {}, .upper = {}};
    for (const auto& entry : entries) {
      const auto found = entry.partition.find(head.spec.fields[i].field_id);
      if (found == entry.partition.end()) {
        summary.contains_null = true;
        continue;
      }
      const auto value = ValueAs(type, found->second);
      if (IsNan(type, value)) {
        summary.contains_nan = true;
        continue;
      }
      if (!summary.lower || CompareValues(type, value, *summary.lower) < 0) summary.lower = value;
      if (!summary.upper || CompareValues(type, value, *summary.upper) > 0) summary.upper = value;
    }
    summaries.push_back(std::move(summary));
  }
  return summaries;
}

}  // namespace st::iceberg
