#include "log/repair.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "log/damage_map.h"
#include "log/repair_testing.h"

namespace st::log {
namespace {

using testing::DamagedLog;
using testing::PlacedEntry;
using testing::Seen;
using Kind = RepairStep::Kind;

// The records of `whole` that `left` lacks, by partition. A record that is left has its offset.
std::map<std::string, std::vector<std::int64_t>> Missing(const Seen& whole, const Seen& left) {
  std::map<std::string, std::vector<std::int64_t>> missing;
  for (const auto& [partition, records] : whole.records) {
    const auto now = left.records.find(partition);
    for (const auto& [offset, value] : records) {
      const bool is_there = now != left.records.end() && now->second.contains(offset);
      if (!is_there) {
        missing[partition].push_back(offset);
      } else {
        EXPECT_EQ(now->second.at(offset), value);
      }
    }
  }
  return missing;
}

class RepairTest : public ::testing::Test {
 protected:
  RepairTest() {
    log_.Open();
    whole_ = DamagedLog::See(log_.log());
    late_ = log_.log().FindTopic("late")->id;
    log_.Restore();
    entries_ = DamagedLog::Entries(log_.fs());
  }
  std::vector<PlacedEntry> EntriesOf(std::uint64_t segment, EntryType type) const {
    std::vector<PlacedEntry> found;
    std::ranges::copy_if(entries_, std::back_inserter(found), [&](const PlacedEntry& one) {
      return one.segment == segment && one.header.type == type;
    });
    return found;
  }
  // The last byte of the entry's payload.
  static std::uint64_t InPayload(const PlacedEntry& entry) {
    return entry.position + entry.header.length - 1;
  }
  std::string NameOf(const PlacedEntry& entry) {
    const auto topic = log_.log().FindTopic(entry.header.topic);
    return fmt::format("{}/{}", topic->name, entry.header.partition);
  }
  void ExpectVerified() {
    const auto report = VerifyLog(log_.fs(), std::string(DamagedLog::kDir), [](auto&&...) {});
    ASSERT_TRUE(report) << report.error().message();
    ASSERT_TRUE(report->findings.empty()) << report->findings[0].reason;
  }
  // Opens twice: an opening writes, and the next one reads it.
  Seen SeeReopened() {
    for (int i = 0; i < 2; ++i) {
      log_.Close();
      log_.Open();
      if (::testing::Test::HasFatalFailure()) return {};
    }
    return DamagedLog::See(log_.log());
  }
  void ExpectRefused(const std::string& why) {
    const auto plan = log_.Plan(log_.fs()).value();
    ASSERT_EQ(plan.refused.size(), 1U);
    EXPECT_TRUE(plan.refused[0].reason.contains(why)) << plan.refused[0].reason;
  }

  DamagedLog log_;
  Seen whole_;
  TopicId late_;
  std::vector<PlacedEntry> entries_;
};

TEST_F(RepairTest, AnIntactLogNeedsNoStep) {
  const auto plan = log_.Plan(log_.fs()).value();
  EXPECT_TRUE(plan.steps.empty());
  EXPECT_TRUE(plan.refused.empty());
  EXPECT_FALSE(plan.end_mark);
}

TEST_F(RepairTest, ABatchOfAClosedSegmentBecomesAHoleThatTheLogNames) {
  const auto batch = EntriesOf(1, EntryType::kBatch).at(3);
  log_.Flip(1, InPayload(batch));
  const auto damaged = log_.fs().Contents(DamagedLog::Path(1));
  const auto plan = log_.Repair();
  ASSERT_EQ(plan.steps.size(), 1U);
  EXPECT_EQ(plan.steps[0].kind, Kind::kIsolate);
  EXPECT_EQ(plan.steps[0].from, batch.position);
  EXPECT_EQ(plan.steps[0].first_lsn, batch.header.lsn);
  const auto copy = fmt::format("{}/{}.{}-{}", DamagedLog::kCopies, SegmentName(1),
                                plan.steps[0].from, plan.steps[0].to);
  EXPECT_EQ(log_.fs().Contents(copy),
            damaged.substr(plan.steps[0].from, plan.steps[0].to - plan.steps[0].from));
  ExpectVerified();
  const auto left = SeeReopened();
  EXPECT_EQ(left.ranges, whole_.ranges);
  const auto lost = LostIn(log_.log());
  ASSERT_EQ(lost.size(), 1U);
  EXPECT_EQ(lost[0].from, batch.header.base_offset);
  EXPECT_EQ(lost[0].to, batch.header.base_offset + batch.header.records);
  EXPECT_EQ(lost[0].tp.topic, batch.header.topic);
  const auto missing = Missing(whole_, left);
  ASSERT_EQ(missing.size(), 1U);
  EXPECT_EQ(missing.begin()->first, NameOf(batch));
  const auto crc = log_.log().EntryCrc(lost[0].tp, Offset(lost[0].from));
  EXPECT_EQ(crc.error().code(), ErrorCode::kNotFound);
}

// Every entry of the log, in its header and in its payload: a repair is refused and changes
// nothing, or leaves a log that opens, lacks the records of that entry alone, and has the same
// topics, ranges and holds as before.
TEST_F(RepairTest, EachFlippedEntryIsIsolatedOrRefused) {
  std::map<std::pair<EntryType, bool>, int> repaired;
  for (const auto& entry : entries_) {
    if (entry.segment == 3 && &entry == &entries_.back()) continue;  // the tail: see below
    for (const auto at : {entry.position + 8, entry.position + 24, InPayload(entry)}) {
      SCOPED_TRACE(fmt::format("segment {} type {} byte {}", entry.segment,
                               static_cast<int>(entry.header.type), at - entry.position));
      log_.Restore();
      log_.Flip(entry.segment, at);
      const auto plan = log_.Plan(log_.fs()).value();
      if (!plan.refused.empty()) continue;
      ASSERT_FALSE(plan.steps.empty());
      ASSERT_TRUE(RepairLog(log_.fs(), plan, std::string(DamagedLog::kCopies)));
      ExpectVerified();
      const auto left = SeeReopened();
      if (HasFatalFailure()) return;
      EXPECT_EQ(left.ranges, whole_.ranges);
      EXPECT_EQ(left.holds, whole_.holds);
      const auto missing = Missing(whole_, left);
      const auto* topic = entry.header.type == EntryType::kBatch ? "" : "no records";
      EXPECT_TRUE(*topic == '\0' || missing.empty()) << topic;
      for (const auto& [partition, offsets] : missing) {
        EXPECT_EQ(partition, NameOf(entry));
        EXPECT_EQ(std::ssize(offsets), entry.header.records);
        EXPECT_EQ(offsets.front(), entry.header.base_offset);
      }
      ++repaired[{entry.header.type, entry.segment == 3}];
    }
  }
  // In closed segments each kind is isolated, in the last one records alone.
  for (const auto type :
       {EntryType::kBatch, EntryType::kTopicState, EntryType::kTopic, EntryType::kTopicEnd,
        EntryType::kStart, EntryType::kHold, EntryType::kGroup, EntryType::kEpoch}) {
    if (EntriesOf(1, type).empty() && EntriesOf(2, type).empty()) continue;
    EXPECT_GT((repaired[{type, false}]), 0) << static_cast<int>(type);
  }
  EXPECT_GT((repaired[{EntryType::kBatch, true}]), 0);
  EXPECT_EQ((repaired[{EntryType::kHold, true}]), 0);
  EXPECT_EQ((repaired[{EntryType::kCheckpoint, true}]), 0);
}

TEST_F(RepairTest, ALostEntryOfStateInTheLastSegmentIsRefusedAndTheSegmentMayBeCut) {
  const auto hold = EntriesOf(3, EntryType::kHold).at(0);
  log_.Flip(3, InPayload(hold));
  ExpectRefused("an entry of type 8 was destroyed, which is no batch of records");
  const auto plan = log_.Repair(true);
  ASSERT_EQ(plan.steps.size(), 1U);
  EXPECT_EQ(plan.steps[0].kind, Kind::kCut);
  EXPECT_EQ(plan.steps[0].from, hold.position);
  EXPECT_EQ(plan.steps[0].cut_entries, 4U);
  ExpectVerified();
  const auto left = SeeReopened();
  EXPECT_EQ(left.holds, std::vector<std::string>{"holder"});
  const auto missing = Missing(whole_, left);
  EXPECT_EQ(missing.at("late/0").size(), 1U);
  EXPECT_EQ(missing.at("events/0").size(), 3U);
}

TEST_F(RepairTest, ADurableTailIsCutAndTheEndMarkFollows) {
  const auto& last = entries_.back();
  log_.Flip(3, InPayload(last));
  ASSERT_FALSE(log_.TryOpen(log_.fs()));
  const auto plan = log_.Repair();
  ASSERT_EQ(plan.steps.size(), 1U);
  EXPECT_EQ(plan.steps[0].kind, Kind::kCut);
  EXPECT_EQ(plan.steps[0].from, last.position);
  ExpectVerified();
  const auto left = SeeReopened();
  EXPECT_EQ(Missing(whole_, left).at("events/0"),
            std::vector<std::int64_t>{last.header.base_offset});
  EXPECT_EQ(left.ranges.at("events")[0].second, last.header.base_offset);
  EXPECT_TRUE(LostIn(log_.log()).empty());
}

TEST_F(RepairTest, ATailThatWasNeverDurableIsLeftToTheOpening) {
  log_.Flip(3, InPayload(entries_.back()));
  ASSERT_TRUE(log_.fs().Remove(os::JoinPath(DamagedLog::kDir, "end")));
  const auto plan = log_.Plan(log_.fs()).value();
  EXPECT_TRUE(plan.steps.empty());
  EXPECT_TRUE(plan.refused.empty());
}

TEST_F(RepairTest, AHoleAtThePartitionsEndIsPassedOver) {
  const auto batches = EntriesOf(3, EntryType::kBatch);
  const auto late =
      std::ranges::find(batches, late_, [](const PlacedEntry& one) { return one.header.topic; });
  ASSERT_NE(late, batches.end());
  log_.Flip(3, InPayload(*late));
  log_.Repair();
  const auto left = SeeReopened();
  EXPECT_EQ(left.ranges, whole_.ranges);
  EXPECT_EQ(Missing(whole_, left).at("late/0"), std::vector<std::int64_t>{3});
  log_.Append("late", 0, 10);
  EXPECT_TRUE(DamagedLog::See(log_.log()).records.at("late/0").contains(4));
}

TEST_F(RepairTest, AHeaderIsWrittenAnewWhereAnotherSegmentNamesTheLog) {
  for (const auto segment : {1U, 2U, 3U}) {
    log_.Restore();
    log_.Flip(segment, 41);
    const auto plan = log_.Repair();
    ASSERT_EQ(plan.steps.size(), 1U);
    EXPECT_EQ(plan.steps[0].kind, Kind::kHeader);
    ExpectVerified();
    EXPECT_TRUE(Missing(whole_, SeeReopened()).empty());
  }
}

TEST_F(RepairTest, TheHeaderOfTheOnlySegmentIsRefused) {
  for (const auto segment : {1U, 2U}) {
    ASSERT_TRUE(log_.fs().Remove(DamagedLog::Path(segment)));
  }
  log_.Flip(3, 41);
  ExpectRefused("no other segment names the log");
}

TEST_F(RepairTest, ACheckpointIsRefused) {
  log_.Flip(2, InPayload(EntriesOf(2, EntryType::kCheckpoint).at(0)));
  const auto plan = log_.Plan(log_.fs()).value();
  ASSERT_EQ(plan.refused.size(), 1U);
  EXPECT_TRUE(plan.refused[0].reason.contains("its checkpoint is damaged"));
  EXPECT_EQ(plan.refused[0].position, kSegmentHeaderBytes);
}

TEST_F(RepairTest, AClosedSegmentThatLacksItsEndIsFilledWithLostEntries) {
  const auto batches = EntriesOf(2, EntryType::kBatch);
  const auto& first = batches[batches.size() - 3];
  log_.fs().Overwrite(DamagedLog::Path(2),
                      log_.fs().Contents(DamagedLog::Path(2)).substr(0, first.position));
  const auto plan = log_.Repair();
  ASSERT_EQ(plan.steps.size(), 1U);
  EXPECT_EQ(plan.steps[0].from, plan.steps[0].to);
  ExpectVerified();
  const auto left = SeeReopened();
  EXPECT_EQ(left.ranges, whole_.ranges);
  std::size_t missing = 0;
  for (const auto& [partition, offsets] : Missing(whole_, left)) missing += offsets.size();
  std::size_t want = 0;
  for (const auto& one : std::span(batches).last(3)) {
    want += static_cast<std::size_t>(one.header.records);
  }
  EXPECT_EQ(missing, want);
}

TEST_F(RepairTest, AZeroedBlockOfManyEntriesIsIsolated) {
  const auto batches = EntriesOf(2, EntryType::kBatch);
  std::string bytes = log_.fs().Contents(DamagedLog::Path(2));
  const auto from = batches[1].position + 30;
  const auto to = batches[4].position + 100;
  bytes.replace(from, to - from, std::string(to - from, '\0'));
  log_.fs().Overwrite(DamagedLog::Path(2), bytes);
  const auto plan = log_.Repair();
  ASSERT_EQ(plan.steps.size(), 1U);
  ExpectVerified();
  const auto left = SeeReopened();
  EXPECT_EQ(left.ranges, whole_.ranges);
  EXPECT_EQ(left.holds, whole_.holds);
  EXPECT_FALSE(Missing(whole_, left).empty());
}

TEST_F(RepairTest, AMissingSegmentIsRefused) {
  ASSERT_TRUE(log_.fs().Remove(DamagedLog::Path(2)));
  ExpectRefused("the segment is missing");
}

TEST_F(RepairTest, TwoPlacesOfASegmentAreRepairedAtOnceAndTheCopyOfASecondRepairHasItsOwnName) {
  const auto batches = EntriesOf(1, EntryType::kBatch);
  log_.Flip(1, InPayload(batches[2]));
  log_.Flip(1, InPayload(batches[5]));
  EXPECT_EQ(log_.Repair().steps.size(), 2U);
  log_.Restore();
  log_.Flip(1, InPayload(batches[2]));
  log_.Repair();
  log_.Flip(1, batches[2].position + 100);  // the lost entry itself
  const auto plan = log_.Repair();
  ASSERT_EQ(plan.steps.size(), 1U);
  ASSERT_EQ(plan.steps[0].lost.size(), 1U);
  const auto path = fmt::format("{}/{}.{}-{}", DamagedLog::kCopies, SegmentName(1),
                                plan.steps[0].from, plan.steps[0].to);
  EXPECT_TRUE(log_.fs().Exists(path).value());
  EXPECT_TRUE(log_.fs().Exists(path + ".2").value());
  ExpectVerified();
  EXPECT_EQ(SeeReopened().ranges, whole_.ranges);
}

// A segment that was not closed when it was repaired gets no index file, which would hide the hole.
TEST_F(RepairTest, TheHoleIsKnownAfterItsSegmentWasClosed) {
  const auto batch = EntriesOf(3, EntryType::kBatch).at(0);
  log_.Flip(3, InPayload(batch));
  log_.Repair();
  log_.Open();
  while (log_.log().durable_end().segment < 5) log_.Append("events", 1, 100'000);
  log_.Close();
  EXPECT_FALSE(log_.fs().Exists(os::JoinPath(DamagedLog::kDir, IndexName(3))).value());
  EXPECT_TRUE(log_.fs().Exists(os::JoinPath(DamagedLog::kDir, IndexName(4))).value());
  log_.Open();
  EXPECT_EQ(LostIn(log_.log()).size(), 1U);
}

TEST_F(RepairTest, AVerificationTellsWhichEntriesAndRecordsDamageConcerns) {
  const auto batches = EntriesOf(1, EntryType::kBatch);
  log_.Flip(1, InPayload(batches[3]));
  log_.Flip(1, InPayload(batches[7]));
  DamageMap map;
  const auto note = [&](auto&&... entry) { map.Note(entry...); };
  const auto report = VerifyLog(log_.fs(), std::string(DamagedLog::kDir), note).value();
  ASSERT_EQ(report.findings.size(), 1U);
  const auto* first = map.Find(report.findings[0]);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->from, batches[3].position);
  EXPECT_EQ(first->to, batches[3].position + batches[3].header.padded_length());
  EXPECT_EQ(first->first, batches[3].header.lsn);
  EXPECT_EQ(first->next->value(), batches[3].header.lsn.value() + 1);
  ASSERT_EQ(first->records.size(), 1U);
  EXPECT_EQ(first->records[0].from, batches[3].header.base_offset);
  EXPECT_EQ(first->records[0].to, batches[3].header.base_offset + batches[3].header.records);
  const auto further = map.Further(report.findings);
  ASSERT_EQ(further.size(), 1U);
  EXPECT_EQ(further[0].from, batches[7].position);
}

}  // namespace
}  // namespace st::log
