#include "app/record_operations.h"

#include <cstdint>
#include <functional>
#include <utility>

#include "app/await.h"
#include "event/timestamp.h"
#include "log/log.h"

namespace st::app {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kEnd = "end";

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

Result<Json> RecordOperations::Delete(const std::string& name, const Json& arguments) const {
  const auto before = arguments.find("before");
  if (before == arguments.end()) {
    return Fail(ErrorCode::kInvalidArgument, "before what: an offset, a time or \"{}\"", kEnd);
  }
  ST_TRY(const auto partitions, Find(name, arguments));
  std::vector<log::StartMove> moves;
  for (const auto tp : partitions) {
    ST_TRY(const auto to, FirstKept(tp, *before));
    moves.push_back({.tp = tp, .to = to, .only_check = true});
  }
  const auto move = [&](const log::StartMove& one) {
    return Await<Result<Offset>>([&](auto done) { record_keeping_.Delete(one, std::move(done)); });
  };
  auto moved = Json::array();
  const auto move_all = [&]() -> Status {
    moved.clear();
    for (const auto& one : moves) {
      const auto from = stores_.log().StartOffset(one.tp);
      const auto to = move(one);
      if (!to) {
        return Fail(to.error().code(), "topic \"{}\", partition {}: {}", name, one.tp.partition,
                    to.error().message());
      }
      moved.push_back(
          {{"partition", one.tp.partition.value()}, {"from", from.value()}, {"to", to->value()}});
    }
    return {};
  };
  ST_TRY_STATUS(move_all());
  if (!arguments.value("is_dry", false)) {
    for (auto& one : moves) one.only_check = false;
    ST_TRY_STATUS(move_all());
  }
  return Json{{"topic", name}, {"partitions", std::move(moved)}};
}

}  // namespace st::app
