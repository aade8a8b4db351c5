// What a snapshot did, as texts by key (spec, Snapshots: `summary`).
//
// Copies share the entries and their JSON: each version of a table has nearly all snapshots of the
// version before, and writes them again.
#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <string>

namespace st::iceberg {

// Threads: immutable; copies may be used by different threads.
class SnapshotSummary {
 public:
  using Entries = std::map<std::string, std::string>;

  SnapshotSummary() : SnapshotSummary(Entries{}) {}
  // Not explicit: it is the same value. Requires: all text is UTF-8.
  SnapshotSummary(Entries entries);
  SnapshotSummary(std::initializer_list<Entries::value_type> entries)
      : SnapshotSummary(Entries(entries)) {}

  const Entries& entries() const { return shared_->entries; }
  // The entries as a JSON object.
  const std::string& json() const { return shared_->json; }
  auto begin() const { return entries().begin(); }
  auto end() const { return entries().end(); }
  auto find(const std::string& key) const { return entries().find(key); }
  // Throws std::out_of_range if there is no such key.
  const std::string& at(const std::string& key) const { return entries().at(key); }

  friend bool operator==(const SnapshotSummary& a, const SnapshotSummary& b) {
    return a.shared_ == b.shared_ || a.entries() == b.entries();
  }

 private:
  struct Shared {
    Entries entries;
    std::string json;
  };
  std::shared_ptr<const Shared> shared_;
};

}  // namespace st::iceberg
