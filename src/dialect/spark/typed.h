// Inside the translator: an expression in DuckDB's words with its Spark type, and the parts that
// make one (casts, functions, patterns). Pure.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/quote.h"
#include "base/result.h"
#include "dialect/source_text.h"
#include "dialect/spark/ast.h"
#include "dialect/spark/types.h"

namespace st::dialect::spark {

struct Typed {
  std::string sql;
  ColumnType type;
  bool can_fail = false;  // may raise an error on some value: order of evaluation matters
};

// The record's value as text, where the reader has checked that it is UTF-8, and where not.
inline constexpr std::string_view kValueText = "value_text";
inline constexpr std::string_view kCheckedText =
    "CASE WHEN value IS NOT NULL AND value_text IS NULL THEN error('the value is not UTF-8') "
    "ELSE value_text END";

inline std::string SqlString(std::string_view text) { return Quoted(text, '\''); }
inline std::string SqlIdentifier(std::string_view name) { return Quoted(name, '"'); }

// What a name means and where JSON fields are taken: differs between SELECT and WHERE.
class Scope {
 public:
  virtual ~Scope() = default;
  virtual Result<Typed> Column(const Expr& column) = 0;
  // CAST(value AS STRING), for the column as written.
  virtual Result<Typed> ValueText(const Expr& column) = 0;
  // The text at a DuckDB JSON path of the record's value.
  virtual std::string Extract(const std::string& path) = 0;
};

// Casts as Spark in ANSI mode. kUnsupported (without a place): not offered.
Result<Typed> Cast(const Typed& value, const ColumnType& to, bool is_try);

// A call whose arguments are translated.
struct Call {
  const SourceText& source;
  const Expr& expr;
  std::vector<Typed> args;
  Scope& scope;
  std::unexpected<Error> Wrong(std::size_t position, std::string_view message) const {
    return std::unexpected(source.At(position, message));
  }
};
Result<Typed> TranslateCall(Call& call);
// Clock, random and session functions are refused (I12).
bool IsClockFunction(std::string_view name);
std::string ClockMessage(std::string_view name);

// Brings both to one type; false where Spark would cast a value in a way that is not followed.
bool Unify(std::vector<Typed>& values);

}  // namespace st::dialect::spark
