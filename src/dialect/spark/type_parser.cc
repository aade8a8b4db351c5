#include "dialect/spark/type_parser.h"

#include <fmt/format.h>

#include <utility>

#include "base/text.h"
#include "dialect/spark/types.h"
#include "spark_values/interval.h"

namespace st::dialect::spark {
namespace {

class TypeParser {
 public:
  explicit TypeParser(TokenCursor& cursor) : cursor_(cursor) {}

  Result<TypeName> Type() {
    if (++depth_ > kMaxTypeDepth + 1) {
      return cursor_.Wrong(cursor_.Peek().position,
                           fmt::format("a type has at most {} levels", kMaxTypeDepth));
    }
    TypeName type;
    type.position = cursor_.Peek().position;
    ST_TRY(const auto name, cursor_.ExpectName("a type"));
    type.name = AsciiLower(name);
    if (type.name == "struct" && cursor_.TakeSymbol("<>")) return Done(std::move(type));
    if (cursor_.Peek().IsSymbol("<") && IsNested(type.name)) {
      cursor_.Take();
      ST_TRY_STATUS(Parts(type));
      ST_TRY_STATUS(cursor_.ExpectSymbol(">", fmt::format("at the end of {}<…>", name)));
      return Done(std::move(type));
    }
    if (type.name == "interval") {
      ST_TRY_STATUS(Fields(type.arguments));
      return Done(std::move(type));
    }
    if (cursor_.TakeSymbol("(")) ST_TRY_STATUS(Arguments(type));
    return Done(std::move(type));
  }

  // "a INT, b: STRING COMMENT 'text'", to the first token that does not belong to it.
  Status Fields(TypeName& structure) {
    do {
      ST_TRY_STATUS(Count());
      ST_TRY(auto name, cursor_.ExpectName("a field's name"));
      cursor_.TakeSymbol(":");
      ST_TRY(auto type, Type());
      if (cursor_.TakeWord("not")) ST_TRY_STATUS(cursor_.ExpectWord("null", "of NOT NULL"));
      if (cursor_.TakeWord("comment")) {
        if (cursor_.Peek().kind != TokenKind::kString) return cursor_.Unexpected("a string");
        cursor_.Take();
      }
      structure.field_names.push_back(std::move(name));
      structure.parts.push_back(std::move(type));
    } while (cursor_.TakeSymbol(","));
    return {};
  }

 private:
  static bool IsNested(std::string_view name) {
    return name == "array" || name == "map" || name == "struct";
  }

  Result<TypeName> Done(TypeName type) {
    --depth_;
    return type;
  }

  Status Count() {
    if (++parts_ <= kMaxTypeFields) return {};
    return cursor_.Wrong(cursor_.Peek().position,
                         fmt::format("a type has at most {} fields", kMaxTypeFields));
  }

  Status Parts(TypeName& type) {
    if (type.name == "struct") return Fields(type);
    ST_TRY(auto first, Type());
    type.parts.push_back(std::move(first));
    ST_TRY_STATUS(Count());
    if (type.name == "array") return {};
    ST_TRY_STATUS(cursor_.ExpectSymbol(",", "between the types of MAP<key, value>"));
    ST_TRY(auto second, Type());
    type.parts.push_back(std::move(second));
    return Count();
  }

  // DAY TO SECOND, DAY or nothing, behind INTERVAL.
  Status Fields(std::vector<int>& fields) {
    using spark_values::IntervalField;
    const auto first = spark_values::IntervalFieldOf(cursor_.Peek().text);
    if (cursor_.Peek().kind != TokenKind::kWord || !first) return {};
    const std::size_t position = cursor_.Take().position;
    auto last = first;
    if (cursor_.TakeWord("to")) last = spark_values::IntervalFieldOf(cursor_.Take().text);
    const auto is_of_year = [](IntervalField field) { return field <= IntervalField::kMonth; };
    if (!last || *last < *first || is_of_year(*first) != is_of_year(*last)) {
      return cursor_.Wrong(position, "there is no such interval, as INTERVAL DAY TO SECOND is");
    }
    fields = {static_cast<int>(*first), static_cast<int>(*last)};
    return {};
  }

  Status Arguments(TypeName& type) {
    do {
      const auto value = cursor_.Peek().kind == TokenKind::kNumber ? ParseInt64(cursor_.Peek().text)
                                                                   : std::nullopt;
      if (!value || *value < 0 || *value > 1000) return cursor_.Unexpected("a small number");
      type.arguments.push_back(static_cast<int>(*value));
      cursor_.Take();
    } while (cursor_.TakeSymbol(","));
    return cursor_.ExpectSymbol(")", "at the end of the type");
  }

  TokenCursor& cursor_;
  int depth_ = 0;
  std::size_t parts_ = 0;
};

std::string FirstLine(const Error& error) {
  const std::string text = error.message();
  return text.substr(0, text.find('\n'));
}

// Whether the text is one type rather than a list of fields: a name, alone or with < or ( behind.
bool IsOneType(const TokenCursor& cursor) {
  const Token& next = cursor.Peek(1);
  return next.kind == TokenKind::kEnd || next.IsSymbol("<") || next.IsSymbol("<>") ||
         next.IsSymbol("(");
}

}  // namespace

Result<TypeName> ParseTypeName(TokenCursor& cursor) { return TypeParser(cursor).Type(); }

Result<Type> TypeFromDdl(std::string_view text) {
  const SourceText source("schema", std::string(text));
  auto tokens = Tokenize(source);
  if (!tokens) return Fail(ErrorCode::kInvalidArgument, "{}", FirstLine(tokens.error()));
  TokenCursor cursor(source, std::move(*tokens));
  TypeName name{.name = "struct"};
  Status read;
  if (IsOneType(cursor)) {
    if (auto type = TypeParser(cursor).Type()) {
      name = *std::move(type);
    } else {
      read = std::unexpected(type.error());
    }
  } else {
    read = TypeParser(cursor).Fields(name);
  }
  if (read && cursor.Peek().kind != TokenKind::kEnd) read = cursor.Unexpected("a comma or the end");
  if (!read) return Fail(ErrorCode::kInvalidArgument, "{}", FirstLine(read.error()));
  auto type = TypeFromName(name);
  if (type) return *std::move(type);
  return Fail(ErrorCode::kInvalidArgument, "type {} is not supported", UnknownPart(name).name);
}

}  // namespace st::dialect::spark
