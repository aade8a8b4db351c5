#include "app/record_operations.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "app/await.h"
#include "app/topic_uses.h"
#include "event/timestamp.h"
#include "stream/losses.h"

namespace st::app {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kEnd = "end";
// A refusal names so many of the holds, and counts the others.
constexpr std::size_t kNamedHolds = 5;

}  // namespace

Result<std::vector<TopicPartition>> RecordOperations::Find(const std::string& name,
                                                           const Json& arguments) const {
  const auto topic = stores_.log().FindTopic(name);
  if (!topic) {
    return Fail(ErrorCode::kNotFound, "no topic \"{}\"; `steelthread topic ls` lists them", name);
  }
  std::vector<TopicPartition> partitions;
  const auto wanted = arguments.find("partition");
  for (std::int32_t p = 0; p < topic->partitions; ++p) {
    if (wanted != arguments.end() && wanted->get<std::int64_t>() != p) continue;
    partitions.push_back({topic->id, PartitionId(p)});
  }
  if (!partitions.empty()) return partitions;
  return Fail(ErrorCode::kNotFound, "topic \"{}\" has partitions 0 to {}, not {}", name,
              topic->partitions - 1, wanted == arguments.end() ? "" : wanted->dump());
}

Result<Offset> RecordOperations::FirstKept(TopicPartition tp, const Json& before) const {
  const auto& log = stores_.log();
  const auto end = log.EndOffset(tp);
  if (before.is_number_integer()) {
    const auto offset = before.get<std::int64_t>();
    if (offset >= 0 && offset <= end.value()) return Offset(offset);
    return Fail(ErrorCode::kInvalidArgument,
                "partition {} ends at offset {}, so its records before {} cannot be deleted; "
                "\"{}\" deletes all that it has",
                tp.partition, end, offset, kEnd);
  }
  const auto text = before.get<std::string>();
  if (text == kEnd) return end;
  const auto time_us = event::ParseTimestamp(text);
  if (!time_us) {
    return Fail(ErrorCode::kInvalidArgument,
                "records are deleted before an offset, \"{}\" or a time such as "
                "2026-11-30T05:40:00Z, not \"{}\"{}{}",
                kEnd, text, time_us.error().empty() ? "" : ": ", time_us.error());
  }
  const auto found = log.OffsetForTime(tp, (*time_us + 999) / 1'000);
  return found ? std::min(found->first, end) : end;
}

std::vector<RecordOperations::Kept> RecordOperations::KeptOf(
    const std::vector<log::StartMove>& moves) const {
  std::vector<Kept> kept;
  const auto holds = record_keeping_.Holds();
  for (const auto& move : moves) {
    for (const auto& hold : holds) {
      const auto from = hold.from.find(move.tp);
      if (from == hold.from.end() || from->second >= *move.to) continue;
      kept.push_back({.hold = hold.name,
                      .tp = move.tp,
                      .from = from->second.value(),
                      .records = move.to->value() - from->second.value()});
    }
  }
  return kept;
}

Status RecordOperations::CheckMayGo(const std::string& topic, const std::vector<Kept>& kept,
                                    bool force) {
  const bool is_own = !CheckMayChange(topic);
  if (kept.empty() || (force && !is_own)) return {};
  std::vector<std::string> named;
  for (const auto& one : kept) {
    if (named.size() == kNamedHolds) break;
    named.push_back(fmt::format("hold \"{}\" keeps the records from offset {} on in partition {}",
                                one.hold, one.from, one.tp.partition));
  }
  if (kept.size() > named.size())
    named.push_back(fmt::format("{} more", kept.size() - named.size()));
  return Fail(ErrorCode::kConflict, "topic \"{}\": {}; nothing was deleted. {}", topic,
              fmt::join(named, ", "),
              is_own ? "The server itself needs them, also with --force"
                     : "What lies before them can go, and --force deletes them too: without "
                       "--yes it says what that breaks");
}

std::vector<std::string> RecordOperations::Broken(const std::string& topic,
                                                  const std::vector<Kept>& kept) {
  std::vector<std::string> broken;
  for (const auto& one : kept) {
    const auto place = fmt::format("{}/{}, from offset {} on", topic, one.tp.partition, one.from);
    const auto pipeline = stream::PipelineOfHold(one.hold);
    broken.push_back(
        pipeline.empty()
            ? fmt::format(
                  "hold \"{}\" kept {} of these records of {}: requests that are sent again "
                  "with their idempotency keys act again",
                  one.hold, one.records, place)
            : fmt::format("pipeline {} has not read {} of these records of {}: it stops there, "
                          "until `steelthread pipeline accept {}` has it go on without them",
                          pipeline, one.records, place, pipeline));
  }
  return broken;
}

Result<Json> RecordOperations::Delete(const std::string& name, const Json& arguments) const {
  const auto before = arguments.find("before");
  if (before == arguments.end()) {
    return Fail(ErrorCode::kInvalidArgument, "before what: an offset, a time or \"{}\"", kEnd);
  }
  const bool force = arguments.value("force", false);
  ST_TRY(const auto partitions, Find(name, arguments));
  std::vector<log::StartMove> moves;
  for (const auto tp : partitions) {
    ST_TRY(const auto to, FirstKept(tp, *before));
    moves.push_back({.tp = tp, .to = to, .is_forced = force, .only_check = true});
  }
  const auto kept = KeptOf(moves);
  ST_TRY_STATUS(CheckMayGo(name, kept, force));
  ST_TRY(auto moved, MoveAll(name, moves));
  if (!arguments.value("is_dry", false)) {
    for (auto& one : moves) one.only_check = false;
    ST_TRY(moved, MoveAll(name, moves));
  }
  return Json{{"topic", name}, {"partitions", std::move(moved)}, {"breaks", Broken(name, kept)}};
}

Result<Json> RecordOperations::MoveAll(const std::string& topic,
                                       const std::vector<log::StartMove>& moves) const {
  auto moved = Json::array();
  for (const auto& one : moves) {
    const auto from = stores_.log().StartOffset(one.tp);
    const auto to =
        Await<Result<Offset>>([&](auto done) { record_keeping_.Delete(one, std::move(done)); });
    if (!to) {
      return Fail(to.error().code(), "topic \"{}\", partition {}: {}", topic, one.tp.partition,
                  to.error().message());
    }
    moved.push_back(
        {{"partition", one.tp.partition.value()}, {"from", from.value()}, {"to", to->value()}});
  }
  return moved;
}

}  // namespace st::app
