#include "format/avro/container.h"

#include <zlib.h>

#include "base/check.h"
#include "base/coding.h"
#include "format/avro/decoder.h"
#include "format/avro/limits.h"

namespace st::avro {

namespace {

constexpr std::string_view kMagic("Obj\x01", 4);
constexpr std::size_t kSyncBytes = 16;
// fastavro drops zlib's header from a stream but leaves most of its checksum at the end.
constexpr uInt kMaxTrailerBytes = 4;
constexpr int kRawDeflate = -15;  // windowBits without zlib header, as in Avro's deflate codec

std::string Deflate(std::string_view bytes) {
  z_stream stream{};
  ST_CHECK(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kRawDeflate, 8,
                        Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  ST_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// Inflates `bytes`, and fails if the result exceeds `limit` bytes.
Result<std::string> Inflate(std::string_view bytes, std::size_t limit) {
  z_stream stream{};
  ST_CHECK(inflateInit2(&stream, kRawDeflate) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  int state = Z_OK;
  while (state == Z_OK) {
    char piece[16 << 10];
    stream.next_out = reinterpret_cast<Bytef*>(piece);
    stream.avail_out = sizeof(piece);
    state = inflate(&stream, Z_NO_FLUSH);
    out.append(piece, sizeof(piece) - stream.avail_out);
    if (out.size() > limit) break;
  }
  inflateEnd(&stream);
  if (out.size() > limit) {
    return Fail(ErrorCode::kCorruption, "avro: blocks inflate to more than {} bytes",
                kMaxInflatedBytes);
  }
  if (state != Z_STREAM_END || stream.avail_in > kMaxTrailerBytes) {
    return Fail(ErrorCode::kCorruption, "avro: a block is no deflate stream");
  }
  return out;
}

// Reads the header's map from names to bytes.
Result<std::map<std::string, std::string>> DecodeMetadata(Decoder& decoder) {
  std::map<std::string, std::string> metadata;
  while (true) {
    ST_TRY(const auto count, decoder.BlockCount());
    if (count == 0) return metadata;
    for (std::size_t i = 0; i < count; ++i) {
      ST_TRY(const auto key, decoder.Bytes());
      ST_TRY(const auto value, decoder.Bytes());
      metadata[std::string(key)] = value;
    }
  }
}

}  // namespace

void Encoder::Long(std::int64_t value) { AppendVarint(bytes_, ZigZag(value)); }

void Encoder::Float(float value) { AppendLittle(bytes_, std::bit_cast<std::uint32_t>(value)); }
void Encoder::Double(double value) { AppendLittle(bytes_, std::bit_cast<std::uint64_t>(value)); }

void Encoder::Bytes(std::string_view value) {
  Long(static_cast<std::int64_t>(value.size()));
  bytes_ += value;
}

ContainerWriter::ContainerWriter(std::string_view schema_json,
                                 std::map<std::string, std::string> metadata, Uuid sync,
                                 Codec codec)
    : sync_(sync), codec_(codec) {
  metadata["avro.schema"] = schema_json;
  metadata["avro.codec"] = codec == Codec::kNull ? "null" : "deflate";
  Encoder header;
  header.BlockStart(static_cast<std::int64_t>(metadata.size()));
  for (const auto& [key, value] : metadata) {
    header.Bytes(key);
    header.Bytes(value);
  }
  header.BlockStart(0);
  header_ = fmt::format("{}{}{}", kMagic, header.bytes(), BytesOf(sync_));
}

void ContainerWriter::Append(std::string_view row) {
  rows_ += row;
  ++count_;
}

std::string ContainerWriter::Finish() {
  std::string out = std::move(header_);
  if (count_ == 0) return out;
  Encoder block;
  block.Long(count_);
  block.Bytes(codec_ == Codec::kNull ? rows_ : Deflate(rows_));
  block.Fixed(BytesOf(sync_));
  return out + block.bytes();
}

const Value* Value::Field(int field_id) const {
  if (node == nullptr || node->type != Type::kRecord) return nullptr;
  for (std::size_t i = 0; i < node->fields.size() && i < items.size(); ++i) {
    if (node->fields[i].field_id == field_id) return items[i].is_null() ? nullptr : &items[i];
  }
  return nullptr;
}

Result<Container> DecodeContainer(std::string_view bytes) {
  if (!bytes.starts_with(kMagic)) {
    return Fail(ErrorCode::kCorruption, "avro: the file does not start with \"Obj\\1\"");
  }
  Decoder file(bytes, kMagic.size());
  Container container;
  ST_TRY(container.metadata, DecodeMetadata(file));
  ST_TRY(const auto sync, file.Take(kSyncBytes));
  const auto codec_name = container.metadata.find("avro.codec");
  const auto codec = codec_name == container.metadata.end() ? "null" : codec_name->second;
  if (codec != "null" && codec != "deflate") {
    return Fail(ErrorCode::kUnsupported, "avro: codec \"{}\"; null and deflate can be read", codec);
  }
  auto schema = Schema::Parse(container.metadata["avro.schema"]);
  if (!schema) return Fail(ErrorCode::kCorruption, "{}", schema.error().message());
  container.schema = *schema;
  std::size_t inflated_bytes = 0;
  ValueBudget budget;
  while (!file.is_at_end()) {
    ST_TRY(const auto count, file.Long());
    ST_TRY(const auto stored, file.Bytes());
    std::string inflated;
    auto data = stored;
    if (codec == "deflate") {
      ST_TRY(inflated, Inflate(stored, kMaxInflatedBytes - inflated_bytes));
      inflated_bytes += inflated.size();
      data = inflated;
    }
    budget.Grow(data.size());
    Decoder block(data, 0);
    for (std::int64_t i = 0; i < count; ++i) {
      ST_TRY(auto row, block.Read(*container.schema, container.schema->root(), budget));
      container.rows.push_back(std::move(row));
    }
    ST_TRY(const auto mark, file.Take(kSyncBytes));
    if (count < 0 || !block.is_at_end() || mark != sync) {
      return Fail(ErrorCode::kCorruption, "avro: the block that ends at byte {} is damaged",
                  file.position());
    }
  }
  return container;
}

}  // namespace st::avro
