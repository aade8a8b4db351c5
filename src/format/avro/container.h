// Avro object container files: written row by row, read whole into values.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "format/avro/schema.h"

namespace st::avro {

// Appends values in Avro's binary encoding. The caller writes a record's fields in the schema's
// order and an optional value as its branch's index, then the value.
class Encoder {
 public:
  void Null() {}
  void Boolean(bool value) { bytes_.push_back(value ? '\1' : '\0'); }
  void Long(std::int64_t value);  // int too: zigzag varint
  void Float(float value);
  void Double(double value);
  void Bytes(std::string_view value);  // string too
  void Fixed(std::string_view value) { bytes_ += value; }
  // An array or map: BlockStart(n), n items, BlockStart(0); BlockStart(0) alone when empty.
  void BlockStart(std::int64_t count) { Long(count); }
  void Branch(std::int64_t index) { Long(index); }

  const std::string& bytes() const { return bytes_; }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

enum class Codec { kNull, kDeflate };

// Makes one container file with a single block.
//
// Format: Avro 1.11 specification, Object Container Files.
class ContainerWriter {
 public:
  // `metadata` goes into the header beside avro.schema and avro.codec; `sync` should be random.
  ContainerWriter(std::string_view schema_json, std::map<std::string, std::string> metadata,
                  Uuid sync, Codec codec);
  // `row` is encoded as the schema says; that is not checked.
  void Append(std::string_view row);
  // The whole file.
  std::string Finish();

 private:
  std::string header_;
  Uuid sync_;
  Codec codec_;
  std::int64_t count_ = 0;
  std::string rows_;
};

// A decoded value. Of a union, the chosen branch.
struct Value {
  const Node* node = nullptr;
  std::int64_t integer = 0;  // boolean, int, long, enum (index)
  double number = 0;         // float, double
  std::string bytes;         // bytes, string, fixed
  // Record: a value a field; array: its items; map: its values, with `keys` beside them.
  std::vector<Value> items;
  std::vector<std::string> keys;

  bool is_null() const { return node == nullptr || node->type == Type::kNull; }
  // The field of a record with this Iceberg field id; nullptr if there is none or it is null.
  const Value* Field(int field_id) const;
};

struct Container {
  std::map<std::string, std::string> metadata;  // with avro.schema and avro.codec
  std::shared_ptr<const Schema> schema;
  std::vector<Value> rows;  // refer to `schema`
};

// Reads a whole container file by the schema it was written with.
//
// Errors: kCorruption with the byte where it is no Avro; kUnsupported for a codec other than null
//         and deflate. A file that is cut between two blocks cannot be told from a shorter one.
// Limits: limits.h.
Result<Container> DecodeContainer(std::string_view bytes);

}  // namespace st::avro
