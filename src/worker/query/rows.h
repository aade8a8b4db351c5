// Values of a result in the statement protocol's JSON form.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "jobs/query_messages.h"
#include "sql/chunk.h"

namespace st::worker::query {

// Appends rows of chunks to a page's text.
//
// Format:  Trino's client protocol: numbers as numbers, decimals, dates, times, uuids as text, NaN
//          and infinities as text, binary in base64, arrays and rows as arrays, maps as objects.
//          Instants are shown in UTC whatever the session's time zone is.
// Errors:  NUMERIC_VALUE_OUT_OF_RANGE for an integer over bigint; NOT_SUPPORTED for an interval
//          with months.
// Threads: one thread.
class RowWriter {
 public:
  // Every type has a TrinoTypeOf.
  RowWriter(std::vector<sql::Type> types, bool parametric_datetime)
      : types_(std::move(types)), has_micros_(parametric_datetime) {}

  // "[1,\"a\"]"
  jobs::QueryResult<void> WriteRow(const sql::Chunk& chunk, std::uint64_t row,
                                   std::string& out) const;

 private:
  jobs::QueryResult<void> Write(const sql::Type& type, const sql::VectorView& vector,
                                std::uint64_t row, std::string& out) const;
  jobs::QueryResult<void> WriteNested(const sql::Type& type, const sql::VectorView& vector,
                                      std::uint64_t row, std::string& out) const;
  jobs::QueryResult<void> WriteInteger(const sql::Type& type, const sql::VectorView& vector,
                                       std::uint64_t row, std::string& out) const;
  jobs::QueryResult<void> WriteElements(const sql::Type& type, const sql::VectorView& elements,
                                        sql::VectorView::Range range, std::string& out) const;
  jobs::QueryResult<void> WriteMap(const sql::Type& type, const sql::VectorView& vector,
                                   std::uint64_t row, std::string& out) const;

  std::vector<sql::Type> types_;
  bool has_micros_;
};

// Parts of it, for tests.
void AppendDouble(double value, std::string& out);
void AppendDecimal(sql::Int128 value, int scale, std::string& out);
void AppendDate(std::int64_t days, std::string& out);
// `ticks` of 10^-digits seconds since the epoch, `shown` digits of the fraction.
void AppendTimestamp(std::int64_t ticks, int digits, int shown, std::string& out);

}  // namespace st::worker::query
