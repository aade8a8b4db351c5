// Tells of the damage of a log which entries and records it concerns, as far as the intact entries
// around it show that, and which records earlier repairs recorded as lost.
//
// Threads: one.
// Units:   positions are bytes of a segment's file.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "log/lost_records.h"
#include "log/reader/entry.h"
#include "log/state.h"
#include "log/verify.h"

namespace st::log {

class DamageMap {
 public:
  // Offsets [from, to) of a partition.
  struct Records {
    std::string topic;
    std::int32_t partition = 0;
    std::int64_t from = 0;
    std::int64_t to = 0;
  };
  struct Damage {
    std::string file;
    std::uint64_t from = 0;
    std::optional<std::uint64_t> to;  // where an intact entry begins; nullopt: none does
    std::optional<Lsn> first;         // of the destroyed entries
    std::optional<Lsn> next;          // of the next intact entry
    std::vector<Records> records;     // that are missing behind it
  };

  // Takes each intact entry in the order of VerifyLog, as a DumpVisitor does.
  void Note(const std::string& file, std::uint64_t position, const EntryHeader& entry,
            std::string_view topic, std::string_view payload);

  // The damage that begins there; nullptr: no intact entry lies behind it.
  const Damage* Find(const Finding& finding) const;
  // Damage that VerifyLog, which names the first of a segment, does not name.
  std::vector<Damage> Further(const std::vector<Finding>& findings) const;
  const std::vector<Records>& recorded() const { return recorded_; }

 private:
  void NotePlace(const std::string& file, std::uint64_t position, const EntryHeader& entry);
  void NoteCheckpoint(const EntryHeader& entry, std::string_view payload);
  // The records of the partition go on at `from`, and end at `to`.
  void NoteRecords(TopicPartition tp, const std::string& topic, std::int64_t from, std::int64_t to);

  std::string file_;
  std::uint64_t sequence_ = 0;
  std::uint64_t position_ = 0;  // behind the last entry
  std::optional<Lsn> lsn_;      // that would follow
  LogState checkpoint_;
  std::map<TopicId, std::string> names_;
  std::map<TopicPartition, std::int64_t> ends_;
  std::vector<Damage> damage_;
  std::vector<Records> recorded_;
};

}  // namespace st::log
