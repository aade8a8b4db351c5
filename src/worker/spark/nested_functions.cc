#include "worker/spark/nested_functions.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "spark_values/json_scanner.h"
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

// For array_insert: the place in the array of each element of the result, 0 for the one that is
// inserted, and one behind the array for NULL.
Result<std::vector<int64_t>> InsertPlaces(int64_t length, int64_t at) {
  if (at == 0) {
    return Fail(ErrorCode::kInvalidArgument, "[INVALID_INDEX_OF_ZERO] array_insert counts from 1");
  }
  if (at > spark_values::kMaxMadeElements || at < -spark_values::kMaxMadeElements) return TooLong();
  const int64_t behind = length + 1;
  std::vector<int64_t> places;
  if (at < -behind) {
    places.push_back(0);
    places.insert(places.end(), static_cast<std::size_t>(-at - behind), behind);
  }
  const int64_t before = at > 0 ? at - 1 : std::max<int64_t>(behind + at, 0);
  for (int64_t i = 1; i <= std::min(before, length); ++i) places.push_back(i);
  if (before > length)
    places.insert(places.end(), static_cast<std::size_t>(before - length), behind);
  if (at >= -behind) places.push_back(0);
  for (int64_t i = std::min(before, length) + 1; i <= length; ++i) places.push_back(i);
  return places;
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

// What a lambda of array_sort said of each pair: rows and columns are the elements' places.
class Comparisons {
 public:
  Comparisons(const sql::VectorView& rows, sql::VectorView::Range range)
      : rows_(rows), cells_(rows.Elements()), range_(range) {}
  // Below 0: the element at `a` comes before that at `b`.
  std::int32_t Compare(std::uint64_t a, std::uint64_t b) {
    const std::uint64_t cell = rows_.ListAt(range_.offset + a).offset + b;
    if (!cells_.IsNull(cell)) return cells_.At<std::int32_t>(cell);
    has_null_ = true;
    return 0;
  }
  bool has_null() const { return has_null_; }

 private:
  const sql::VectorView& rows_;
  const sql::VectorView cells_;
  const sql::VectorView::Range range_;
  bool has_null_ = false;
};

using Places = std::vector<std::uint64_t>;

// Java's sort of less than 32 elements: a run at the begin, into which the others are inserted.
// Which pairs it looks at decides whether a NULL is an error.
void SortFew(Places& places, Comparisons& by) {
  const std::size_t count = places.size();
  std::size_t run = std::min<std::size_t>(count, 2);
  if (count > 1 && by.Compare(places[1], places[0]) < 0) {
    while (run < count && by.Compare(places[run], places[run - 1]) < 0) ++run;
    std::reverse(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(run));
  } else {
    while (run < count && by.Compare(places[run], places[run - 1]) >= 0) ++run;
  }
  for (; run < count; ++run) {
    const std::uint64_t place = places[run];
    std::size_t low = 0;
    std::size_t high = run;
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      by.Compare(place, places[middle]) < 0 ? high = middle : low = middle + 1;
    }
    const auto begin = places.begin() + static_cast<std::ptrdiff_t>(low);
    const auto end = places.begin() + static_cast<std::ptrdiff_t>(run);
    std::move_backward(begin, end, end + 1);
    *begin = place;
  }
}

// A merge sort, which keeps equal elements in their order, and ends whatever the lambda says.
void SortMany(Places& places, Comparisons& by) {
  constexpr std::size_t kFew = 32;
  if (places.size() < kFew) return SortFew(places, by);
  const auto middle = places.begin() + static_cast<std::ptrdiff_t>(places.size() / 2);
  Places left(places.begin(), middle);
  Places right(middle, places.end());
  SortMany(left, by);
  SortMany(right, by);
  std::size_t a = 0;
  std::size_t b = 0;
  for (auto& place : places) {
    const bool is_left =
        b == right.size() || (a < left.size() && by.Compare(right[b], left[a]) >= 0);
    place = is_left ? left[a++] : right[b++];
  }
}

// The places of elements, from 1, in the order that a table of comparisons gives.
Status SortPlaces(const sql::Arguments& arguments, sql::ResultWriter& to) {
  const auto tables = arguments.Column(0);
  const auto rows = tables.Elements();
  const auto column = to.column();
  for (std::uint64_t row = 0; row < arguments.rows(); ++row) {
    if (tables.IsNull(row)) {
      to.SetNull(row);
      continue;
    }
    const auto range = tables.ListAt(row);
    Places places(range.length);
    for (std::uint64_t i = 0; i < range.length; ++i) places[i] = i;
    Comparisons by(rows, range);
    SortMany(places, by);
    if (by.has_null()) {
      return Fail(ErrorCode::kInvalidArgument,
                  "[COMPARATOR_RETURNS_NULL] the lambda of array_sort makes NULL of two elements");
    }
    const std::uint64_t offset = column.elements();
    column.Reserve(offset + places.size());
    const auto elements = column.Elements();
    for (std::uint64_t i = 0; i < places.size(); ++i) {
      elements.Set(offset + i, static_cast<int64_t>(places[i] + 1));
    }
    column.SetList(row, offset, places.size());
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
  auto sort_places = OfAny("spark_sort_places", sql::TypeId::kInvalid, SortPlaces);
  sort_places.nested_result = {
      .id = sql::TypeId::kList,
      .alias = {},
      .children = {{.id = sql::TypeId::kBigint, .alias = {}, .children = {}, .names = {}}},
      .names = {}};
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
      Adapt<spark_values::RegexpExtractAll>("spark_regexp_extract_all"),
      Adapt<spark_values::JsonArrayLength>("spark_json_array_length"),
      Adapt<spark_values::JsonObjectKeys>("spark_json_object_keys"),
      Adapt<InsertPlaces>("spark_insert_places"),
      OfAny("spark_nested_to_text", sql::TypeId::kVarchar, Write<AppendText>),
      std::move(to_json),
      std::move(sort_places),
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
