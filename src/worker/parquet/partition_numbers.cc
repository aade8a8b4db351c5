#include "worker/parquet/partition_numbers.h"

#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "base/coding.h"
#include "base/column_type.h"
#include "sql/scalar_function.h"

namespace st::worker::parquet {
namespace {

template <typename T>
std::string Little(T value) {
  std::string out;
  AppendLittle(out, value);
  return out;
}

// All NaNs are one partition.
template <typename Float, typename Bits>
std::string Floating(Float value) {
  if (std::isnan(value)) value = std::numeric_limits<Float>::quiet_NaN();
  return Little(std::bit_cast<Bits>(value));
}

std::string BigEndian(sql::Int128 value) {
  std::string out;
  AppendBig(out, value.upper);
  AppendBig(out, value.lower);
  return out;
}

// The shortest big-endian two's complement.
std::string Decimal(const sql::VectorView& values, std::uint64_t row, sql::TypeId storage) {
  sql::Int128 wide;
  if (storage == sql::TypeId::kHugeint) {
    wide = values.At<sql::Int128>(row);
  } else {
    const auto narrow = storage == sql::TypeId::kSmallint  ? values.At<std::int16_t>(row)
                        : storage == sql::TypeId::kInteger ? values.At<std::int32_t>(row)
                                                           : values.At<std::int64_t>(row);
    wide = {.lower = static_cast<std::uint64_t>(narrow), .upper = narrow < 0 ? -1 : 0};
  }
  const auto bytes = BigEndian(wide);
  const char sign = wide.upper < 0 ? '\xff' : '\0';
  std::size_t skip = 0;
  while (skip + 1 < bytes.size() && bytes[skip] == sign && ((bytes[skip + 1] ^ sign) & 0x80) == 0) {
    ++skip;
  }
  return bytes.substr(skip);
}

// The bytes of a list of values, equal for equal lists alone.
void AppendKey(const std::optional<std::string>& value, std::string& key) {
  key.push_back(value ? '\1' : '\0');
  if (!value) return;
  AppendLittle(key, static_cast<std::uint32_t>(value->size()));
  key += *value;
}

Status NumberRows(PartitionNumbers* numbers, const sql::Arguments& arguments,
                  sql::ResultWriter& to) {
  if (numbers == nullptr || arguments.columns() != numbers->transforms().size()) {
    return Fail(ErrorCode::kInvalidArgument, "no job with such partitions runs");
  }
  std::vector<sql::Type> types;
  std::vector<ColumnType> sources;
  for (std::size_t i = 0; i < arguments.columns(); ++i) {
    types.push_back(arguments.TypeOf(i));
    sources.push_back(ColumnTypeFromDuckDb(types[i].ToString()).value_or(ColumnType()));
  }
  std::string last_key;
  std::int32_t last = -1;
  for (std::size_t row = 0; row < arguments.rows(); ++row) {
    PartitionNumbers::Values values;
    std::string key;
    for (std::size_t i = 0; i < types.size(); ++i) {
      values.push_back(Apply(numbers->transforms()[i], sources[i],
                             SingleValue(arguments.Column(i), row, types[i])));
      AppendKey(values.back(), key);
    }
    if (last < 0 || key != last_key) {
      ST_TRY(last, numbers->NumberOf(key, values));
      last_key = std::move(key);
    }
    to.Set<std::int32_t>(row, last);
  }
  return {};
}

}  // namespace

std::optional<std::string> SingleValue(const sql::VectorView& values, std::uint64_t row,
                                       const sql::Type& type) {
  if (values.IsNull(row)) return std::nullopt;
  switch (type.id) {
    case sql::TypeId::kBoolean:
      return std::string(1, values.At<bool>(row) ? '\1' : '\0');
    case sql::TypeId::kInteger:
    case sql::TypeId::kDate:
      return Little(values.At<std::int32_t>(row));
    case sql::TypeId::kFloat:
      return Floating<float, std::uint32_t>(values.At<float>(row));
    case sql::TypeId::kDouble:
      return Floating<double, std::uint64_t>(values.At<double>(row));
    case sql::TypeId::kVarchar:
    case sql::TypeId::kBlob:
      return std::string(values.StringAt(row));
    case sql::TypeId::kDecimal:
      return Decimal(values, row, type.storage);
    case sql::TypeId::kUuid: {
      // DuckDB flips the upper bit, so that its numbers sort as the ids do.
      auto bits = values.At<sql::Int128>(row);
      bits.upper ^= std::numeric_limits<std::int64_t>::min();
      return BigEndian(bits);
    }
    default:
      return Little(values.At<std::int64_t>(row));
  }
}

Result<std::int32_t> PartitionNumbers::NumberOf(const std::string& key, const Values& values) {
  return state_.With([&](State& state) -> Result<std::int32_t> {
    const auto found = state.numbers.find(key);
    if (found != state.numbers.end()) return found->second;
    if (state.values.size() == limit_) {
      state.is_over = true;
      return Fail(ErrorCode::kInvalidArgument, "the rows belong to more than {} partitions",
                  limit_);
    }
    const auto number = static_cast<std::int32_t>(state.values.size());
    state.numbers.emplace(key, number);
    state.values.push_back(values);
    return number;
  });
}

bool PartitionNumbers::is_over() const {
  return state_.With([](const State& state) { return state.is_over; });
}

std::vector<PartitionNumbers::Values> PartitionNumbers::all() const {
  return state_.With([](const State& state) { return state.values; });
}

Status RegisterPartition(sql::Connection& connection, PartitionNumbers* const& current) {
  return Register(connection,
                  {.name = std::string(kPartitionFunction),
                   .parameters = {sql::TypeId::kAny},
                   .result = sql::TypeId::kInteger,
                   .takes_more = true,
                   .evaluate = [&current](const sql::Arguments& arguments, sql::ResultWriter& to) {
                     return NumberRows(current, arguments, to);
                   }});
}

}  // namespace st::worker::parquet
