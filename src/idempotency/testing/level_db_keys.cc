#include "idempotency/testing/level_db_keys.h"

#include <leveldb/cache.h>
#include <leveldb/filter_policy.h>
#include <leveldb/write_batch.h>

#include <algorithm>
#include <array>
#include <ranges>
#include <vector>

#include "base/coding.h"
#include "base/text.h"
#include "os/file_system.h"

namespace st::idempotency::testing {
namespace {

constexpr std::string_view kCovered = "covered";  // no hash: those have 16 bytes

Status StatusOf(const leveldb::Status& status) {
  if (status.ok()) return {};
  return Fail(status.IsCorruption() ? ErrorCode::kCorruption : ErrorCode::kIo, "{}",
              status.ToString());
}

leveldb::Slice SliceOfText(std::string_view text) { return {text.data(), text.size()}; }

std::string EncodeHash(const Hash128& hash) {
  std::string out;
  AppendBig(out, hash.high);
  AppendBig(out, hash.low);
  return out;
}

std::string EncodeEntry(const KeyEntry& entry) {
  std::string out;
  for (const auto byte : entry.partition.topic.bytes()) out += static_cast<char>(byte);
  AppendLittle(out, entry.offset);
  AppendLittle(out, entry.time_ms);
  return out;
}

std::int64_t TimeOf(std::string_view value) { return LoadLittle<std::int64_t>(value.substr(24)); }

KeyEntry DecodeEntry(const Hash128& hash, std::string_view value) {
  std::array<std::uint8_t, 16> topic{};
  std::ranges::transform(value.substr(0, topic.size()), topic.begin(),
                         [](char c) { return static_cast<std::uint8_t>(c); });
  return {.hash = hash,
          .partition = {.topic = TopicId(topic), .partition = PartitionId(0)},
          .offset = LoadLittle<std::int64_t>(value.substr(topic.size())),
          .time_ms = TimeOf(value)};
}

}  // namespace

LevelDbKeys::LevelDbKeys(Options options)
    : options_(std::move(options)),
      filter_(leveldb::NewBloomFilterPolicy(10)),
      cache_(leveldb::NewLRUCache(8 << 20)) {}

LevelDbKeys::~LevelDbKeys() = default;

Result<std::unique_ptr<LevelDbKeys>> LevelDbKeys::Open(Options options) {
  std::unique_ptr<LevelDbKeys> keys(new LevelDbKeys(std::move(options)));
  auto& env = *keys->options_.env;
  std::vector<std::string> names;
  if (!env.GetChildren(keys->options_.dir, &names).ok()) {
    ST_TRY_STATUS(StatusOf(env.CreateDir(keys->options_.dir)));
  }
  for (const auto& name : names) {
    if (const auto slice = ParseInt64(name)) ST_TRY_STATUS(keys->OpenSlice(*slice));
  }
  return keys;
}

Result<leveldb::DB*> LevelDbKeys::OpenSlice(std::int64_t slice) {
  leveldb::Options how;
  how.create_if_missing = true;
  how.env = options_.env;
  how.write_buffer_size = options_.write_buffer_bytes;
  how.max_file_size = 32 << 20;
  how.block_cache = cache_.get();
  how.filter_policy = filter_.get();
  how.compression = leveldb::kNoCompression;  // hashes do not shrink
  leveldb::DB* db = nullptr;
  const auto dir = os::JoinPath(options_.dir, fmt::to_string(slice));
  ST_TRY_STATUS(StatusOf(leveldb::DB::Open(how, dir, &db)));
  slices_[slice].reset(db);
  return db;
}

Result<leveldb::DB*> LevelDbKeys::SliceOf(std::int64_t time_ms) {
  const std::int64_t slice = time_ms / options_.slice_ms;
  const auto found = slices_.find(slice);
  if (found != slices_.end()) return found->second.get();
  // No commit spans two databases: what lies in older ones is synced before a newer one covers it.
  leveldb::WriteOptions synced;
  synced.sync = true;
  leveldb::WriteBatch nothing;
  if (!slices_.empty()) {
    ST_TRY_STATUS(StatusOf(slices_.rbegin()->second->Write(synced, &nothing)));
  }
  return OpenSlice(slice);
}

Result<std::optional<KeyEntry>> LevelDbKeys::Find(const Hash128& hash, std::int64_t oldest_ms) {
  const auto key = EncodeHash(hash);
  std::string value;
  for (const auto& slice : std::views::reverse(slices_)) {
    const auto got = slice.second->Get({}, key, &value);
    if (got.IsNotFound()) continue;
    ST_TRY_STATUS(StatusOf(got));
    const auto entry = DecodeEntry(hash, value);
    if (entry.time_ms >= oldest_ms) return entry;
  }
  return std::nullopt;
}

Status LevelDbKeys::Add(std::span<const KeyEntry> entries, std::int64_t covered, bool is_synced) {
  while (!entries.empty()) {
    const std::int64_t slice = entries.front().time_ms / options_.slice_ms;
    const auto next = std::ranges::find_if(
        entries, [&](const KeyEntry& entry) { return entry.time_ms / options_.slice_ms != slice; });
    const bool is_last = next == entries.end();
    ST_TRY(auto* db, SliceOf(entries.front().time_ms));
    leveldb::WriteBatch batch;
    for (const auto& entry : std::ranges::subrange(entries.begin(), next)) {
      batch.Put(EncodeHash(entry.hash), EncodeEntry(entry));
    }
    if (is_last) {
      std::string number;
      AppendLittle(number, covered);
      batch.Put(SliceOfText(kCovered), number);
    }
    leveldb::WriteOptions how;
    how.sync = is_synced || !is_last;  // as in SliceOf
    ST_TRY_STATUS(StatusOf(db->Write(how, &batch)));
    entries = entries.subspan(static_cast<std::size_t>(next - entries.begin()));
  }
  return {};
}

Result<std::int64_t> LevelDbKeys::Covered() {
  std::string value;
  for (const auto& slice : std::views::reverse(slices_)) {
    const auto got = slice.second->Get({}, SliceOfText(kCovered), &value);
    if (got.ok()) return LoadLittle<std::int64_t>(value);
    if (!got.IsNotFound()) return std::unexpected(StatusOf(got).error());
  }
  return 0;
}

Result<std::uint64_t> LevelDbKeys::DropOld(std::int64_t oldest_ms) {
  while (!slices_.empty() && (slices_.begin()->first + 1) * options_.slice_ms <= oldest_ms) {
    const auto dir = os::JoinPath(options_.dir, fmt::to_string(slices_.begin()->first));
    slices_.erase(slices_.begin());
    leveldb::Options how;
    how.env = options_.env;
    ST_TRY_STATUS(StatusOf(leveldb::DestroyDB(dir, how)));
  }
  if (slices_.empty() || slices_.begin()->first * options_.slice_ms >= oldest_ms) return 0;
  return DeleteOld(*slices_.begin()->second, oldest_ms);
}

// LevelDB has no deletion of old values while it compacts, so each key is read and deleted.
Result<std::uint64_t> LevelDbKeys::DeleteOld(leveldb::DB& slice, std::int64_t oldest_ms) {
  constexpr std::size_t kBatch = 1000;
  leveldb::ReadOptions how;
  how.fill_cache = false;
  const std::unique_ptr<leveldb::Iterator> at(slice.NewIterator(how));
  leveldb::WriteBatch batch;
  std::uint64_t deleted = 0;
  for (at->SeekToFirst(); at->Valid(); at->Next()) {
    if (at->key() == SliceOfText(kCovered)) continue;
    if (TimeOf({at->value().data(), at->value().size()}) >= oldest_ms) continue;
    batch.Delete(at->key());
    if (++deleted % kBatch != 0) continue;
    ST_TRY_STATUS(StatusOf(slice.Write({}, &batch)));
    batch.Clear();
  }
  ST_TRY_STATUS(StatusOf(at->status()));
  ST_TRY_STATUS(StatusOf(slice.Write({}, &batch)));
  return deleted;
}

void LevelDbKeys::Compact() {
  for (const auto& slice : slices_) slice.second->CompactRange(nullptr, nullptr);
}

}  // namespace st::idempotency::testing
