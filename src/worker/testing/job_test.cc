#include <lz4frame.h>
#include <snappy-c.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/coding.h"
#include "base/crc32c.h"
#include "log/reader/entry.h"
#include "sql/database.h"
#include "worker/testing/job_test.h"

namespace st::worker {
namespace {

std::string Gzip(const std::string& body) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, body.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

std::string Squeeze(record::Compression codec, const std::string& body) {
  std::string out;
  std::size_t n = 0;
  switch (codec) {
    case record::Compression::kNone:
      return body;
    case record::Compression::kGzip:
      return Gzip(body);
    case record::Compression::kSnappy:
      n = snappy_max_compressed_length(body.size());
      out.resize(n);
      EXPECT_EQ(snappy_compress(body.data(), body.size(), out.data(), &n), SNAPPY_OK);
      break;
    case record::Compression::kLz4:
      out.resize(LZ4F_compressFrameBound(body.size(), nullptr));
      n = LZ4F_compressFrame(out.data(), out.size(), body.data(), body.size(), nullptr);
      break;
    case record::Compression::kZstd:
      out.resize(ZSTD_compressBound(body.size()));
      n = ZSTD_compress(out.data(), out.size(), body.data(), body.size(), 1);
      break;
  }
  out.resize(n);
  return out;
}

std::string Text(const sql::VectorView& column, std::uint64_t row) {
  return column.IsNull(row) ? "NULL" : std::string(column.StringAt(row));
}

}  // namespace

std::string WorkerProgram() {
  std::filesystem::path folder = os::ExecutableDir().value_or(".");
  while (folder.has_relative_path() && !std::filesystem::exists(folder / "steelthread-sql")) {
    folder = folder.parent_path();
  }
  return folder / "steelthread-sql";
}

std::string WithBody(std::string batch, std::string_view body) {
  batch.resize(record::kBatchHeaderBytes);
  batch += body;
  StoreBig(batch.data() + 8, static_cast<std::int32_t>(batch.size() - 12));
  StoreBig(batch.data() + 17, Crc32c(std::string_view(batch).substr(21)));
  return batch;
}

std::string Compressed(record::Compression codec, const std::string& batch) {
  std::string out = batch;
  out[22] = static_cast<char>(codec);
  return WithBody(std::move(out), Squeeze(codec, batch.substr(record::kBatchHeaderBytes)));
}

void JobTest::SetUp() {
  dir_ = ::testing::TempDir() + "st_worker_XXXXXX";
  ASSERT_NE(::mkdtemp(dir_.data()), nullptr);
  ASSERT_EQ(::mkdir(Path("warehouse").c_str(), 0755), 0);
  ASSERT_EQ(::mkdir(Path("log").c_str(), 0755), 0);
}

void JobTest::TearDown() {
  if (HasFailure()) return;
  std::filesystem::remove_all(dir_);
}

bool JobTest::Exists(const std::string& path) const { return std::filesystem::exists(path); }

jobs::WorkerOptions JobTest::Options() const {
  return {.program = WorkerProgram(), .warehouse = Path("warehouse")};
}

void JobTest::LogBatch(std::string batch, std::int32_t partition) {
  const TopicPartition tp{.topic = kTopic, .partition = PartitionId(partition)};
  OffsetRange& offsets =
      source_.range.offsets.try_emplace(tp, OffsetRange{.from = {}, .to = {}}).first->second;
  record::SetBaseOffset(batch, offsets.to.value(), 0);
  const auto header = record::CheckBatch(batch);
  ASSERT_TRUE(header) << header.error().message();
  log::EntryHeader entry{.lsn = Lsn(next_lsn_++),
                         .topic = kTopic,
                         .partition = partition,
                         .records = header->record_count,
                         .base_offset = offsets.to.value()};
  std::string bytes;
  log::EncodeEntryHeader(entry, batch, bytes);
  bytes += batch;
  const std::string file = Path("log/1.log");
  const std::uint64_t position = Exists(file) ? std::filesystem::file_size(file) : 0;
  std::ofstream(file, std::ios::app | std::ios::binary) << bytes;
  source_.range.lsns = LsnRange{.from = Lsn(1), .to = Lsn(next_lsn_)};
  source_.topics = {{.id = kTopic, .name = "events"}};
  source_.files = {file};
  source_.extents.push_back({0, position, static_cast<std::uint32_t>(bytes.size())});
  offsets.to = offsets.to + header->record_count;
}

void JobTest::LogValues(const std::vector<std::string>& values, std::int32_t partition) {
  const auto at =
      source_.range.offsets.find({.topic = kTopic, .partition = PartitionId(partition)});
  const std::int64_t first = at == source_.range.offsets.end() ? 0 : at->second.to.value();
  std::vector<record::NewRecord> records;
  for (const auto& value : values) {
    const std::int64_t offset = first + static_cast<std::int64_t>(records.size());
    records.push_back({.value = value, .timestamp_ms = 1'000'000 + offset});
  }
  LogBatch(record::BuildBatch(records), partition);
}

jobs::TransformJob JobTest::Job(const std::string& sql) const {
  jobs::TransformJob job;
  job.sql = sql;
  job.sources = {source_};
  job.output_path = WarehousePath("out.parquet");
  job.bad_output_path = WarehousePath("bad.parquet");
  job.pipeline = "the_pipeline";
  job.flow = "the_flow";
  return job;
}

std::vector<std::string> JobTest::Rows(const std::string& sql) {
  auto database = sql::Database::Open({});
  EXPECT_TRUE(database);
  auto connection = database->Connect();
  EXPECT_TRUE(connection && connection->Run("SET TimeZone = 'UTC'"));
  // Each value is read as text, as DuckDB formats it.
  auto statement = connection->Prepare(fmt::format("SELECT COLUMNS(*)::VARCHAR FROM ({})", sql));
  EXPECT_TRUE(statement) << statement.error().message();
  if (!statement) return {};
  auto rows = statement->Execute();
  EXPECT_TRUE(rows) << rows.error().message();
  std::vector<std::string> out;
  while (rows) {
    auto chunk = rows->Next();
    if (!chunk || !*chunk) break;
    for (std::uint64_t row = 0; row < (*chunk)->rows(); ++row) {
      std::string line;
      for (std::uint64_t i = 0; i < (*chunk)->columns(); ++i) {
        line += (i == 0 ? "" : "|") + Text((*chunk)->Column(i), row);
      }
      out.push_back(line);
    }
  }
  return out;
}

std::vector<std::string> JobTest::FileRows(const std::string& path) {
  return Rows(fmt::format("SELECT * FROM read_parquet({})", sql::QuoteText(path)));
}

}  // namespace st::worker
