#include "worker/parquet/thrift.h"

#include <algorithm>
#include <utility>

#include "base/coding.h"
#include "worker/parquet/limits.h"

namespace st::worker::parquet {
namespace {

using Type = ThriftValue::Type;

constexpr std::uint8_t kStop = 0;
constexpr std::uint64_t kLongList = 15;  // its length follows

std::unexpected<Error> Cut() {
  return Fail(ErrorCode::kCorruption, "a Thrift struct is cut short or malformed");
}

bool IsKnown(std::uint8_t type) {
  return (type >= 1 && type <= 9) || type == static_cast<std::uint8_t>(Type::kStruct);
}

class Parser {
 public:
  explicit Parser(std::string_view bytes) : reader_(bytes) {}

  Result<ThriftValue> Whole() {
    ST_TRY(auto value, Struct(1));
    if (!reader_.is_at_end()) return Cut();
    return value;
  }

 private:
  Result<Type> TypeFrom(std::uint8_t bits) const {
    if (IsKnown(bits)) return static_cast<Type>(bits);
    return Fail(ErrorCode::kUnsupported, "a Thrift struct has a field of the type {}", bits);
  }

  Result<ThriftValue> Struct(int depth) {
    if (depth > kMaxThriftDepth) {
      return Fail(ErrorCode::kUnsupported, "Thrift structs are more than {} deep", kMaxThriftDepth);
    }
    ThriftValue value{.type = Type::kStruct};
    std::int64_t field = 0;
    while (true) {
      const auto head = reader_.Little<std::uint8_t>();
      if (!reader_.ok()) return Cut();
      if (head == kStop) return value;
      const std::int64_t step = head >> 4;
      field = step != 0 ? field + step : UnZigZag(reader_.Varint());
      if (field != static_cast<std::int16_t>(field)) return Cut();
      ST_TRY(const auto type, TypeFrom(head & 0x0f));
      ST_TRY(auto item, Value(type, depth));
      value.fields.push_back(static_cast<std::int16_t>(field));
      value.items.push_back(std::move(item));
    }
  }

  Result<ThriftValue> Value(Type type, int depth) {
    if (type == Type::kStruct) return Struct(depth + 1);
    if (type == Type::kList) return List(depth);
    ThriftValue value{.type = type};
    if (type == Type::kByte) value.number = reader_.Little<std::int8_t>();
    if (type == Type::kI16 || type == Type::kI32 || type == Type::kI64) {
      value.number = UnZigZag(reader_.Varint());
    }
    if (type == Type::kDouble) value.bytes = reader_.Bytes(sizeof(double));
    if (type == Type::kBinary) value.bytes = reader_.Bytes(reader_.Varint());
    if (!reader_.ok()) return Cut();
    return value;
  }

  Result<ThriftValue> List(int depth) {
    const auto head = reader_.Little<std::uint8_t>();
    std::uint64_t size = head >> 4;
    if (size == kLongList) size = reader_.Varint();
    // Each item has a byte at least.
    if (!reader_.ok() || size > reader_.left().size()) return Cut();
    ThriftValue value{.type = Type::kList};
    ST_TRY(value.element, TypeFrom(head & 0x0f));
    const bool is_bool = value.element == Type::kTrue || value.element == Type::kFalse;
    for (std::uint64_t i = 0; i < size; ++i) {
      if (is_bool) {
        ST_TRY(const auto type, TypeFrom(reader_.Little<std::uint8_t>()));
        value.items.push_back({.type = type});
        continue;
      }
      ST_TRY(auto item, Value(value.element, depth));
      value.items.push_back(std::move(item));
    }
    return value;
  }

  ByteReader reader_;
};

void Append(const ThriftValue& value, std::string& out);

void AppendStruct(const ThriftValue& value, std::string& out) {
  int before = 0;
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    const int field = value.fields[i];
    const int step = field - before;
    const auto type = static_cast<int>(value.items[i].type);
    if (step >= 1 && step <= 15) {
      out.push_back(static_cast<char>(step << 4 | type));
    } else {
      out.push_back(static_cast<char>(type));
      AppendVarint(out, ZigZag(field));
    }
    Append(value.items[i], out);
    before = field;
  }
  out.push_back(static_cast<char>(kStop));
}

void AppendList(const ThriftValue& value, std::string& out) {
  const auto size = value.items.size();
  const auto head = std::min<std::uint64_t>(size, kLongList) << 4;
  out.push_back(static_cast<char>(head | static_cast<std::uint64_t>(value.element)));
  if (size >= kLongList) AppendVarint(out, size);
  for (const auto& item : value.items) {
    const bool is_bool = item.type == Type::kTrue || item.type == Type::kFalse;
    if (is_bool) out.push_back(static_cast<char>(item.type));
    Append(item, out);
  }
}

void Append(const ThriftValue& value, std::string& out) {
  switch (value.type) {
    case Type::kTrue:
    case Type::kFalse:
      return;  // the type says it
    case Type::kByte:
      out.push_back(static_cast<char>(value.number));
      return;
    case Type::kI16:
    case Type::kI32:
    case Type::kI64:
      AppendVarint(out, ZigZag(value.number));
      return;
    case Type::kBinary:
      AppendVarint(out, value.bytes.size());
      out += value.bytes;
      return;
    case Type::kDouble:
      out += value.bytes;
      return;
    case Type::kList:
      return AppendList(value, out);
    case Type::kStruct:
      return AppendStruct(value, out);
  }
}

}  // namespace

const ThriftValue* ThriftValue::Find(std::int16_t field) const {
  const auto found = std::ranges::find(fields, field);
  return found == fields.end() ? nullptr : &items[static_cast<std::size_t>(found - fields.begin())];
}

ThriftValue* ThriftValue::Find(std::int16_t field) {
  return const_cast<ThriftValue*>(std::as_const(*this).Find(field));
}

void ThriftValue::Erase(std::int16_t field) {
  const auto found = std::ranges::find(fields, field);
  if (found == fields.end()) return;
  items.erase(items.begin() + (found - fields.begin()));
  fields.erase(found);
}

Result<std::int64_t> ThriftValue::NumberAt(std::int16_t field) const {
  const auto* item = Find(field);
  if (item != nullptr && item->type >= Type::kByte && item->type <= Type::kI64) {
    return item->number;
  }
  return Fail(ErrorCode::kCorruption, "a Thrift struct has no number in its field {}", field);
}

Result<ThriftValue> ParseThrift(std::string_view bytes) { return Parser(bytes).Whole(); }

std::string ThriftBytes(const ThriftValue& value) {
  std::string out;
  AppendStruct(value, out);
  return out;
}

}  // namespace st::worker::parquet
