// Makes a scalar function of DuckDB from a C++ function over values.
//
// The parameters of the C++ function give the SQL types: string_view VARCHAR, Bytes BLOB, int32_t
// INTEGER, int64_t BIGINT, float, double, bool, Date, Timestamp, CalendarInterval INTERVAL. A NULL
// argument makes a NULL result unless the parameter is an optional. A first parameter that is a
// reference to a non-const object is a cache, made anew for each chunk of rows. The result is one
// of the types above, with std::string and Binary for what is made, a vector for a list, in an
// optional where it can be NULL, in a Result where it can fail.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"
#include "spark_values/interval.h"
#include "spark_values/values.h"
#include "sql/scalar_function.h"

namespace st::worker::spark {

namespace internal {

using spark_values::Binary;
using spark_values::Bytes;
using spark_values::CalendarInterval;
using spark_values::Date;
using spark_values::Timestamp;

template <typename T>
struct Stored;  // how DuckDB stores a T
template <typename T, sql::TypeId kId>
struct Fixed {
  static constexpr sql::TypeId kType = kId;
  static T Read(const sql::VectorView& column, std::uint64_t row) { return column.At<T>(row); }
  static void Write(sql::ResultWriter& to, std::uint64_t row, T value) { to.Set<T>(row, value); }
};
template <>
struct Stored<bool> : Fixed<bool, sql::TypeId::kBoolean> {};
template <>
struct Stored<std::int32_t> : Fixed<std::int32_t, sql::TypeId::kInteger> {};
template <>
struct Stored<std::int64_t> : Fixed<std::int64_t, sql::TypeId::kBigint> {};
template <>
struct Stored<float> : Fixed<float, sql::TypeId::kFloat> {};
template <>
struct Stored<double> : Fixed<double, sql::TypeId::kDouble> {};
template <>
struct Stored<Date> : Fixed<Date, sql::TypeId::kDate> {};
template <>
struct Stored<Timestamp> : Fixed<Timestamp, sql::TypeId::kTimestampTz> {};
template <>
struct Stored<CalendarInterval> : Fixed<CalendarInterval, sql::TypeId::kInterval> {};
static_assert(sizeof(CalendarInterval) == sizeof(sql::IntervalValue));
template <>
struct Stored<std::string_view> {
  static constexpr sql::TypeId kType = sql::TypeId::kVarchar;
  static std::string_view Read(const sql::VectorView& column, std::uint64_t row) {
    return column.StringAt(row);
  }
  static void Write(sql::ResultWriter& to, std::uint64_t row, std::string_view value) {
    to.SetBytes(row, value);
  }
};
template <>
struct Stored<std::string> : Stored<std::string_view> {};
template <>
struct Stored<Bytes> {
  static constexpr sql::TypeId kType = sql::TypeId::kBlob;
  static Bytes Read(const sql::VectorView& column, std::uint64_t row) {
    return {column.StringAt(row)};
  }
};
template <>
struct Stored<Binary> {
  static constexpr sql::TypeId kType = sql::TypeId::kBlob;
  static void Write(sql::ResultWriter& to, std::uint64_t row, const Binary& value) {
    to.SetBytes(row, value.bytes);
  }
};

// A parameter: takes NULLs only as an optional.
template <typename T>
struct Parameter {
  static constexpr sql::TypeId kType = Stored<T>::kType;
  static constexpr bool kTakesNull = false;
  static T Read(const sql::VectorView& column, std::uint64_t row) {
    return Stored<T>::Read(column, row);
  }
};
template <typename T>
struct Parameter<std::optional<T>> {
  static constexpr sql::TypeId kType = Stored<T>::kType;
  static constexpr bool kTakesNull = true;
  static std::optional<T> Read(const sql::VectorView& column, std::uint64_t row) {
    if (column.IsNull(row)) return std::nullopt;
    return Stored<T>::Read(column, row);
  }
};

template <typename T>
struct Returned {
  using Value = T;
  static Status Write(sql::ResultWriter& to, std::uint64_t row, const T& value) {
    Stored<T>::Write(to, row, value);
    return {};
  }
};
template <typename T>
struct Returned<std::optional<T>> {
  using Value = T;
  static Status Write(sql::ResultWriter& to, std::uint64_t row, const std::optional<T>& value) {
    if (!value) {
      to.SetNull(row);
      return {};
    }
    return Returned<T>::Write(to, row, *value);
  }
};
template <typename T>
struct Returned<Result<T>> {
  using Value = Returned<T>::Value;
  static Status Write(sql::ResultWriter& to, std::uint64_t row, const Result<T>& value) {
    if (!value) return std::unexpected(value.error());
    return Returned<T>::Write(to, row, *value);
  }
};

// A list; its elements are never NULL.
template <typename T>
struct Returned<std::vector<T>> {
  using Value = std::vector<T>;
  static Status Write(sql::ResultWriter& to, std::uint64_t row, const std::vector<T>& values) {
    const sql::VectorWriter column = to.column();
    const std::uint64_t offset = column.elements();
    column.Reserve(offset + values.size());
    const sql::VectorWriter elements = column.Elements();
    for (std::uint64_t i = 0; i < values.size(); ++i) {
      if constexpr (std::is_same_v<T, std::string>) {
        elements.SetBytes(offset + i, values[i]);
      } else {
        elements.Set<T>(offset + i, values[i]);
      }
    }
    column.SetList(row, offset, values.size());
    return {};
  }
};

// The SQL type of a result.
template <typename T>
struct ResultOf {
  static void Set(sql::ScalarFunction& function) { function.result = Stored<T>::kType; }
};
template <typename T>
struct ResultOf<std::vector<T>> {
  static void Set(sql::ScalarFunction& function) {
    function.nested_result = {
        .id = sql::TypeId::kList,
        .alias = {},
        .children = {{.id = Stored<T>::kType, .alias = {}, .children = {}, .names = {}}},
        .names = {}};
  }
};

struct NoCache {};

template <auto kFunction, typename Cache, typename R, typename... Ts>
struct Adapted {
  static constexpr std::array<sql::TypeId, sizeof...(Ts)> kParameters = {Parameter<Ts>::kType...};

  static R Call(Cache& cache, const Ts&... values) {
    if constexpr (std::is_same_v<Cache, NoCache>) {
      return kFunction(values...);
    } else {
      return kFunction(cache, values...);
    }
  }

  template <std::size_t... kIndex>
  static Status Run(const sql::Arguments& arguments, sql::ResultWriter& to,
                    std::index_sequence<kIndex...>) {
    Cache cache;
    const std::array<sql::VectorView, sizeof...(Ts)> columns = {arguments.Column(kIndex)...};
    const std::uint64_t rows = arguments.rows();
    for (std::uint64_t row = 0; row < rows; ++row) {
      if (((!Parameter<Ts>::kTakesNull && columns[kIndex].IsNull(row)) || ...)) {
        to.SetNull(row);
        continue;
      }
      ST_TRY_STATUS(
          Returned<R>::Write(to, row, Call(cache, Parameter<Ts>::Read(columns[kIndex], row)...)));
    }
    return {};
  }

  static sql::ScalarFunction Make(std::string name) {
    sql::ScalarFunction function{
        .name = std::move(name),
        .parameters = {kParameters.begin(), kParameters.end()},
        .evaluate = [](const sql::Arguments& arguments, sql::ResultWriter& to) {
          return Run(arguments, to, std::index_sequence_for<Ts...>());
        }};
    ResultOf<typename Returned<R>::Value>::Set(function);
    return function;
  }
};

template <auto kFunction, typename Signature>
struct Chosen;
template <auto kFunction, typename R, typename... Ts>
struct Chosen<kFunction, R (*)(Ts...)> {
  using Type = Adapted<kFunction, NoCache, R, std::remove_cvref_t<Ts>...>;
};
template <auto kFunction, typename R, typename C, typename... Ts>
  requires(!std::is_const_v<C>)
struct Chosen<kFunction, R (*)(C&, Ts...)> {
  using Type = Adapted<kFunction, C, R, std::remove_cvref_t<Ts>...>;
};

}  // namespace internal

template <auto kFunction>
sql::ScalarFunction Adapt(std::string name) {
  return internal::Chosen<kFunction, decltype(kFunction)>::Type::Make(std::move(name));
}

}  // namespace st::worker::spark
