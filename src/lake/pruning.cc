#include "lake/pruning.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/column_type.h"
#include "base/partition_transform.h"
#include "base/text.h"
#include "lake/chunk_statistics.h"
#include "lake/single_value.h"
#include "lake/value_order.h"

namespace st::lake {

namespace {

using Op = RowFilter::Op;
// Of each file of a chunk: 0, it has no wanted row.
using Mask = std::vector<std::uint8_t>;

// Whether a value between the bounds, or where one is missing any value, can compare so with one of
// the constants, which are in order.
template <typename Key>
bool MayCompare(Op op, const std::vector<Key>& constants, const std::optional<Key>& lower,
                const std::optional<Key>& upper) {
  const auto& constant = constants.front();
  switch (op) {
    case Op::kEqual: {
      const auto first = lower ? std::ranges::lower_bound(constants, *lower) : constants.begin();
      return first != constants.end() && !(upper && *upper < *first);
    }
    case Op::kLess:
      return !lower || *lower < constant;
    case Op::kLessOrEqual:
      return !lower || !(constant < *lower);
    case Op::kGreater:
      return !upper || constant < *upper;
    case Op::kGreaterOrEqual:
      return !upper || !(*upper < constant);
    default:
      return true;
  }
}

// Takes files out of `wanted` whose values cannot compare so with one of the constants.
template <typename KeyOrder>
void Narrow(Op op, const ByteColumn& constants, const ColumnBounds& column, Mask& wanted) {
  const auto keys = KeysOf<KeyOrder>(constants);
  if (keys.size() != constants.size()) return;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == 0) continue;
    const auto facts = column.facts[i];
    auto upper = KeyOrder::KeyAt(column.upper, i);
    // NaN is above the upper bound, which leaves it out.
    if (KeyOrder::kHasNaN && (facts & ColumnBounds::kMayHaveNaN) != 0) upper.reset();
    const bool may = (facts & ColumnBounds::kMayHaveValues) != 0 &&
                     MayCompare(op, keys, KeyOrder::KeyAt(column.lower, i), upper);
    wanted[i] = may ? 1 : 0;
  }
}

void NarrowByFact(std::uint8_t fact, const ColumnBounds& column, Mask& wanted) {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if ((column.facts[i] & fact) == 0) wanted[i] = 0;
  }
}

// What partition values of the rows that compare so with one of the constants satisfy.
struct Projection {
  Op op = Op::kAny;
  ByteColumn constants;
};

// Whether greater values of the column cannot have a lower one of the field. The least numbers that
// are truncated, and hours about the year 200,000, wrap around.
bool IsInOrder(const PartitionTransform& transform, std::size_t bytes, std::int64_t value) {
  constexpr std::int64_t kMostHours = 1'700'000'000;
  if (transform.kind == TransformKind::kHour) return value >= -kMostHours && value <= kMostHours;
  if (transform.kind != TransformKind::kTruncate) return true;
  const std::int64_t most = bytes == sizeof(std::int32_t)
                                ? std::numeric_limits<std::int32_t>::max()
                                : std::numeric_limits<std::int64_t>::max();
  return value <= most - transform.parameter;
}

// The constants through the field's transform. nullopt: the field says nothing of such rows.
//
// Format: Iceberg spec, Scan Planning: an inclusive projection.
std::optional<Projection> Project(Op op, const ByteColumn& constants, const PartitionField& field) {
  const auto kind = field.transform.kind;
  if (kind == TransformKind::kBucket && op != Op::kEqual) return std::nullopt;
  Projection made{.op = op, .constants = {}};
  if (kind != TransformKind::kIdentity && op == Op::kLess) made.op = Op::kLessOrEqual;
  if (kind != TransformKind::kIdentity && op == Op::kGreater) made.op = Op::kGreaterOrEqual;
  // A constant beside an int may be a long.
  auto source = field.source;
  if (source.kind == TypeKind::kInt) source.kind = TypeKind::kLong;
  for (std::size_t i = 0; i < constants.size(); ++i) {
    const auto value = Apply(field.transform, source, constants.At(i));
    if (!value) return std::nullopt;
    made.constants.Add(*value);
    if (OrderOf(field.result.kind) != Order::kInteger) continue;
    const auto key = IntegerOrder::KeyAt(made.constants, i);
    if (!key || !IsInOrder(field.transform, value->size(), *key)) return std::nullopt;
  }
  return made;
}

// Takes files out of `wanted` whose partition values cannot compare so.
template <typename KeyOrder>
void Narrow(const Projection& projection, const PartitionTransform& transform,
            const ByteColumn& values, Mask& wanted) {
  const auto keys = KeysOf<KeyOrder>(projection.constants);
  if (keys.empty() || keys.size() != projection.constants.size()) return;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == 0) continue;
    const auto value = KeyOrder::KeyAt(values, i);
    if (!value) continue;
    if constexpr (KeyOrder::kHasNaN) {
      if (std::isnan(*value)) continue;
    }
    if constexpr (std::is_same_v<KeyOrder, IntegerOrder>) {
      if (!IsInOrder(transform, values.length(i), *value)) continue;
    }
    wanted[i] = MayCompare(projection.op, keys, value, value) ? 1 : 0;
  }
}

// A constant of a condition, in single-value serialization.
std::optional<std::string> ValueOf(std::string_view type, const std::string& text) {
  auto value = BoundFromText(type == "int" ? "long" : type, text);
  if (!value) return std::nullopt;
  return *std::move(value);
}

}  // namespace

struct Pruner::Table {
  const std::vector<Column>& columns;
  const std::vector<PartitionSpec>& specs;
};

struct Pruner::Node {
  Op op = Op::kAny;
  int column_id = 0;
  Order order = Order::kNone;
  ByteColumn constants;  // in single-value serialization; of kEqual, a value may be any of them
  std::vector<std::pair<int, PartitionField>> fields;  // of the column, with the ids of their specs
  std::vector<Node> children;

  static Node From(const RowFilter& filter, const Table& table);
  void Add(Node child);
  // Takes files without such rows out of `wanted`.
  void Narrow(const ChunkStatistics& statistics, Mask& wanted) const;
  void NarrowToOne(const ChunkStatistics& statistics, Mask& wanted) const;
  void Compare(const ColumnBounds& column, Mask& wanted) const;
  // `values` of nullptr: all are NULL.
  void NarrowByPartition(const PartitionField& field, const ByteColumn* values, Mask& wanted) const;
};

Pruner::Node Pruner::Node::From(const RowFilter& filter, const Table& table) {
  Node node{.op = filter.op, .column_id = filter.column_id};
  if (filter.op == Op::kAny) return node;
  if (filter.op == Op::kAll || filter.op == Op::kOne) {
    for (const auto& child : filter.children) node.Add(From(child, table));
    return node;
  }
  const auto column = std::ranges::find(table.columns, filter.column_id, &Column::id);
  if (column == table.columns.end()) return {};
  const auto type = ColumnTypeFromIceberg(column->type);
  if (!type) return {};
  for (const auto& spec : table.specs) {
    for (const auto& field : spec.fields) {
      const bool is_used = field.transform.kind != TransformKind::kVoid;
      if (is_used && field.column_id == column->id) node.fields.emplace_back(spec.id, field);
    }
  }
  if (filter.op == Op::kIsNull || filter.op == Op::kIsNotNull) return node;
  node.order = OrderOf(type->kind);
  if (node.order == Order::kNone) return {};
  auto value = ValueOf(column->type, filter.value);
  if (!value) return {};
  node.constants.Add(*value);
  return node;
}

// A column that equals one of many constants is one look at its bounds.
void Pruner::Node::Add(Node child) {
  if (op == Op::kOne && child.op == Op::kEqual) {
    for (auto& other : children) {
      if (other.op != Op::kEqual || other.column_id != child.column_id) continue;
      other.constants.Add(child.constants.At(0));
      return;
    }
  }
  children.push_back(std::move(child));
}

void Pruner::Node::Compare(const ColumnBounds& column, Mask& wanted) const {
  WithOrder(order, [&](auto key_order) {
    lake::Narrow<decltype(key_order)>(op, constants, column, wanted);
  });
}

void Pruner::Node::NarrowByPartition(const PartitionField& field, const ByteColumn* values,
                                     Mask& wanted) const {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const bool is_null = values == nullptr || !values->Has(i);
    if (is_null != (op == Op::kIsNull)) wanted[i] = 0;
  }
  if (values == nullptr || order == Order::kNone) return;
  const auto projected = Project(op, constants, field);
  if (!projected) return;
  const bool is_same_type = field.transform.kind == TransformKind::kIdentity ||
                            field.transform.kind == TransformKind::kTruncate;
  WithOrder(is_same_type ? order : Order::kInteger, [&](auto key_order) {
    lake::Narrow<decltype(key_order)>(*projected, field.transform, *values, wanted);
  });
}

void Pruner::Node::NarrowToOne(const ChunkStatistics& statistics, Mask& wanted) const {
  Mask found(wanted.size());
  for (const auto& child : children) {
    Mask more = wanted;
    child.Narrow(statistics, more);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      found[i] |= more[i];
      wanted[i] = wanted[i] > more[i] ? 1 : 0;  // the others need not ask again
    }
  }
  wanted = std::move(found);
}

void Pruner::Node::Narrow(const ChunkStatistics& statistics, Mask& wanted) const {
  if (op == Op::kAny) return;
  if (op == Op::kOne) return NarrowToOne(statistics, wanted);
  if (op == Op::kAll) {
    for (const auto& child : children) child.Narrow(statistics, wanted);
    return;
  }
  for (const auto& [spec_id, field] : fields) {
    if (spec_id != statistics.spec_id()) continue;
    NarrowByPartition(field, statistics.FindPartition(field.id), wanted);
  }
  const auto* column = statistics.Find(column_id);
  if (column == nullptr) return;
  if (op == Op::kIsNull) return NarrowByFact(ColumnBounds::kMayHaveNulls, *column, wanted);
  if (op == Op::kIsNotNull) return NarrowByFact(ColumnBounds::kMayHaveValues, *column, wanted);
  Compare(*column, wanted);
}

Pruner::Pruner(const RowFilter& filter, const std::vector<Column>& columns,
               const std::vector<PartitionSpec>& specs)
    : root_(std::make_unique<const Node>(Node::From(filter, {columns, specs}))) {}
Pruner::~Pruner() = default;
Pruner::Pruner(Pruner&&) noexcept = default;
Pruner& Pruner::operator=(Pruner&&) noexcept = default;

void Pruner::AddFiles(const FileChunk& chunk, std::vector<const DataFile*>& to) const {
  Mask wanted(chunk.files().size(), 1);
  root_->Narrow(chunk.statistics(), wanted);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] != 0) to.push_back(&chunk.files()[i]);
  }
}

std::vector<const DataFile*> FilesFor(const RowFilter& filter, const View& view) {
  const Pruner pruner(filter, view.columns, view.partition_specs);
  std::vector<const DataFile*> files;
  if (filter.op == Op::kAny) files.reserve(view.files.size());
  for (const auto& chunk : view.files.chunks()) pruner.AddFiles(*chunk, files);
  return files;
}

}  // namespace st::lake
