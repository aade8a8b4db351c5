#include "upkeep/merged_stats.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/coding.h"
#include "base/column_type.h"
#include "base/nested_type.h"

namespace st::upkeep {
namespace {

using Stats = lake::DataFile::ColumnStats;
using Wide = __int128;
// The type of each column, and of each part of one, by field id. Types of other engines are absent.
using Types = std::map<int, ColumnType>;

void AddTypes(const NestedType& type, int id, Types& types) {
  for (const auto& field : type.fields) AddTypes(field.type, field.id, types);
  if (type.shape != TypeShape::kPrimitive) return;
  if (const auto primitive = ColumnTypeFromIceberg(type.primitive)) types[id] = *primitive;
}

Types TypesOf(const std::vector<lake::Column>& columns) {
  Types types;
  for (const auto& column : columns) {
    if (const auto type = ParseType(column.type)) AddTypes(*type, column.id, types);
  }
  return types;
}

// A number in the order of the bounds. -0.0 is before 0.0 (Iceberg spec, Sort Orders).
template <typename Integer>
std::optional<Wide> Number(std::string_view bound, bool is_floating) {
  if (bound.size() != sizeof(Integer)) return std::nullopt;
  const auto value = LoadLittle<Integer>(bound);
  if (!is_floating || value >= 0) return value;
  return -1 - Wide{std::numeric_limits<Integer>::max() & value};
}

std::optional<Wide> Decimal(std::string_view bound) {
  if (bound.empty() || bound.size() > sizeof(Wide)) return std::nullopt;
  Wide value = (static_cast<unsigned char>(bound.front()) & 0x80) != 0 ? -1 : 0;
  for (const char c : bound) value = value * 256 + static_cast<unsigned char>(c);
  return value;
}

// Whether `a` is before `b`; nullopt: one of them is no bound of the type.
std::optional<bool> IsBefore(const ColumnType& type, std::string_view a, std::string_view b) {
  const auto compare = [](std::optional<Wide> x, std::optional<Wide> y) -> std::optional<bool> {
    if (!x || !y) return std::nullopt;
    return *x < *y;
  };
  switch (type.kind) {
    case TypeKind::kInt:
    case TypeKind::kDate:
      return compare(Number<std::int32_t>(a, false), Number<std::int32_t>(b, false));
    case TypeKind::kFloat:
      return compare(Number<std::int32_t>(a, true), Number<std::int32_t>(b, true));
    case TypeKind::kLong:
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return compare(Number<std::int64_t>(a, false), Number<std::int64_t>(b, false));
    case TypeKind::kDouble:
      return compare(Number<std::int64_t>(a, true), Number<std::int64_t>(b, true));
    case TypeKind::kDecimal:
      return compare(Decimal(a), Decimal(b));
    case TypeKind::kBoolean:
    case TypeKind::kString:
    case TypeKind::kBinary:
    case TypeKind::kUuid:
      return a < b;  // by bytes without a sign
    case TypeKind::kUnknown:
      break;
  }
  return std::nullopt;
}

void Add(std::int64_t more, std::int64_t& sum) { sum = sum < 0 || more < 0 ? -1 : sum + more; }

bool HasNullsAlone(const Stats& stats) {
  return stats.value_count >= 0 && stats.null_count == stats.value_count;
}

// The statistics of one column.
class Merging {
 public:
  explicit Merging(std::optional<ColumnType> type) : type_(type) {}

  void AddFile(const Stats& stats) {
    Add(stats.size_bytes, sum_.size_bytes);
    Add(stats.value_count, sum_.value_count);
    Add(stats.null_count, sum_.null_count);
    Add(stats.nan_count, sum_.nan_count);
    if (HasNullsAlone(stats)) return;
    Widen(stats.lower, sum_.lower, has_lower_, false);
    Widen(stats.upper, sum_.upper, has_upper_, true);
  }

  Stats Take() {
    if (!has_lower_) sum_.lower.reset();
    if (!has_upper_) sum_.upper.reset();
    return std::move(sum_);
  }

 private:
  void Widen(const std::optional<std::string>& bound, std::optional<std::string>& widest,
             bool& has_bound, bool is_upper) const {
    if (!has_bound) return;
    has_bound = bound && type_.has_value();
    if (!has_bound) return;
    const auto& other = widest ? *widest : *bound;
    const auto moves = is_upper ? IsBefore(*type_, other, *bound) : IsBefore(*type_, *bound, other);
    has_bound = moves.has_value();
    if (!widest || moves.value_or(false)) widest = bound;
  }

  const std::optional<ColumnType> type_;
  Stats sum_{.size_bytes = 0, .value_count = 0, .null_count = 0, .nan_count = 0};
  bool has_lower_ = true;
  bool has_upper_ = true;
};

}  // namespace

std::map<int, Stats> MergedStats(const std::vector<const lake::DataFile*>& files,
                                 const std::vector<lake::Column>& columns) {
  std::map<int, Stats> merged;
  if (files.empty()) return merged;
  const auto types = TypesOf(columns);
  for (const auto& [id, stats] : files.front()->columns) {
    const auto type = types.find(id);
    Merging merging(type == types.end() ? std::nullopt : std::optional(type->second));
    bool is_in_all = true;
    for (const auto* file : files) {
      const auto found = file->columns.find(id);
      is_in_all = is_in_all && found != file->columns.end();
      if (is_in_all) merging.AddFile(found->second);
    }
    if (is_in_all) merged[id] = merging.Take();
  }
  return merged;
}

}  // namespace st::upkeep
