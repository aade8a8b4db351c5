// The files of the key store against LevelDB (docs/decisions/0012-own-key-store.md):
//
//   key_table_bench ours|leveldb fill FOLDER KEYS HOURS [SLICE_HOURS]
//       claims KEYS keys whose times spread over HOURS, then new and known ones; opens the folder
//       again; lets the first hour expire. SLICE_HOURS (leveldb only) is the time of one database.
//   key_table_bench log FOLDER KEYS
//       makes a log in which KEYS records remember keys
//   key_table_bench ours|leveldb recover FOLDER
//       rebuilds the keys from that log
//   key_table_bench leveldb crash ROUNDS
//       LevelDB on the simulated disk: power fails while keys are added; what was synced is looked
//       for afterwards
//
// FOLDER is empty, but for `recover`.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <vector>

#include "base/check.h"
#include "format/record/record_batch.h"
#include "idempotency/answer_record.h"
#include "idempotency/key_store.h"
#include "idempotency/testing/level_db_crash.h"
#include "idempotency/testing/level_db_keys.h"
#include "log/partition_choice.h"

namespace {

using st::Offset;
using st::idempotency::KeyEntry;
using st::idempotency::KeyFiles;
using st::idempotency::KeyStore;
using st::idempotency::ScopedKey;
using st::idempotency::testing::LevelDbKeys;

constexpr std::int64_t kStartMs = 1'700'000'000'000 / 3'600'000 * 3'600'000;
constexpr long kProbes = 200'000;
// Above the product's limit, at which the oldest hour is dropped: so the probes find every key.
constexpr std::uint64_t kMaxKeys = 2 * st::idempotency::kMaxKeys;

// Ends the program where the store fails: a figure of a failing store is none.
template <typename T>
T Get(st::Result<T> result) {
  if (!result) std::fprintf(stderr, "%s\n", result.error().message().c_str());
  ST_CHECK(result.has_value());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

std::string KeyText(long number) { return "bench-" + std::to_string(number); }

class Stopwatch {
 public:
  double seconds() const { return static_cast<double>(clock_->MonotonicUs() - began_us_) / 1e6; }
  double us_for_each(long times) const { return seconds() * 1e6 / static_cast<double>(times); }
  // Of all threads of this process, so that other programs on the machine change it little.
  double processor_seconds() const { return ProcessorSeconds() - began_processor_s_; }
  double processor_us_for_each(long times) const {
    return processor_seconds() * 1e6 / static_cast<double>(times);
  }

 private:
  static double ProcessorSeconds() {
    timespec used{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
  }

  std::unique_ptr<st::os::Clock> clock_ = st::os::MakeSystemClock();
  std::int64_t began_us_ = clock_->MonotonicUs();
  double began_processor_s_ = ProcessorSeconds();
};

// The wall clock is where the keys' times are; the monotonic one is real.
class SpreadClock final : public st::os::Clock {
 public:
  std::int64_t NowUs() override { return now_us_; }
  std::int64_t MonotonicUs() override { return real_->MonotonicUs(); }
  void Set(std::int64_t ms) { now_us_ = ms * 1000; }

 private:
  std::unique_ptr<st::os::Clock> real_ = st::os::MakeSystemClock();
  std::atomic<std::int64_t> now_us_ = kStartMs * 1000;
};

// A line of /proc/self/status, in MB.
double StatusMb(const std::string& name) {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(name + ":")) return std::atof(line.c_str() + name.size() + 1) / 1024;
  }
  return 0;
}

double FolderMb(const std::string& folder) {
  double bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) bytes += static_cast<double>(entry.file_size());
  }
  return bytes / 1e6;
}

struct World {
  std::unique_ptr<st::os::FileSystem> fs = st::os::MakePosixFileSystem();
  std::unique_ptr<st::os::Random> random = st::os::MakeSystemRandom();
  SpreadClock clock;
  std::unique_ptr<st::log::LocalLog> log;

  explicit World(const std::string& folder) {
    log = Get(st::log::LocalLog::Open({*fs, clock, *random}, {.dir = folder + "/log"}));
  }
  ~World() { log->Stop(); }

  st::TopicPartition MakeTopic(const std::string& name) const {
    return st::log::PartitionOfSequence(Get(log->CreateTopic(name, 1)));
  }
  void Append(const st::TopicPartition& tp, std::string batch) const {
    std::promise<st::Result<st::log::AppendResult>> done;
    log->Append(tp, std::move(batch), st::log::kFromThisServer,
                [&done](auto result) { done.set_value(std::move(result)); });
    Get(done.get_future().get());
  }
};

// One of the two stores behind the calls of the measurement.
class Table {
 public:
  virtual ~Table() = default;
  virtual void Open() = 0;
  // Writes what is in memory; Open follows.
  virtual void Close() = 0;
  // True: the key was new, and is stored.
  virtual bool Claim(const ScopedKey& key, std::int64_t offset, std::int64_t time_ms) = 0;
  // Requires: closed and opened.
  virtual void Expire(std::int64_t oldest_ms) = 0;
};

// All keys name one record, since the store asks the log whether it has a key's record.
class OurTable final : public Table {
 public:
  OurTable(World& world, std::string dir)
      : world_(world), dir_(std::move(dir)), partition_(world.MakeTopic("bench")) {
    world.Append(partition_, st::record::BuildBatch({{.value = "{}"}}));
  }
  void Open() override {
    store_ = Get(KeyStore::Open({*world_.fs, world_.clock, *world_.random}, *world_.log,
                                {.dir = dir_, .max_keys = kMaxKeys}));
    request_ = store_->hasher().OfRequest({.method = "GET", .target = "/", .body = ""});
  }
  void Close() override { store_.reset(); }
  bool Claim(const ScopedKey& key, std::int64_t /*offset*/, std::int64_t time_ms) override {
    world_.clock.Set(time_ms);
    auto claim = store_->Begin(key, request_);
    while (!claim) claim = store_->Begin(key, request_);  // its thread is behind with the files
    if (claim->verdict != KeyStore::Verdict::kNew) return false;
    store_->Finish(key, {.partition = partition_, .offset = Offset(0)}, time_ms);
    return true;
  }
  void Expire(std::int64_t oldest_ms) override {
    store_.reset();
    KeyFiles files(*world_.fs, *world_.log,
                   {.dir = dir_, .max_keys = kMaxKeys, .smallest_run = 200'000});
    Get(files.Open());
    const auto before = files.keys();
    const Stopwatch time;
    Get(files.DropOld(oldest_ms, 0));
    std::printf("expire: %llu keys in %.4f s\n",
                static_cast<unsigned long long>(before - files.keys()), time.seconds());
  }

 private:
  World& world_;
  const std::string dir_;
  std::unique_ptr<KeyStore> store_;
  st::idempotency::Hash128 request_;
  const st::TopicPartition partition_;
};

class LevelDbTable final : public Table {
 public:
  LevelDbTable(World& world, LevelDbKeys::Options options)
      : world_(world), options_(std::move(options)) {}
  void Open() override { keys_ = Get(LevelDbKeys::Open(options_)); }
  void Close() override { keys_.reset(); }
  bool Claim(const ScopedKey& key, std::int64_t offset, std::int64_t time_ms) override {
    const auto hash = hasher_.OfKey(key);
    if (Get(keys_->Find(hash, time_ms - st::idempotency::kKeyWindowMs))) return false;
    const KeyEntry entry{
        .hash = hash, .partition = partition_, .offset = offset, .time_ms = time_ms};
    Get(keys_->Add(std::span(&entry, 1), offset + 1));
    return true;
  }
  void Expire(std::int64_t oldest_ms) override {
    const Stopwatch time;
    const auto deleted = Get(keys_->DropOld(oldest_ms));
    std::printf("expire: %.4f s, %llu keys one by one\n", time.seconds(),
                static_cast<unsigned long long>(deleted));
    if (deleted == 0) return;
    keys_->Compact();
    std::printf("expire: %.4f s with the compaction that gives the space back\n", time.seconds());
  }

 private:
  World& world_;
  const LevelDbKeys::Options options_;
  const st::idempotency::KeyHasher hasher_{world_.log->id()};
  const st::TopicPartition partition_{.topic = st::TopicId(world_.random->NewUuid().bytes()),
                                      .partition = st::PartitionId(0)};
  std::unique_ptr<LevelDbKeys> keys_;
};

// Claims the keys [from, to), whose times spread over [began_ms, ended_ms). Gives how many were
// new.
struct Spread {
  long from = 0;
  long to = 0;
  std::int64_t began_ms = 0;
  std::int64_t ended_ms = 0;
};
long Claim(Table& table, const Spread& spread) {
  long stored = 0;
  for (long i = spread.from; i < spread.to; ++i) {
    const std::int64_t past_ms =
        (spread.ended_ms - spread.began_ms) * (i - spread.from) / (spread.to - spread.from);
    stored += table.Claim({.key = KeyText(i)}, i, spread.began_ms + past_ms) ? 1 : 0;
  }
  return stored;
}

// Claims the keys, whose times go evenly up to `end_ms`, and tells what each tenth of them cost.
void FillByTenths(Table& table, long keys, std::int64_t end_ms) {
  constexpr long kParts = 10;
  const std::int64_t length_ms = end_ms - kStartMs;
  for (long part = 0; part < kParts; ++part) {
    const Spread spread{.from = keys * part / kParts,
                        .to = keys * (part + 1) / kParts,
                        .began_ms = kStartMs + length_ms * part / kParts,
                        .ended_ms = kStartMs + length_ms * (part + 1) / kParts - 1};
    const long count = spread.to - spread.from;
    const Stopwatch time;
    ST_CHECK(Claim(table, spread) == count);
    std::printf("fill: keys %ld to %ld, %.2f us each, %.2f us of processor time\n", spread.from,
                spread.to, time.us_for_each(count), time.processor_us_for_each(count));
    std::fflush(stdout);
  }
}

void Fill(Table& table, const std::string& dir, long keys, long hours) {
  const std::int64_t end_ms = kStartMs + hours * st::idempotency::kHourMs;
  table.Open();
  Stopwatch filling;
  FillByTenths(table, keys, end_ms);
  std::printf("fill: %ld keys, %.2f us each, %.2f us of processor time\n", keys,
              filling.us_for_each(keys), filling.processor_us_for_each(keys));
  const Stopwatch fresh;
  ST_CHECK(Claim(table, {keys, keys + kProbes, end_ms - 1, end_ms - 1}) == kProbes);
  std::printf("a new key: %.2f us, %.2f us of processor time\n", fresh.us_for_each(kProbes),
              fresh.processor_us_for_each(kProbes));
  std::printf("memory: %.0f MB, at most %.0f MB\n", StatusMb("VmRSS"), StatusMb("VmHWM"));
  const Stopwatch closing;
  table.Close();
  std::printf("close: %.2f s\ndisk: %.0f MB\n", closing.seconds(), FolderMb(dir));
  const Stopwatch opening;
  table.Open();
  std::printf("open again: %.3f s, %.3f s of processor time\n", opening.seconds(),
              opening.processor_seconds());
  const Stopwatch known;
  for (long i = 0; i < kProbes; ++i) {
    const long number = static_cast<long>(static_cast<unsigned long>(i) * 2'654'435'761UL %
                                          static_cast<unsigned long>(keys));
    ST_CHECK(!table.Claim({.key = KeyText(number)}, 0, end_ms - 1));
  }
  std::printf("a known key: %.2f us, %.2f us of processor time\n", known.us_for_each(kProbes),
              known.processor_us_for_each(kProbes));
  table.Expire(kStartMs + st::idempotency::kHourMs);
  std::printf("disk: %.0f MB\n", FolderMb(dir));
}

std::string BatchOf(long from, long to) {
  std::vector<st::record::NewRecord> records;
  std::vector<std::vector<std::pair<std::string, std::string>>> headers;
  for (long i = from; i < to; ++i) {
    headers.push_back(st::idempotency::RecordHeaders(
        {.key = KeyText(i),
         .scope = {.high = 1, .low = 1},
         .request = {.high = 2, .low = 2},
         .answer = {.status = 201, .content_type = "application/json", .body = "{}"}}));
  }
  for (const auto& of_record : headers) {
    auto& record = records.emplace_back(st::record::NewRecord{.value = "{}"});
    record.timestamp_ms = kStartMs;
    for (const auto& [name, text] : of_record) record.headers.emplace_back(name, text);
  }
  return st::record::BuildBatch(records);
}

void MakeLog(const std::string& folder, long keys) {
  constexpr long kBatch = 2000;
  World world(folder);
  const auto tp = world.MakeTopic("events");
  for (long i = 0; i < keys; i += kBatch) world.Append(tp, BatchOf(i, std::min(keys, i + kBatch)));
  std::printf("log: %ld records, %.0f MB\n", keys, FolderMb(folder));
}

// Reads the log as the key store does, and puts the keys of each read into one batch.
long RecoverIntoLevelDb(World& world, LevelDbKeys& keys, const st::log::TopicInfo& topic) {
  const auto tp = st::log::PartitionOfSequence(topic);
  const st::idempotency::KeyHasher hasher(world.log->id());
  long count = 0;
  for (std::int64_t from = 0; from < world.log->EndOffset(tp).value();) {
    const auto read = Get(world.log->Read(tp, Offset(from), st::idempotency::kReadBytes));
    std::vector<KeyEntry> entries;
    from = Get(st::idempotency::ForEachOwnRecord(
        read, st::idempotency::kMaxAnswerBatchBytes,
        [&](const st::record::Record& record) -> st::Status {
          const auto remembered = st::idempotency::ParseRecordHeaders(record);
          if (!remembered) return {};
          entries.push_back({.hash = hasher.OfKey(remembered->scoped_key()),
                             .partition = tp,
                             .offset = record.offset,
                             .time_ms = record.timestamp_ms});
          return {};
        }));
    Get(keys.Add(entries, from));
    count += static_cast<long>(entries.size());
  }
  return count;
}

void Recover(const std::string& folder, bool is_ours) {
  World world(folder);
  const auto topic = world.log->FindTopic("events");
  ST_CHECK(topic.has_value());
  const std::string dir = folder + (is_ours ? "/ours" : "/leveldb");
  std::filesystem::remove_all(dir);
  const Stopwatch time;
  long count = 0;
  if (is_ours) {
    const auto store =
        Get(KeyStore::Open({*world.fs, world.clock, *world.random}, *world.log, {.dir = dir}));
    count = static_cast<long>(store->status().keys);
  } else {
    const auto keys = Get(LevelDbKeys::Open({.dir = dir}));
    count = RecoverIntoLevelDb(world, *keys, *topic);
  }
  std::printf("recover: %ld keys in %.2f s, %.2f s of processor time, at most %.0f MB of memory\n",
              count, time.seconds(), time.processor_seconds(), StatusMb("VmHWM"));
}

void Crash(long rounds) {
  long missing = 0;
  const Stopwatch time;
  for (long seed = 1; seed <= rounds; ++seed) {
    const auto random = st::os::MakeSeededRandom(static_cast<std::uint64_t>(seed));
    missing += Get(st::idempotency::testing::CrashLevelDb(*random));
  }
  std::printf("crash: %ld rounds in %.1f s, %ld keys missing\n", rounds, time.seconds(), missing);
}

int Usage() {
  std::fprintf(stderr, "usage: see the first lines of key_table_bench.cc\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto number = [&](std::size_t at) { return std::atol(words.at(at).c_str()); };
  if (words.size() < 3) return Usage();
  if (words[0] == "log") {
    MakeLog(words[1], number(2));
    return 0;
  }
  const bool is_ours = words[0] == "ours";
  if (!is_ours && words[0] != "leveldb") return Usage();
  if (words[1] == "crash" && !is_ours) {
    Crash(number(2));
  } else if (words[1] == "recover") {
    Recover(words[2], is_ours);
  } else if (words[1] == "fill" && words.size() >= 5) {
    World world(words[2]);
    const std::string dir = words[2] + "/keys";
    const long slice_hours = words.size() > 5 ? number(5) : 1;
    std::unique_ptr<Table> table;
    if (is_ours) {
      table = std::make_unique<OurTable>(world, dir);
    } else {
      table = std::make_unique<LevelDbTable>(
          world,
          LevelDbKeys::Options{.dir = dir, .slice_ms = slice_hours * st::idempotency::kHourMs});
    }
    Fill(*table, dir, number(3), number(4));
  } else {
    return Usage();
  }
  return 0;
}
