// What DuckDB has to compute, as trees: typed expressions and SELECTs over them. Pure.
//
// A front end (dialect/spark) builds a plan from its engine's SQL. In a plan every name is resolved
// and every type is known, and the engine's own rules (casts, order of evaluation, functions) are
// spelled out in operators and functions with DuckDB's meaning, so a plan knows no engine and
// emit.h needs no rule of one. What a front end does not offer has no node here.
//
// Threads: values; subtrees are shared and never change.
// Errors:  none; building a plan that DuckDB would refuse is a bug of the front end.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dialect/type.h"

namespace st::dialect {

enum class Operator {
  kOr,   // two operands or more, as kAnd and kConcatenate
  kAnd,  //
  kNot,
  kIsNull,
  kIsNotNull,
  kIsTrue,
  kIsNotTrue,
  kIsFalse,
  kIsNotFalse,
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kIsDistinct,     // IS DISTINCT FROM
  kIsNotDistinct,  //
  kIn,             // the first operand among the others
  kNotIn,
  kLike,  // the escape character of the pattern is the backslash
  kNotLike,
  kConcatenate,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,       // of doubles
  kDivideWhole,  // towards zero, of integers
  kRemainder,
  kNegate,
};

struct CaseBranch;

struct Expression {
  enum class Kind {
    kLiteral,   // text; its form follows from `type`
    kColumn,    // text: the name
    kCall,      // text: the function's name in DuckDB; operands: its arguments
    kOperator,  // op
    kCast,      // the operand to `type`; is_try: NULL where it has no such value
    kCase,      // operands: when, then, when, then, … [else]
    kElement,   // text: the place from 1; operand: a list
    kList,      // [operand, …]
    kStruct,    // a struct whose fields are the operands; their names are those of `type`
    kLambda,    // names: its parameters; operand: its body
  };

  Kind kind = Kind::kLiteral;
  Operator op = Operator::kOr;
  Type type;
  // May raise an error on some value, so that the order of evaluation matters. A factory takes it
  // from the operands; the front end sets it where an operation fails by itself.
  bool can_fail = false;
  // Is one unit of the statement, and is written in brackets whatever stands around it.
  bool in_brackets = false;
  bool is_plain = false;  // kColumn: a name that DuckDB takes without quotes, written so
  bool is_try = false;
  int depth = 0;  // of the tree below; a literal has 0
  std::string text;
  std::vector<std::string> names;  // kLambda
  std::shared_ptr<const std::vector<Expression>> shared_operands;

  const std::vector<Expression>& operands() const;

  // Literals. `Number`: `digits` as SQL writes a number of that type.
  static Expression Null();
  static Expression Boolean(bool value);
  static Expression Integer(std::int64_t value);  // kInt if it fits, else kLong
  static Expression Number(std::string_view digits, Type type);
  static Expression Text(std::string_view text);
  // kDate "2026-01-02", kTimestamp "2026-01-02 03:04:05", kTimestampTz "2026-01-02 03:04:05+00".
  static Expression Time(std::string_view text, TypeKind kind);

  static Expression Column(std::string_view name, Type type);
  // Requires: `name` is a lower-case word that DuckDB does not reserve.
  static Expression PlainColumn(std::string_view name, Type type);
  static Expression Call(std::string_view function, std::vector<Expression> arguments, Type type);
  // The type follows from the operator: BOOLEAN, text, or that of the first operand.
  static Expression Apply(Operator op, std::vector<Expression> operands);
  static Expression Cast(Expression value, Type type, bool is_try = false);
  // The type is that of the first result. Without `otherwise`: NULL where no branch is taken.
  static Expression Case(std::vector<CaseBranch> branches,
                         std::optional<Expression> otherwise = std::nullopt);
  static Expression Element(Expression list, std::size_t place, Type type);  // from 1
  // Of values of one type; none: the elements are bare NULLs.
  static Expression List(std::vector<Expression> values);
  static Expression Struct(const std::vector<std::string>& names, std::vector<Expression> values);
  // Requires: the names are as those of PlainColumn, and no lambda around has one of them.
  static Expression Lambda(std::vector<std::string> names, Expression body);

  // The same expression, with a field changed.
  Expression InBrackets() &&;
  Expression CanFail(bool value = true) &&;
};

struct CaseBranch {
  Expression when;
  Expression then;
};

// Equal trees, the types included.
bool operator==(const Expression& a, const Expression& b);
bool AnyFails(const std::vector<Expression>& values);

struct Select;

// FROM function(): rows that the engine's host offers.
struct TableFunction {
  std::string name;
};
// The rows of all of them, by the names of the first one's columns.
struct UnionAll {
  std::vector<std::shared_ptr<const Select>> parts;
};
// A join, an aggregation or a named table becomes a further alternative.
using Relation = std::variant<TableFunction, std::shared_ptr<const Select>, UnionAll>;

struct Output {
  Expression value;
  std::string name;       // "": that of the column itself
  bool is_plain = false;  // as of a column
};

struct Select {
  std::vector<Output> outputs;
  Relation from;
  std::optional<Expression> where;
};

}  // namespace st::dialect
