#include "worker/spark/nested_functions.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "spark_values/limits.h"
#include "spark_values/regex.h"
#include "worker/spark/adapt.h"
#include "worker/spark/nested_text.h"

namespace st::worker::spark {
namespace {

using std::int32_t;
using std::int64_t;
using std::string;
using std::string_view;

std::unexpected<Error> WrongPlace(string_view condition, int64_t index, int64_t length) {
  return Fail(ErrorCode::kInvalidArgument, "[{}] the array has {} elements, none at {}", condition,
              length, index);
}

// Places in DuckDB's lists, from 1; those of Spark's a[i] count from 0.
Result<int64_t> ArrayIndex(int64_t length, int64_t index) {
  if (index >= 0 && index < length) return index + 1;
  return WrongPlace("INVALID_ARRAY_INDEX", index, length);
}
std::optional<int64_t> GetPlace(int64_t length, int64_t index) {
  return index >= 0 && index < length ? std::optional(index + 1) : std::nullopt;
}
// Of element_at, which counts from 1, and from the end where the place is negative.
Result<std::optional<int64_t>> TryElementPlace(int64_t length, int64_t index) {
  if (index == 0) {
    return Fail(ErrorCode::kInvalidArgument, "[INVALID_INDEX_OF_ZERO] element_at counts from 1");
  }
  if (index > length || index < -length) return std::nullopt;
  return index > 0 ? index : length + index + 1;
}
Result<int64_t> ElementPlace(int64_t length, int64_t index) {
  ST_TRY(const auto place, TryElementPlace(length, index));
  if (place) return *place;
  return WrongPlace("INVALID_ARRAY_INDEX_IN_ELEMENT_AT", index, length);
}

struct Slice {
  int64_t begin = 1;
  int64_t end = 0;
};
Result<Slice> SliceOf(int64_t length, int64_t start, int64_t count) {
  if (start == 0) {
    return Fail(ErrorCode::kInvalidArgument,
                "[INVALID_PARAMETER_VALUE.START] slice counts from 1, not 0");
  }
  if (count < 0) {
    return Fail(ErrorCode::kInvalidArgument,
                "[INVALID_PARAMETER_VALUE.LENGTH] slice takes {} elements", count);
  }
  const int64_t begin = start > 0 ? start : length + start + 1;
  if (begin < 1 || begin > length) return Slice{};
  return Slice{.begin = begin, .end = begin - 1 + std::min(count, length - begin + 1)};
}
Result<int64_t> SliceBegin(int64_t length, int64_t start, int64_t count) {
  ST_TRY(const auto slice, SliceOf(length, start, count));
  return slice.begin;
}
Result<int64_t> SliceEnd(int64_t length, int64_t start, int64_t count) {
  ST_TRY(const auto slice, SliceOf(length, start, count));
  return slice.end;
}

std::unexpected<Error> TooLong() {
  return Fail(ErrorCode::kInvalidArgument, "an array of more than {} elements",
              spark_values::kMaxMadeElements);
}

Result<std::vector<int64_t>> SequenceBy(int64_t start, int64_t stop, int64_t step) {
  const bool has_way =
      (step > 0 && start <= stop) || (step < 0 && start >= stop) || (step == 0 && start == stop);
  if (!has_way) {
    return Fail(ErrorCode::kInvalidArgument,
                "[INVALID_PARAMETER_VALUE] a sequence from {} to {} by {} has no end", start, stop,
                step);
  }
  if (step == 0) return std::vector<int64_t>{start};
  const auto distance = step > 0
                            ? static_cast<std::uint64_t>(stop) - static_cast<std::uint64_t>(start)
                            : static_cast<std::uint64_t>(start) - static_cast<std::uint64_t>(stop);
  const auto stride =
      step > 0 ? static_cast<std::uint64_t>(step) : 0 - static_cast<std::uint64_t>(step);
  const std::uint64_t steps = distance / stride;
  if (steps >= static_cast<std::uint64_t>(spark_values::kMaxMadeElements)) return TooLong();
  std::vector<int64_t> values;
  for (std::uint64_t i = 0; i <= steps; ++i) {
    values.push_back(start + static_cast<int64_t>(i) * step);
  }
  return values;
}
Result<std::vector<int64_t>> Sequence(int64_t start, int64_t stop) {
  return SequenceBy(start, stop, start <= stop ? 1 : -1);
}

Result<std::vector<int64_t>> RepeatPlaces(int64_t count) {
  if (count > spark_values::kMaxMadeElements) return TooLong();
  return std::vector<int64_t>(static_cast<std::size_t>(std::max<int64_t>(count, 0)));
}

using AppendValue = Status (*)(const sql::Type& type, const sql::VectorView& column,
                               std::uint64_t row, bool keeps_nulls, std::string& out);

// A function of a nested value, and perhaps of a BOOLEAN constant, that writes it as a text.
template <AppendValue kAppend>
Status Write(const sql::Arguments& arguments, sql::ResultWriter& to) {
  const auto type = arguments.TypeOf(0);
  const auto column = arguments.Column(0);
  std::string text;
  for (std::uint64_t row = 0; row < arguments.rows(); ++row) {
    if (column.IsNull(row)) {
      to.SetNull(row);
      continue;
    }
    const bool keeps_nulls = arguments.columns() > 1 && arguments.Column(1).At<bool>(row);
    text.clear();
    ST_TRY_STATUS(kAppend(type, column, row, keeps_nulls, text));
    if (text.size() > spark_values::kMaxMadeBytes) {
      return Fail(ErrorCode::kInvalidArgument, "a text of more than {} bytes",
                  spark_values::kMaxMadeBytes);
    }
    to.SetBytes(row, text);
  }
  return {};
}

// exists() and forall() of what a lambda made of the elements: true or false where one element
// decides, NULL where one is NULL, and else the other.
Status Decide(const sql::Arguments& arguments, sql::ResultWriter& to, bool deciding) {
  const auto lists = arguments.Column(0);
  const auto elements = lists.Elements();
  for (std::uint64_t row = 0; row < arguments.rows(); ++row) {
    if (lists.IsNull(row)) {
      to.SetNull(row);
      continue;
    }
    const auto range = lists.ListAt(row);
    bool has_null = false;
    bool is_decided = false;
    for (std::uint64_t i = range.offset; i < range.offset + range.length; ++i) {
      if (elements.IsNull(i)) {
        has_null = true;
      } else if (elements.At<bool>(i) == deciding) {
        is_decided = true;
      }
    }
    if (!is_decided && has_null) {
      to.SetNull(row);
    } else {
      to.Set<bool>(row, is_decided == deciding);
    }
  }
  return {};
}

sql::ScalarFunction OfAny(std::string name, sql::TypeId result,
                          std::function<Status(const sql::Arguments&, sql::ResultWriter&)> f) {
  return {.name = std::move(name),
          .parameters = {sql::TypeId::kAny},
          .result = result,
          .evaluate = std::move(f)};
}

}  // namespace

std::vector<sql::ScalarFunction> NestedFunctions() {
  auto to_json = OfAny("spark_to_json", sql::TypeId::kVarchar, Write<AppendJson>);
  to_json.parameters.push_back(sql::TypeId::kBoolean);
  return {
      Adapt<ArrayIndex>("spark_array_index"),
      Adapt<GetPlace>("spark_get_place"),
      Adapt<ElementPlace>("spark_element_place"),
      Adapt<TryElementPlace>("spark_try_element_place"),
      Adapt<SliceBegin>("spark_slice_begin"),
      Adapt<SliceEnd>("spark_slice_end"),
      Adapt<Sequence>("spark_sequence"),
      Adapt<SequenceBy>("spark_sequence_by"),
      Adapt<RepeatPlaces>("spark_repeat_places"),
      Adapt<spark_values::Split>("spark_split"),
      OfAny("spark_nested_to_text", sql::TypeId::kVarchar, Write<AppendText>),
      std::move(to_json),
      OfAny("spark_exists", sql::TypeId::kBoolean,
            [](const sql::Arguments& arguments, sql::ResultWriter& to) {
              return Decide(arguments, to, true);
            }),
      OfAny("spark_forall", sql::TypeId::kBoolean,
            [](const sql::Arguments& arguments, sql::ResultWriter& to) {
              return Decide(arguments, to, false);
            }),
  };
}

}  // namespace st::worker::spark
