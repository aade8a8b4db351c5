// The files of the key store: sorted runs of one hour each (key_run.h), and the manifest that names
// them and says which records of the log they cover.
//
// All files are derived from the log. Where files are damaged or belong to another log, Open
// reports it and begins without files; the caller then reads the log and adds the keys again.
//
// Threads: the const functions from any thread; the others one at a time.
// Owner:   KeyStore; `fs` and `log` must outlive it.
// Durable: Merge, DropOld and WriteManifest return once runs and manifest are synced. A kill before
//          that leaves files that no manifest names; RemoveStrays removes them.
// Limits:  limits.h: kMergeRuns, kMergeShare; options.
// Errors:  kCorruption a run is damaged (names file and block); kIo.
// Format:  docs/formats/answers.md
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "idempotency/key_run.h"
#include "log/local_log.h"
#include "os/file_system.h"

namespace st::idempotency {

class KeyFiles {
 public:
  struct Options {
    std::string dir;
    std::uint64_t max_keys;    // beyond, the oldest runs are dropped
    std::size_t smallest_run;  // keys of a run that Add writes, as a rule
  };
  using Ends = std::map<TopicPartition, std::int64_t>;  // one past an offset
  using Runs = std::vector<std::shared_ptr<const KeyRun>>;

  KeyFiles(os::FileSystem& fs, const log::LocalLog& log, Options options);

  // Creates the folder, opens the runs that the manifest names and removes the others. Returns a
  // description of damage, or of another file that was in the folder's place; "" as a rule. After
  // damage there are no runs.
  Result<std::string> Open();

  // The present runs; later changes do not affect the list.
  std::shared_ptr<const Runs> runs() const {
    MutexLock lock(mu_);
    return runs_;
  }
  // False: none of the runs holds the key. Reads no file.
  static bool MayHold(const Runs& in, const Hash128& hash);
  // The entry of a key in runs that is not older than this. kCorruption: a run is damaged.
  static Result<std::optional<KeyEntry>> Find(const Runs& in, const Hash128& hash,
                                              std::int64_t oldest_ms);

  // Adds keys with different hashes; from then on the files cover `covered`. The caller writes the
  // manifest.
  Status Add(const std::vector<KeyEntry>& entries, Ends covered);
  // Merges runs of one hour and one size class until fewer than kMergeRuns are alike.
  Status Merge();
  // Drops the runs whose newest key is older than this, and the oldest ones while there are more
  // than max_keys keys together with `keys_elsewhere`.
  Status DropOld(std::int64_t oldest_ms, std::uint64_t keys_elsewhere);

  // After damage: forgets all runs and what they cover. The files stay until a manifest is written
  // that does not name them.
  void Forget();
  Status WriteManifest();
  Status RemoveStrays();

  Ends covered() const;
  std::uint64_t keys() const;
  std::uint64_t files() const { return runs()->size(); }
  // Keys older than this may have been dropped for their number; 0: none was.
  std::int64_t dropped_until_ms() const;
  // The time of the newest key without a scope, which the manifest remembers.
  std::int64_t unscoped_until_ms() const;
  void NoteUnscoped(std::int64_t time_ms);

 private:
  struct Manifest;

  Result<std::optional<Manifest>> LoadManifest() const;
  Result<Manifest> ParseManifest(const std::string& path, const std::string& text) const;
  Status MergeGroup(const Runs& group);
  // kMergeRuns runs of one hour and one size class; empty: there are none.
  Runs FindAlike() const;
  Result<std::string> NewRunPath();
  Result<std::shared_ptr<const KeyRun>> WriteRun(std::vector<KeyEntry> entries);
  // Replaces the list, so that readers of the old one need no copy.
  void SetRuns(Runs runs) ST_REQUIRES(mu_) {
    runs_ = std::make_shared<const Runs>(std::move(runs));
  }

  os::FileSystem& fs_;
  const log::LocalLog& log_;
  const Options options_;

  // Of the thread that changes the files.
  std::int64_t next_run_ = 1;

  mutable Mutex mu_;
  std::shared_ptr<const Runs> runs_ ST_GUARDED_BY(mu_);
  Ends covered_ ST_GUARDED_BY(mu_);
  std::int64_t dropped_until_ms_ ST_GUARDED_BY(mu_) = 0;
  std::int64_t unscoped_until_ms_ ST_GUARDED_BY(mu_) = 0;
};

}  // namespace st::idempotency
