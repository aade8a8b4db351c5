// The syntax tree of a pipeline statement: what was written and where. Pure data.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace st::dialect::spark {

enum class ExprKind {
  kString,   // text: its value
  kNumber,   // text: as written (1, 1.5, 1e3, 10L, 1.5D)
  kTrue,     //
  kFalse,    //
  kNull,     //
  kTyped,    // DATE '…', TIMESTAMP '…': text the word in lower case, args[0] the string
  kColumn,   // text: the name; qualifier
  kStar,     // *
  kUnary,    // text: - + not; one argument
  kBinary,   // text: + - * / % div || = <> < <= > >= <=> and or; two arguments
  kCall,     // text: the function's name in lower case
  kCast,     // type; is_try
  kCase,     // args: [operand] when then … [else]; has_operand, has_else
  kIn,       // args[0] [NOT] IN args[1…]
  kBetween,  // args[0] [NOT] BETWEEN args[1] AND args[2]
  kLike,     // text: like rlike; args[0] [NOT] LIKE args[1]
  kIs,       // text: null true false; args[0] IS [NOT] …
};

// A type as written: "decimal" with {10, 2}.
struct TypeName {
  std::string name;  // lower case
  std::vector<int> arguments;
  std::size_t position = 0;
};

struct Expr {
  ExprKind kind = ExprKind::kNull;
  std::string text;
  std::string qualifier;
  std::vector<Expr> args;
  TypeName type;
  bool is_try = false;
  bool is_negated = false;
  bool has_operand = false;
  bool has_else = false;
  std::size_t position = 0;  // where an error about it points
};

struct SelectItem {
  Expr expr;
  std::optional<std::string> alias;
};

struct TableProperty {
  std::string key;
  std::string value;
  std::size_t key_position = 0;
  std::size_t value_position = 0;
};

// CREATE STREAMING TABLE … AS SELECT … FROM STREAM(…) …
struct StreamingTable {
  std::size_t position = 0;
  std::string name;
  std::size_t name_position = 0;
  std::string comment;
  std::vector<TableProperty> properties;
  std::vector<SelectItem> items;
  std::string topic;
  std::size_t topic_position = 0;
  std::string alias;  // of the stream; "" if none
  std::optional<Expr> where;
  std::size_t select_begin = 0;  // bytes of the SELECT in the file
  std::size_t select_end = 0;
};

}  // namespace st::dialect::spark
