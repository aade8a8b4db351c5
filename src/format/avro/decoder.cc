#include "format/avro/decoder.h"

namespace st::avro {

Result<std::int64_t> Decoder::Long() {
  const std::size_t at = position();
  const std::int64_t value = UnZigZag(in_.Varint());
  if (!in_.ok()) return Fail(ErrorCode::kCorruption, "avro: no integer begins at byte {}", at);
  return value;
}

Result<std::string_view> Decoder::Take(std::size_t count) {
  const std::size_t left = in_.left().size();
  if (count > left) {
    return Fail(ErrorCode::kCorruption, "avro: {} bytes wanted at byte {}, {} are there", count,
                position(), left);
  }
  return in_.Bytes(count);
}

Result<std::string_view> Decoder::Bytes() {
  ST_TRY(const auto size, Long());
  if (size < 0) {
    return Fail(ErrorCode::kCorruption, "avro: length {} at byte {}", size, position());
  }
  return Take(static_cast<std::size_t>(size));
}

Result<std::size_t> Decoder::BlockCount() {
  ST_TRY(auto count, Long());
  if (count < 0) {
    // The block's size in bytes follows a negative count, for readers that skip the block.
    ST_TRY(const auto size, Long());
    if (size < 0 || count == INT64_MIN) {
      return Fail(ErrorCode::kCorruption, "avro: block of {} bytes at byte {}", size, position());
    }
    count = -count;
  }
  return static_cast<std::size_t>(count);
}

Result<Value> Decoder::ReadBlocks(const Schema& schema, const Node& node, ValueBudget& budget,
                                  std::size_t depth) {
  Value value{.node = &node};
  const auto& child = schema.node(node.children[0]);
  while (true) {
    ST_TRY(const auto count, BlockCount());
    if (count == 0) return value;
    for (std::size_t i = 0; i < count; ++i) {
      if (node.type == Type::kMap) {
        ST_TRY(const auto key, Bytes());
        value.keys.emplace_back(key);
      }
      ST_TRY(auto item, Read(schema, child, budget, depth + 1));
      value.items.push_back(std::move(item));
    }
  }
}

Result<Value> Decoder::ReadScalar(const Node& node) {
  Value value{.node = &node};
  switch (node.type) {
    case Type::kBoolean: {
      ST_TRY(const auto byte, Take(1));
      value.integer = byte[0];
      if (value.integer == 0 || value.integer == 1) return value;
      return Fail(ErrorCode::kCorruption, "avro: no boolean at byte {}", position() - 1);
    }
    case Type::kFloat: {
      ST_TRY(const auto raw, Take(4));
      value.number = static_cast<double>(std::bit_cast<float>(LoadLittle<std::uint32_t>(raw)));
      return value;
    }
    case Type::kDouble: {
      ST_TRY(const auto raw, Take(8));
      value.number = std::bit_cast<double>(LoadLittle<std::uint64_t>(raw));
      return value;
    }
    case Type::kFixed: {
      ST_TRY(value.bytes, Take(node.size));
      return value;
    }
    case Type::kBytes:
    case Type::kString: {
      ST_TRY(value.bytes, Bytes());
      return value;
    }
    default:
      return ReadInteger(node);
  }
}

Result<Value> Decoder::ReadInteger(const Node& node) {
  Value value{.node = &node};
  ST_TRY(value.integer, Long());
  const bool fits =
      node.type == Type::kLong ||
      (node.type == Type::kInt && value.integer == static_cast<std::int32_t>(value.integer)) ||
      (node.type == Type::kEnum && value.integer >= 0 &&
       static_cast<std::size_t>(value.integer) < node.size);
  if (fits) return value;
  return Fail(ErrorCode::kCorruption, "avro: {} is out of range at byte {}", value.integer,
              position());
}

Result<Value> Decoder::Read(const Schema& schema, const Node& node, ValueBudget& budget,
                            std::size_t depth) {
  if (depth > kMaxDepth || !budget.Take()) {
    return Fail(ErrorCode::kCorruption, "avro: too many or too deep values at byte {}", position());
  }
  Value value{.node = &node};
  switch (node.type) {
    case Type::kNull:
      return value;
    case Type::kRecord:
      value.items.reserve(node.fields.size());
      for (const auto& field : node.fields) {
        ST_TRY(auto item, Read(schema, schema.node(field.type), budget, depth + 1));
        value.items.push_back(std::move(item));
      }
      return value;
    case Type::kArray:
    case Type::kMap:
      return ReadBlocks(schema, node, budget, depth);
    case Type::kUnion: {
      ST_TRY(const auto branch, Long());
      if (branch < 0 || static_cast<std::size_t>(branch) >= node.children.size()) {
        return Fail(ErrorCode::kCorruption, "avro: branch {} of {} at byte {}", branch,
                    node.children.size(), position());
      }
      return Read(schema, schema.node(node.children[static_cast<std::size_t>(branch)]), budget,
                  depth + 1);
    }
    default:
      return ReadScalar(node);
  }
}

}  // namespace st::avro
