#include "dialect/emit.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/quote.h"

namespace st::dialect {
namespace {

// The precedence of DuckDB's operators, loosest first. DuckDB parses IS below the comparisons, and
// those below IN and LIKE; the three share a level here, since each gets brackets inside another.
enum Strength : int {
  kLoosest,
  kOrs,
  kAnds,
  kNots,
  kTests,  // IS …, comparisons, IN, LIKE
  kJoints,
  kSums,
  kProducts,
  kSigns,
  kTight,
};

enum class Form { kPrefix, kPostfix, kInfix, kIn, kLike };

struct Spelling {
  Operator op;
  std::string_view text;
  Form form;
  Strength strength;
};

constexpr auto kSpellings = std::to_array<Spelling>({
    {Operator::kOr, " OR ", Form::kInfix, kOrs},
    {Operator::kAnd, " AND ", Form::kInfix, kAnds},
    {Operator::kNot, "NOT ", Form::kPrefix, kNots},
    {Operator::kIsNull, " IS NULL", Form::kPostfix, kTests},
    {Operator::kIsNotNull, " IS NOT NULL", Form::kPostfix, kTests},
    {Operator::kIsTrue, " IS TRUE", Form::kPostfix, kTests},
    {Operator::kIsNotTrue, " IS NOT TRUE", Form::kPostfix, kTests},
    {Operator::kIsFalse, " IS FALSE", Form::kPostfix, kTests},
    {Operator::kIsNotFalse, " IS NOT FALSE", Form::kPostfix, kTests},
    {Operator::kEqual, " = ", Form::kInfix, kTests},
    {Operator::kNotEqual, " <> ", Form::kInfix, kTests},
    {Operator::kLess, " < ", Form::kInfix, kTests},
    {Operator::kLessOrEqual, " <= ", Form::kInfix, kTests},
    {Operator::kGreater, " > ", Form::kInfix, kTests},
    {Operator::kGreaterOrEqual, " >= ", Form::kInfix, kTests},
    {Operator::kIsDistinct, " IS DISTINCT FROM ", Form::kInfix, kTests},
    {Operator::kIsNotDistinct, " IS NOT DISTINCT FROM ", Form::kInfix, kTests},
    {Operator::kIn, " IN ", Form::kIn, kTests},
    {Operator::kNotIn, " NOT IN ", Form::kIn, kTests},
    {Operator::kLike, " LIKE ", Form::kLike, kTests},
    {Operator::kNotLike, " NOT LIKE ", Form::kLike, kTests},
    {Operator::kConcatenate, " || ", Form::kInfix, kJoints},
    {Operator::kAdd, " + ", Form::kInfix, kSums},
    {Operator::kSubtract, " - ", Form::kInfix, kSums},
    {Operator::kMultiply, " * ", Form::kInfix, kProducts},
    {Operator::kDivide, " / ", Form::kInfix, kProducts},
    {Operator::kDivideWhole, " // ", Form::kInfix, kProducts},
    {Operator::kRemainder, " % ", Form::kInfix, kProducts},
    {Operator::kNegate, "-", Form::kPrefix, kSigns},
});

constexpr bool IsInEnumOrder() {
  for (std::size_t i = 0; i < kSpellings.size(); ++i) {
    if (kSpellings[i].op != static_cast<Operator>(i)) return false;
  }
  return true;
}
static_assert(IsInEnumOrder(), "SpellingOf() takes the enumerator as the place");

const Spelling& SpellingOf(Operator op) { return kSpellings.at(static_cast<std::size_t>(op)); }

Strength Tighter(Strength strength) { return static_cast<Strength>(strength + 1); }

Strength StrengthOf(const Expression& expression) {
  if (expression.in_brackets) return kTight;
  if (expression.kind == Expression::Kind::kOperator) return SpellingOf(expression.op).strength;
  const bool is_signed = expression.kind == Expression::Kind::kLiteral &&
                         expression.type.is_numeric() && expression.text.starts_with('-');
  return is_signed ? kSigns : kTight;
}

// Writes SQL to a text, or only counts its bytes.
class Writer {
 public:
  explicit Writer(std::string* out) : out_(out) {}
  std::size_t bytes() const { return bytes_; }

  void Write(const Select& select) {
    Put("SELECT ");
    for (std::size_t i = 0; i < select.outputs.size(); ++i) {
      if (i != 0) Put(", ");
      const Output& output = select.outputs[i];
      Write(output.value, kLoosest);
      if (output.name.empty()) continue;
      Put(" AS ");
      Name(output.name, output.is_plain);
    }
    Put(" FROM ");
    if (const auto* function = std::get_if<TableFunction>(&select.from)) {
      Put(function->name);
      Put("()");
    } else if (const auto* all = std::get_if<UnionAll>(&select.from)) {
      Put("(");
      for (std::size_t i = 0; i < all->parts.size(); ++i) {
        if (i != 0) Put(" UNION ALL ");
        Write(*all->parts[i]);
      }
      Put(")");
    } else {
      Put("(");
      Write(*std::get<std::shared_ptr<const Select>>(select.from));
      Put(")");
    }
    if (!select.where) return;
    Put(" WHERE ");
    Write(*select.where, kLoosest);
  }

  // Writes brackets if the expression binds less tightly than `least`.
  void Write(const Expression& expression, Strength least) {
    const bool has_brackets = expression.in_brackets || StrengthOf(expression) < least;
    if (has_brackets) Put("(");
    Bare(expression);
    if (has_brackets) Put(")");
  }

 private:
  using Kind = Expression::Kind;

  void Put(std::string_view text) {
    bytes_ += text.size();
    if (out_ != nullptr) *out_ += text;
  }

  void PutQuoted(std::string_view text, char quote) {
    if (out_ != nullptr) return Put(Quoted(text, quote));
    bytes_ += text.size() + 2 + static_cast<std::size_t>(std::ranges::count(text, quote));
  }

  void Name(std::string_view name, bool is_plain) {
    if (is_plain) return Put(name);
    PutQuoted(name, '"');
  }

  void Bare(const Expression& e) {
    switch (e.kind) {
      case Kind::kLiteral:
        return Literal(e);
      case Kind::kColumn:
        return Name(e.text, e.is_plain);
      case Kind::kCall:
        Put(e.text);
        return Listed("(", e.operands(), 0, ")");
      case Kind::kOperator:
        return Operation(e);
      case Kind::kCast:
        Put(e.is_try ? "TRY_CAST(" : "CAST(");
        Write(e.operands()[0], kLoosest);
        Put(" AS ");
        Put(DuckDbName(e.type));
        return Put(")");
      case Kind::kCase:
        return Case(e.operands());
      case Kind::kElement:
        Write(e.operands()[0], kTight);
        Put("[");
        Put(e.text);
        return Put("]");
      case Kind::kList:
        return Listed("[", e.operands(), 0, "]");
      case Kind::kStruct:
        return Struct(e);
      case Kind::kLambda:
        Put("lambda ");
        for (std::size_t i = 0; i < e.names.size(); ++i) {
          if (i != 0) Put(", ");
          Put(e.names[i]);
        }
        Put(": ");
        return Write(e.operands()[0], kLoosest);
    }
  }

  void Struct(const Expression& e) {
    Put("{");
    for (std::size_t i = 0; i < e.operands().size(); ++i) {
      if (i != 0) Put(", ");
      PutQuoted(e.type.nested->fields.at(i).name, '\'');
      Put(": ");
      Write(e.operands()[i], kLoosest);
    }
    Put("}");
  }

  void Literal(const Expression& e) {
    switch (e.type.kind) {
      case TypeKind::kString:
        return PutQuoted(e.text, '\'');
      case TypeKind::kDate:
        Put("DATE ");
        return PutQuoted(e.text, '\'');
      case TypeKind::kTimestamp:
        Put("TIMESTAMP ");
        return PutQuoted(e.text, '\'');
      case TypeKind::kTimestampTz:
        Put("TIMESTAMPTZ ");
        return PutQuoted(e.text, '\'');
      default:
        return Put(e.text);
    }
  }

  void Listed(std::string_view open, const std::vector<Expression>& values, std::size_t first,
              std::string_view close) {
    Put(open);
    for (std::size_t i = first; i < values.size(); ++i) {
      if (i != first) Put(", ");
      Write(values[i], kLoosest);
    }
    Put(close);
  }

  void Case(const std::vector<Expression>& operands) {
    Put("CASE");
    std::size_t i = 0;
    for (; i + 1 < operands.size(); i += 2) {
      Put(" WHEN ");
      Write(operands[i], kLoosest);
      Put(" THEN ");
      Write(operands[i + 1], kLoosest);
    }
    if (i < operands.size()) {
      Put(" ELSE ");
      Write(operands[i], kLoosest);
    }
    Put(" END");
  }

  void Operation(const Expression& e) {
    const Spelling& spelling = SpellingOf(e.op);
    const std::vector<Expression>& operands = e.operands();
    const Strength tighter = Tighter(spelling.strength);
    switch (spelling.form) {
      case Form::kPrefix:
        Put(spelling.text);
        return Write(operands[0], kTight);
      case Form::kPostfix:
        Write(operands[0], tighter);
        return Put(spelling.text);
      case Form::kIn:
        Write(operands[0], tighter);
        Put(spelling.text);
        return Listed("(", operands, 1, ")");
      case Form::kLike:
        Write(operands[0], tighter);
        Put(spelling.text);
        Write(operands[1], tighter);
        return Put(" ESCAPE '\\'");
      case Form::kInfix:
        // Sums and products associate to the left; a test inside a test always gets brackets.
        Write(operands[0], spelling.strength == kTests ? tighter : spelling.strength);
        for (std::size_t i = 1; i < operands.size(); ++i) {
          Put(spelling.text);
          Write(operands[i], tighter);
        }
        return;
    }
  }

  std::string* const out_;
  std::size_t bytes_ = 0;
};

}  // namespace

std::string ToSql(const Expression& expression) {
  std::string sql;
  Writer(&sql).Write(expression, kLoosest);
  return sql;
}

std::string ToSql(const Select& select) {
  std::string sql;
  Writer(&sql).Write(select);
  return sql;
}

std::size_t SqlBytes(const Expression& expression) {
  Writer writer(nullptr);
  writer.Write(expression, kLoosest);
  return writer.bytes();
}

std::size_t SqlBytes(const Select& select) {
  Writer writer(nullptr);
  writer.Write(select);
  return writer.bytes();
}

}  // namespace st::dialect
