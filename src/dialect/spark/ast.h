// The syntax tree of a pipeline statement: what was written and where. Pure data.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/partition_transform.h"

namespace st::dialect::spark {

enum class ExprKind {
  kString,    // text: its value
  kNumber,    // text: as written (1, 1.5, 1e3, 10L, 1.5D)
  kTrue,      //
  kFalse,     //
  kNull,      //
  kTyped,     // DATE '…', TIMESTAMP[_NTZ] '…': text the word in lower case, args[0] the string
  kInterval,  // names: of text "units" a number and a unit, …; of "range" the string and two
              // units, as '1 02' DAY TO HOUR; of "text" the string alone
  kColumn,    // text: the name; qualifier
  kField,     // args[0].text
  kItem,      // args[0][args[1]]
  kNamed,     // args[0] AS text, an argument of struct()
  kLambda,    // (names) -> args[0], an argument of a function
  kStar,      // *, qualifier.* or args[0].*
  kUnary,     // text: - + not; one argument
  kBinary,    // text: + - * / % div || = <> < <= > >= <=> and or; two arguments
  kCall,      // text: the function's name in lower case
  kCast,      // type; is_try
  kCase,      // args: [operand] when then … [else]; has_operand, has_else
  kIn,        // args[0] [NOT] IN args[1…], or IN (query)
  kBetween,   // args[0] [NOT] BETWEEN args[1] AND args[2]
  kLike,      // text: like rlike; args[0] [NOT] LIKE args[1]
  kIs,        // text: null true false; args[0] IS [NOT] …
  kRow,       // (args[0], args[1], …)
  kSubquery,  // (query), a value
  kExists,    // EXISTS (query)
};

// A type as written: "decimal" with {10, 2}; "array", "map" and "struct" with the types in it.
struct TypeName {
  std::string name;  // lower case
  std::vector<int> arguments;
  std::vector<TypeName> parts;
  std::vector<std::string> field_names;  // of a struct, one a part
  std::size_t position = 0;
};

struct Query;

struct Expr {
  ExprKind kind = ExprKind::kNull;
  std::string text;
  std::string qualifier;
  std::vector<Expr> args;
  std::vector<std::string> names;
  TypeName type;
  std::shared_ptr<const Query> query;  // of kSubquery and kExists; of kIn: null if there is a list
  bool is_try = false;
  bool is_negated = false;
  bool has_operand = false;
  bool has_else = false;
  std::size_t position = 0;  // where an error about it points
};

inline Expr Make(ExprKind kind, std::size_t position, std::string text = {}) {
  Expr expr;
  expr.kind = kind;
  expr.text = std::move(text);
  expr.position = position;
  return expr;
}

inline Expr MakeBinary(std::string op, std::size_t position, Expr left, Expr right) {
  Expr expr = Make(ExprKind::kBinary, position, std::move(op));
  expr.args.push_back(std::move(left));
  expr.args.push_back(std::move(right));
  return expr;
}

struct SelectItem {
  Expr expr;
  std::optional<std::string> alias;
  std::vector<std::string> aliases;  // of a generator with several columns: AS (a, b)
};

// What a SELECT reads.
struct Source {
  enum class Kind {
    kStream,  // STREAM(name): a topic, or a view over one
    kName,    // a query of WITH
    kQuery,   // (SELECT …)
    kValues,  // VALUES (…), …
    kCall,    // a generator, as explode(…)
    kNone,    // there is no FROM
  };
  Kind kind = Kind::kStream;
  std::string name;
  std::shared_ptr<const Query> query;
  std::vector<std::vector<Expr>> rows;  // of kValues
  std::optional<Expr> call;             // of kCall
  std::string alias;                    // "" if none
  std::vector<std::string> columns;     // behind the alias; none: those of the source
  std::size_t position = 0;
};

// LATERAL VIEW [OUTER] call table [AS columns]
struct LateralView {
  Expr call;
  bool is_outer = false;
  std::string table;
  std::vector<std::string> columns;  // none: those of the function
};

// , LATERAL source, or [LEFT] JOIN LATERAL source [ON condition]
struct LateralJoin {
  Source source;
  bool is_left = false;
  std::optional<Expr> on;
};

struct SelectStatement {
  std::vector<SelectItem> items;
  Source from;
  std::vector<LateralJoin> joins;
  std::vector<LateralView> views;
  std::optional<Expr> where;
  std::size_t position = 0;
};

struct NamedQuery {
  std::string name;
  std::vector<std::string> columns;  // none: those of the query
  std::shared_ptr<const Query> query;
  std::size_t position = 0;  // of the name
};

// [WITH name AS (…), …] SELECT … [UNION ALL SELECT …]
struct Query {
  std::vector<NamedQuery> with;
  std::vector<SelectStatement> selects;
  std::size_t begin = 0;  // bytes of it in the file
  std::size_t end = 0;
};

struct TableProperty {
  std::string key;
  std::string value;
  std::size_t key_position = 0;
  std::size_t value_position = 0;
};

// A field of PARTITIONED BY.
struct PartitionItem {
  PartitionTransform transform;
  std::string column;
  std::size_t position = 0;
};

// A column of CLUSTER BY, or of the property sort-order.
struct SortItem {
  std::string column;
  bool is_descending = false;
  bool has_nulls_last = false;
  std::size_t position = 0;
};

// A column of the list behind a table's name.
struct ListedColumn {
  std::string name;
  TypeName type;
  std::string comment;
  std::size_t position = 0;
};

// CREATE STREAMING TABLE … AS query
struct StreamingTable {
  std::size_t position = 0;
  std::string name;
  std::size_t name_position = 0;
  std::vector<ListedColumn> columns;  // none: there is no list
  std::string comment;
  std::vector<TableProperty> properties;
  std::vector<PartitionItem> partition;
  std::vector<SortItem> cluster;
  std::size_t cluster_position = 0;  // of CLUSTER BY
  Query query;
};

// The statements of a file. A view is seen in the whole file.
struct Statements {
  std::vector<StreamingTable> tables;
  std::vector<NamedQuery> views;  // CREATE TEMPORARY VIEW name AS …
  std::vector<Error> mistakes;    // of the statements that could not be read, and are not above
};

}  // namespace st::dialect::spark
