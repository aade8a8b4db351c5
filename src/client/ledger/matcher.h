// N sent = N acknowledged = N in the log = N in the tables: the arithmetic of `load --verify`.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/ledger/ledger.h"
#include "client/ledger/position_set.h"
#include "client/ledger/request_kind.h"

namespace st::client::ledger {

// One record of the log that carries a key of this run. Of a command's records the first one does.
struct KeyedRecord {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::uint64_t number = 0;     // of its key
  std::string_view event_type;  // of a command's record
};

struct Finding {
  std::string key;
  std::string event;     // kind that was sent
  std::string where;     // "log", "tables", "answer"
  std::string position;  // "game/0:42", or "" where there is none
};

struct Verdict {
  std::uint64_t sent = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t in_log = 0;
  std::uint64_t in_tables = 0;
  std::uint64_t missing = 0;
  std::uint64_t doubled = 0;
  bool is_equal() const {
    return sent == acknowledged && sent == in_log && sent == in_tables && missing == 0 &&
           doubled == 0;
  }
};

// Takes the tables' rows, then the log's records in order of topic, partition and offset.
//
// A key is in the log if a record carries it, and in the tables if that record stands in its
// event's table. It is missing if it was acknowledged and lacks in either; doubled if a second
// record carries it, if a row stands twice, or if it was refused and changed the log all the same.
//
// Threads: owned by one thread.
// Owner:   `ledger` and `kinds` must outlive it.
class Matcher {
 public:
  // Tables by the event_type of the game's events; "" for those without.
  using GameTables = std::map<std::string, std::string, std::less<>>;
  Matcher(Ledger& ledger, const std::vector<RequestKind>& kinds, GameTables game_tables)
      : ledger_(ledger), kinds_(kinds), game_tables_(std::move(game_tables)) {}

  void AddRow(const std::string& table, std::int32_t partition, std::int64_t offset) {
    rows_[{table, partition}].Add(offset);
  }
  void AddRecord(const KeyedRecord& record);
  Verdict Count() const;
  // Visits every missing, then every doubled key in the order in which they were sent.
  void ForEachMissing(const std::function<void(const Finding&)>& visit) const;
  void ForEachDoubled(const std::function<void(const Finding&)>& visit) const;

 private:
  enum Mark : std::uint8_t {
    kInLog = 1,
    kNotInTable = 2,
    kTwiceInLog = 4,
    kTwiceInTable = 8,
    kRefusedInLog = 16,
  };
  std::string TableOf(const KeyedRecord& record) const;
  void Note(const KeyedRecord& record, Mark mark);
  bool IsMissing(std::uint64_t number) const;
  bool IsDoubled(std::uint64_t number) const;
  Finding FindingOf(std::uint64_t number, std::string where) const;

  Ledger& ledger_;
  const std::vector<RequestKind>& kinds_;
  const GameTables game_tables_;
  std::map<std::pair<std::string, std::int32_t>, PositionSet> rows_;
  std::map<std::uint64_t, std::string> positions_;  // of findings, up to kKeptPositions
};

}  // namespace st::client::ledger
