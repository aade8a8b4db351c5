// Measures a table over a year of commits on a clock that is set: its files, its disk space, its
// metadata and the processor time of a commit.
//
//   build/release/src/upkeep/year_bench [SECONDS [DAYS]]
//
// SECONDS are between two commits, of 100 rows each. Simulated are the storage, which is memory and
// keeps data files as lengths, and the rewriter: a file of n rows has 1,600 + 19 * n bytes, about
// as many as upkeep_bench finds. Lake, plans, snapshots, tags and all files of metadata are the
// real ones.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "lake/lake.h"
#include "lake/types.h"
#include "upkeep/table_rewriter.h"

namespace st::upkeep {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kRows = 100;
constexpr std::int64_t kOverheadBytes = 1600;
constexpr std::int64_t kRowBytes = 19;
constexpr const char* kRoot = "/warehouse";
const lake::TableName kTable{"default", "purchases"};

class SetClock final : public os::Clock {
 public:
  std::int64_t NowUs() override { return now_us_; }
  std::int64_t MonotonicUs() override { return now_us_; }
  void Forward(std::int64_t us) { now_us_ += us; }

 private:
  std::int64_t now_us_ = 1'767'225'600 * kSecondUs;  // 2026-01-01
};

// So many zeros.
class Zeros final : public lake::StoredFile {
 public:
  explicit Zeros(std::uint64_t size) : size_(size) {}
  Result<std::uint64_t> Size() override { return size_; }
  Result<std::size_t> ReadAt(std::uint64_t position, std::span<char> to) override {
    const auto bytes = std::min<std::uint64_t>(size_ - position, to.size());
    std::memset(to.data(), 0, bytes);
    return bytes;
  }

 private:
  const std::uint64_t size_;
};

// Files in memory; of data files the length and the rows alone.
class MemoryStorage final : public lake::Storage {
 public:
  struct Data {
    std::int64_t rows = 0;
    std::int64_t bytes = 0;
  };
  void AddData(const std::string& location, Data data) {
    data_[location] = data;
    data_bytes_ += data.bytes;
  }
  Data DataAt(const std::string& location) const { return data_.at(location); }
  std::int64_t data_bytes() const { return data_bytes_; }
  std::int64_t metadata_bytes() const { return metadata_bytes_; }

  const std::string& root() const override { return root_; }
  std::string UriOf(std::string_view location) const override {
    return fmt::format("file://{}", location);
  }
  Status Write(const std::string& location, std::string_view bytes) override {
    const auto [file, is_new] = files_.try_emplace(location, bytes);
    if (!is_new) return Fail(ErrorCode::kAlreadyExists, "{} exists", location);
    metadata_bytes_ += std::ssize(bytes);
    return {};
  }
  Status CreateIfAbsent(const std::string& location, std::string_view bytes, const Uuid&) override {
    return Write(location, bytes);
  }
  Status Replace(const std::string& location, std::string_view bytes) override {
    if (files_.contains(location)) ST_TRY_STATUS(Remove(location));
    return Write(location, bytes);
  }
  Result<std::string> Read(const std::string& location, std::uint64_t) override {
    const auto found = files_.find(location);
    if (found == files_.end()) return Fail(ErrorCode::kNotFound, "{} is missing", location);
    return found->second;
  }
  Result<std::unique_ptr<lake::StoredFile>> Open(const std::string& location) override {
    const auto found = data_.find(location);
    if (found == data_.end()) return Fail(ErrorCode::kNotFound, "{} is missing", location);
    return std::make_unique<Zeros>(static_cast<std::uint64_t>(found->second.bytes));
  }
  Result<std::int64_t> ModifiedUs(const std::string&) override { return 0; }
  Result<os::FileIdentity> Identity(const std::string&) override { return os::FileIdentity(); }
  Result<std::vector<std::string>> List(const std::string& folder) override {
    std::set<std::string> names;
    const auto add = [&](const auto& files) {
      for (auto at = files.lower_bound(folder + "/"); at != files.end(); ++at) {
        if (!at->first.starts_with(folder + "/")) break;
        const auto name = at->first.substr(folder.size() + 1);
        names.insert(name.substr(0, name.find('/')));
      }
    };
    add(files_);
    add(data_);
    return std::vector<std::string>(names.begin(), names.end());
  }
  Status Remove(const std::string& location) override {
    if (const auto data = data_.find(location); data != data_.end()) {
      data_bytes_ -= data->second.bytes;
      data_.erase(data);
      return {};
    }
    const auto file = files_.find(location);
    if (file == files_.end()) return Fail(ErrorCode::kNotFound, "{} is missing", location);
    metadata_bytes_ -= std::ssize(file->second);
    files_.erase(file);
    return {};
  }
  Status Copy(const std::string&, const std::string&) override {
    return Fail(ErrorCode::kUnsupported, "nobody copies here");
  }
  Status MakeFolder(const std::string&) override { return {}; }
  Status RemoveFolder(const std::string&) override { return {}; }
  Status SyncFolder(const std::string&) override { return {}; }
  Status SyncFolderAgain(const std::string&) override { return {}; }

 private:
  const std::string root_ = kRoot;
  std::map<std::string, std::string> files_;
  std::map<std::string, Data> data_;
  std::int64_t data_bytes_ = 0;
  std::int64_t metadata_bytes_ = 0;
};

struct Options {
  std::int64_t seconds = 10;
  std::int64_t days = 365;
};

std::vector<lake::Column> Columns() {
  return {{1, "n", "long"},           {2, "timestamp", "timestamptz"}, {3, "host", "string"},
          {4, "accept", "string"},    {5, "user_agent", "string"},     {6, "event_type", "string"},
          {7, "raw_event", "string"}, {8, "price", "double"}};
}

// "Writes" a file of so many rows.
WrittenFile WriteRows(MemoryStorage& storage, const std::string& location, std::int64_t rows) {
  WrittenFile file{.location = location, .rows = rows, .bytes = kOverheadBytes + rows * kRowBytes};
  for (const auto& column : Columns()) {
    file.columns[column.id] = {.size_bytes = file.bytes / 8, .value_count = rows, .null_count = 0};
  }
  file.columns[1].min = std::to_string(rows);
  file.columns[1].max = std::to_string(2 * rows);
  storage.AddData(location, {.rows = rows, .bytes = file.bytes});
  return file;
}

class SimulatedRewriter final : public Rewriter {
 public:
  explicit SimulatedRewriter(MemoryStorage& storage) : storage_(storage) {}
  Result<std::optional<WrittenFile>> Rewrite(const jobs::RewriteJob& job) override {
    std::int64_t rows = 0;
    for (const auto& input : job.inputs) rows += storage_.DataAt(input).rows;
    return WriteRows(storage_, job.output_path, rows);
  }
  void Cancel() override {}
  void Reap() override {}

 private:
  MemoryStorage& storage_;
};

double MiB(std::int64_t bytes) { return static_cast<double>(bytes) / (1 << 20); }

class Bench {
 public:
  explicit Bench(const Options& options) : options_(options) {}

  Status Run() {
    const std::set<std::int64_t> told_days = {1, 2, 7, 31, 32, 62, 90, 180, 270, options_.days};
    const auto commits = options_.days * kDaySeconds / options_.seconds;
    const auto commits_of_day = kDaySeconds / options_.seconds;
    auto storage = std::make_unique<MemoryStorage>();
    storage_ = storage.get();
    ST_TRY(lake_, lake::Lake::Open(std::move(storage), {*fs_, clock_, *random_}));
    ST_TRY_STATUS(lake_->Create(kTable, Columns(), {}));
    SimulatedRewriter rewriter(*storage_);
    std::printf(
        "  commits      days   files   most   live MiB   data/live   at most   metadata MiB   "
        "version kB   rewritten/committed   commit ms\n");
    for (std::int64_t i = 1; i <= commits; ++i) {
      ST_TRY_STATUS(CommitOne(i));
      while (true) {
        ST_TRY(const auto report, RewriteOnce(*lake_, kTable, rewriter));
        if (!report) break;
        rewritten_bytes_ += report->input_bytes;
      }
      clock_.Forward(options_.seconds * kSecondUs);
      // The first hours are those of a small table (bench/results/upkeep.md).
      if (i * options_.seconds >= 4 * 3600) ST_TRY_STATUS(Look());
      if (i % commits_of_day != 0) continue;
      ST_TRY_STATUS(LookForOrphans());
      if (told_days.contains(i / commits_of_day)) ST_TRY_STATUS(Tell(i));
    }
    return {};
  }

 private:
  Status CommitOne(std::int64_t number) {
    ST_TRY(const auto location, lake_->NewDataFile(kTable));
    const auto file = WriteRows(*storage_, location, kRows);
    committed_bytes_ += file.bytes;
    ST_TRY(const auto view, lake_->Load(kTable));
    const lake::Append append{
        .table = kTable,
        .expected_version = view->version,
        .files = {lake::DataFileFrom(file, Columns())},
        .properties = {{"steelthread.offsets", fmt::format(R"({{"next":{}}})", number)}},
        .summary = {{"steelthread.flow", "purchases"}}};
    const auto began = std::clock();
    ST_TRY_STATUS(lake_->Commit(append));
    commits_ms_.push_back(static_cast<double>(std::clock() - began) * 1e3 / CLOCKS_PER_SEC);
    return {};
  }

  Status Look() {
    ST_TRY(const auto view, lake_->Load(kTable));
    most_files_ = std::max(most_files_, view->files.size());
    const auto live = view->files.totals().bytes;
    most_data_ = std::max(most_data_,
                          static_cast<double>(storage_->data_bytes()) / static_cast<double>(live));
    return {};
  }

  // Nothing may be left on the disk that nothing names and that the lake has forgotten.
  Status LookForOrphans() {
    ST_TRY(const auto orphans, lake_->RemoveOrphans(kTable, true));
    if (orphans.empty()) return {};
    return Fail(ErrorCode::kCorruption, "{} files were forgotten, {} the first", orphans.size(),
                orphans.front());
  }

  // `most`, `at most` and the median of `commit` are since the line before.
  Status Tell(std::int64_t commits) {
    ST_TRY(const auto view, lake_->Load(kTable));
    const auto live = view->files.totals().bytes;
    std::ranges::sort(commits_ms_);
    std::printf(
        "%9lld   %7.2f   %5zu   %4zu   %8.1f   %9.2f   %7.2f   %12.1f   %10.1f   %19.2f   "
        "%9.2f\n",
        static_cast<long long>(commits),
        static_cast<double>(commits * options_.seconds) / kDaySeconds, view->files.size(),
        most_files_, MiB(live),
        static_cast<double>(storage_->data_bytes()) / static_cast<double>(live), most_data_,
        MiB(storage_->metadata_bytes()), static_cast<double>(view->metadata_json.size()) / 1e3,
        static_cast<double>(rewritten_bytes_) / static_cast<double>(committed_bytes_),
        commits_ms_[commits_ms_.size() / 2]);
    std::fflush(stdout);
    most_files_ = 0;
    most_data_ = 0;
    commits_ms_.clear();
    return {};
  }

  const Options options_;
  SetClock clock_;
  const std::unique_ptr<os::FileSystem> fs_ = os::MakePosixFileSystem();
  const std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(7);
  MemoryStorage* storage_ = nullptr;  // the lake's
  std::unique_ptr<lake::Lake> lake_;
  std::vector<double> commits_ms_;
  std::size_t most_files_ = 0;
  double most_data_ = 0;
  std::int64_t committed_bytes_ = 0;
  std::int64_t rewritten_bytes_ = 0;
};

}  // namespace
}  // namespace st::upkeep

int main(int argc, char** argv) {
  st::upkeep::Options options;
  if (argc > 1) options.seconds = std::atoll(argv[1]);
  if (argc > 2) options.days = std::atoll(argv[2]);
  if (argc > 3 || options.seconds <= 0 || options.days <= 0) {
    std::printf("usage: year_bench [SECONDS [DAYS]]\n");
    return 2;
  }
  const auto done = st::upkeep::Bench(options).Run();
  if (!done) std::printf("%s\n", done.error().message().c_str());
  return done ? 0 : 1;
}
