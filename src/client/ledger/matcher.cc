#include "client/ledger/matcher.h"

#include <fmt/format.h>

#include "client/ledger/limits.h"

namespace st::client::ledger {
namespace {

constexpr std::string_view kRefusal = "command_refused";

}  // namespace

std::string Matcher::TableOf(const KeyedRecord& record) const {
  const auto& kind = kinds_[ledger_.kind(record.number)];
  if (!kind.is_command) return kind.table;
  const auto found = game_tables_.find(record.event_type);
  // An event of the game that nobody declared can stand in no table: that is said, not passed over.
  return found == game_tables_.end() ? "?" : found->second;
}

void Matcher::Note(const KeyedRecord& record, Mark mark) {
  auto& marks = ledger_.marks(record.number);
  marks = static_cast<std::uint8_t>(marks | mark);
  if (mark == kInLog || positions_.size() >= kKeptPositions) return;
  positions_.try_emplace(record.number,
                         fmt::format("{}/{}:{}", record.topic, record.partition, record.offset));
}

void Matcher::AddRecord(const KeyedRecord& record) {
  const bool is_command = kinds_[ledger_.kind(record.number)].is_command;
  const bool is_refusal = is_command && record.event_type == kRefusal;
  if (!ledger_.is_counted(record.number) && !is_refusal) return Note(record, kRefusedInLog);
  if ((ledger_.marks(record.number) & kInLog) != 0) Note(record, kTwiceInLog);
  Note(record, kInLog);
  const auto table = is_refusal ? "" : TableOf(record);
  if (table.empty()) return;
  const auto rows = rows_.find({table, record.partition});
  const int count = rows == rows_.end() ? 0 : rows->second.Count(record.offset);
  if (count == 0) Note(record, kNotInTable);
  if (count > 1) Note(record, kTwiceInTable);
}

bool Matcher::IsMissing(std::uint64_t number) const {
  const auto marks = ledger_.marks(number);
  if (!ledger_.is_counted(number)) return false;
  const bool is_wanted = ledger_.fate(number) == Fate::kAcknowledged || (marks & kInLog) != 0;
  return is_wanted && ((marks & kInLog) == 0 || (marks & kNotInTable) != 0);
}

bool Matcher::IsDoubled(std::uint64_t number) const {
  return (ledger_.marks(number) & (kTwiceInLog | kTwiceInTable | kRefusedInLog)) != 0;
}

Verdict Matcher::Count() const {
  Verdict verdict;
  for (std::uint64_t number = 0; number < ledger_.size(); ++number) {
    verdict.missing += IsMissing(number) ? 1 : 0;
    verdict.doubled += IsDoubled(number) ? 1 : 0;
    if (!ledger_.is_counted(number)) continue;
    const auto marks = ledger_.marks(number);
    ++verdict.sent;
    verdict.acknowledged += ledger_.fate(number) == Fate::kAcknowledged ? 1 : 0;
    verdict.in_log += (marks & kInLog) != 0 ? 1 : 0;
    verdict.in_tables += (marks & (kInLog | kNotInTable)) == kInLog ? 1 : 0;
  }
  return verdict;
}

Finding Matcher::FindingOf(std::uint64_t number, std::string where) const {
  const auto position = positions_.find(number);
  return {.key = ledger_.KeyOf(number),
          .event = kinds_[ledger_.kind(number)].name,
          .where = std::move(where),
          .position = position == positions_.end() ? "" : position->second};
}

void Matcher::ForEachMissing(const std::function<void(const Finding&)>& visit) const {
  for (std::uint64_t number = 0; number < ledger_.size(); ++number) {
    if (!IsMissing(number)) continue;
    visit(FindingOf(number, (ledger_.marks(number) & kInLog) != 0 ? "tables" : "log"));
  }
}

void Matcher::ForEachDoubled(const std::function<void(const Finding&)>& visit) const {
  for (std::uint64_t number = 0; number < ledger_.size(); ++number) {
    if (!IsDoubled(number)) continue;
    const auto marks = ledger_.marks(number);
    visit(FindingOf(number, (marks & kTwiceInLog) != 0     ? "log"
                            : (marks & kTwiceInTable) != 0 ? "tables"
                                                           : "answer"));
  }
}

}  // namespace st::client::ledger
