#include "dialect/spark/layout.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "dialect/spark/lexer.h"

namespace st::dialect::spark {
namespace {

struct TransformName {
  std::string_view name;
  TransformKind kind;
};
constexpr std::array kTransforms = {TransformName{"years", TransformKind::kYear},
                                    TransformName{"year", TransformKind::kYear},
                                    TransformName{"months", TransformKind::kMonth},
                                    TransformName{"month", TransformKind::kMonth},
                                    TransformName{"days", TransformKind::kDay},
                                    TransformName{"day", TransformKind::kDay},
                                    TransformName{"date", TransformKind::kDay},
                                    TransformName{"hours", TransformKind::kHour},
                                    TransformName{"hour", TransformKind::kHour},
                                    TransformName{"date_hour", TransformKind::kHour},
                                    TransformName{"bucket", TransformKind::kBucket},
                                    TransformName{"truncate", TransformKind::kTruncate},
                                    TransformName{"identity", TransformKind::kIdentity}};

std::string UnknownTransform(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& known : kTransforms) names.emplace_back(known.name);
  const auto nearest = NearestName(AsciiLower(name), names);
  return fmt::format(
      "the transform '{}' is not known{}; there are years, months, days, hours, bucket(n, column), "
      "truncate(n, column) and a column alone",
      name, nearest ? fmt::format("; did you mean {}?", *nearest) : "");
}

// One field of PARTITIONED BY.
class FieldParser {
 public:
  explicit FieldParser(TokenCursor& cursor) : cursor_(cursor) {}

  Result<PartitionItem> Run() {
    item_.position = cursor_.Peek().position;
    if (!cursor_.Peek(1).IsSymbol("(")) {
      ST_TRY_STATUS(Column());
      const Token& next = cursor_.Peek();
      if (next.kind == TokenKind::kWord) {
        return cursor_.Wrong(next.position,
                             "a column of PARTITIONED BY has no type here: the SELECT gives it");
      }
      return item_;
    }
    ST_TRY_STATUS(Transform());
    cursor_.Take();
    do {
      ST_TRY_STATUS(Argument());
    } while (cursor_.TakeSymbol(","));
    ST_TRY_STATUS(cursor_.ExpectSymbol(")", "behind the transform's arguments"));
    ST_TRY_STATUS(Check());
    return item_;
  }

 private:
  Status Transform() {
    ST_TRY(const auto name, cursor_.ExpectName("a transform or a column"));
    const auto* known = std::ranges::find(kTransforms, AsciiLower(name), &TransformName::name);
    if (known == kTransforms.end()) return cursor_.Wrong(item_.position, UnknownTransform(name));
    name_ = known->name;
    item_.transform.kind = known->kind;
    return {};
  }

  Status Column() {
    const auto position = cursor_.Peek().position;
    if (!item_.column.empty()) {
      return cursor_.Wrong(position, "a transform takes one column");
    }
    ST_TRY(item_.column, cursor_.ExpectName("a column's name"));
    if (!cursor_.Peek().IsSymbol(".")) return {};
    return cursor_.Wrong(position, "a table is partitioned by whole columns, not by a part of one");
  }

  Status Argument() {
    const Token& token = cursor_.Peek();
    if (token.kind != TokenKind::kNumber) return Column();
    const auto number = ParseInt64(token.text);
    const bool is_first = item_.column.empty() && item_.transform.parameter == 0;
    const bool may_follow = item_.transform.kind == TransformKind::kTruncate;
    const bool takes_number = item_.transform.kind == TransformKind::kBucket || may_follow;
    if (!takes_number || item_.transform.parameter != 0 || (!is_first && !may_follow)) {
      return cursor_.Wrong(token.position,
                           fmt::format("'{}' does not belong here; write {}", token.text, Usage()));
    }
    if (!number || *number < 1 || *number > kMaxTransformParameter) {
      return cursor_.Wrong(token.position, fmt::format("{} takes a whole number from 1 to {}",
                                                       name_, kMaxTransformParameter));
    }
    item_.transform.parameter = static_cast<int>(*number);
    cursor_.Take();
    return {};
  }

  Status Check() const {
    const bool wants_number = item_.transform.kind == TransformKind::kBucket ||
                              item_.transform.kind == TransformKind::kTruncate;
    if (!item_.column.empty() && wants_number == (item_.transform.parameter != 0)) return {};
    return cursor_.Wrong(item_.position, fmt::format("write {}", Usage()));
  }

  std::string Usage() const {
    const bool wants_number = item_.transform.kind == TransformKind::kBucket ||
                              item_.transform.kind == TransformKind::kTruncate;
    return wants_number ? fmt::format("{}(16, column)", name_) : fmt::format("{}(column)", name_);
  }

  TokenCursor& cursor_;
  PartitionItem item_;
  std::string name_;  // of the transform
};

Result<SortItem> ParseSortColumn(TokenCursor& cursor) {
  SortItem item{.column = {}, .position = cursor.Peek().position};
  ST_TRY(item.column, cursor.ExpectName("a column's name"));
  if (cursor.Peek().IsSymbol(".")) {
    return cursor.Wrong(item.position, "rows are sorted by whole columns, not by a part of one");
  }
  return item;
}

// "a DESC NULLS LAST": NULL comes first where values rise and last where they fall, unless it is
// said.
Result<SortItem> ParseSortField(TokenCursor& cursor) {
  ST_TRY(auto item, ParseSortColumn(cursor));
  item.is_descending = cursor.TakeWord("desc");
  if (!item.is_descending) cursor.TakeWord("asc");
  item.has_nulls_last = item.is_descending;
  if (!cursor.TakeWord("nulls")) return item;
  item.has_nulls_last = cursor.TakeWord("last");
  if (!item.has_nulls_last) ST_TRY_STATUS(cursor.ExpectWord("first", "or LAST behind NULLS"));
  return item;
}

template <typename Item, typename Parse>
Result<std::vector<Item>> ParseList(TokenCursor& cursor, Parse parse) {
  std::vector<Item> items;
  do {
    ST_TRY(auto item, parse(cursor));
    items.push_back(std::move(item));
  } while (cursor.TakeSymbol(","));
  return items;
}

Result<PartitionItem> ParsePartitionField(TokenCursor& cursor) { return FieldParser(cursor).Run(); }

// nullptr: there is no such column.
const LayoutColumn* Find(std::span<const LayoutColumn> columns, const std::string& name) {
  const auto found = std::ranges::find_if(
      columns, [&](const LayoutColumn& column) { return EqualsIgnoreCase(column.name, name); });
  return found == columns.end() ? nullptr : &*found;
}

std::string NameIn(std::span<const LayoutColumn> columns, const std::string& name) {
  const auto* const column = Find(columns, name);
  return column == nullptr ? name : column->name;
}

// `error` at the place of the item, and where its column is not there, what columns are.
template <typename Item>
std::unexpected<Error> Misplaced(const SourceText& source, const Item& item, const Error& error,
                                 std::span<const LayoutColumn> columns) {
  if (Find(columns, item.column) != nullptr) {
    return std::unexpected(source.At(item.position, error.message()));
  }
  std::string names;
  for (const auto& column : columns) names += (names.empty() ? "" : ", ") + column.name;
  return std::unexpected(
      source.At(item.position, fmt::format("{}; it has {}", error.message(), names)));
}

Status ExpectEnd(const TokenCursor& cursor) {
  if (cursor.Peek().kind == TokenKind::kEnd) return {};
  return cursor.Unexpected("',' or the end");
}

}  // namespace

Result<std::vector<PartitionItem>> ParsePartitionFields(TokenCursor& cursor) {
  ST_TRY_STATUS(cursor.ExpectSymbol("(", "behind PARTITIONED BY"));
  ST_TRY(auto items, ParseList<PartitionItem>(cursor, ParsePartitionField));
  ST_TRY_STATUS(cursor.ExpectSymbol(")", "at the end of PARTITIONED BY"));
  return items;
}

Result<std::vector<SortItem>> ParseClusterColumns(TokenCursor& cursor) {
  ST_TRY_STATUS(cursor.ExpectSymbol("(", "behind CLUSTER BY"));
  ST_TRY(auto items, ParseList<SortItem>(cursor, ParseSortColumn));
  ST_TRY_STATUS(cursor.ExpectSymbol(")", "at the end of CLUSTER BY"));
  return items;
}

Result<std::vector<PartitionBy>> ResolvePartition(const SourceText& source,
                                                  const std::vector<PartitionItem>& items,
                                                  std::span<const LayoutColumn> columns) {
  std::vector<PartitionBy> fields;
  for (const auto& item : items) {
    const PartitionBy next{.column = NameIn(columns, item.column), .transform = item.transform};
    const auto fits = CheckNext(fields, next, columns);
    if (!fits) return Misplaced(source, item, fits.error(), columns);
    fields.push_back(next);
  }
  return fields;
}

Result<std::vector<SortBy>> ResolveSort(const SourceText& source,
                                        const std::vector<SortItem>& items,
                                        std::span<const LayoutColumn> columns) {
  std::vector<SortBy> fields;
  for (const auto& item : items) {
    const SortBy next{.column = NameIn(columns, item.column),
                      .is_descending = item.is_descending,
                      .has_nulls_last = item.has_nulls_last};
    const auto fits = CheckNext(fields, next, columns);
    if (!fits) return Misplaced(source, item, fits.error(), columns);
    fields.push_back(next);
  }
  return fields;
}

Result<std::vector<PartitionBy>> PartitionFromText(const std::string& place, std::string_view text,
                                                   std::span<const LayoutColumn> columns) {
  const SourceText source(place, std::string(text));
  ST_TRY(auto tokens, Tokenize(source));
  TokenCursor cursor(source, std::move(tokens));
  ST_TRY(const auto items, ParseList<PartitionItem>(cursor, ParsePartitionField));
  ST_TRY_STATUS(ExpectEnd(cursor));
  return ResolvePartition(source, items, columns);
}

Result<std::vector<SortBy>> SortFromText(const std::string& place, std::string_view text,
                                         std::span<const LayoutColumn> columns) {
  const SourceText source(place, std::string(text));
  ST_TRY(auto tokens, Tokenize(source));
  TokenCursor cursor(source, std::move(tokens));
  ST_TRY(const auto items, ParseList<SortItem>(cursor, ParseSortField));
  ST_TRY_STATUS(ExpectEnd(cursor));
  return ResolveSort(source, items, columns);
}

}  // namespace st::dialect::spark
