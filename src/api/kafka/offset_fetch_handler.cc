#include "api/kafka/offset_fetch_handler.h"

#include <deque>
#include <optional>
#include <set>
#include <vector>

#include "api/kafka/errors.h"
#include "format/kafka/offset_fetch.h"

namespace st::api {

bool OffsetFetchHandler::Handle(const net::FrameSession& /*session*/,
                                const std::shared_ptr<Request>& request,
                                const Responder& responder) {
  const auto wanted = kafka::DecodeOffsetFetch(request->header);
  if (!wanted) return false;
  // Names and metadata that the answer views.
  std::deque<std::string> texts;
  std::vector<kafka::FetchedGroup> groups;
  std::set<std::string_view> seen;
  for (const auto& group : *wanted) {
    if (!seen.insert(group.group).second) continue;  // each once
    auto& fetched = groups.emplace_back(kafka::FetchedGroup{.group = group.group, .offsets = {}});
    const auto member = group.member ? std::optional(std::string(*group.member)) : std::nullopt;
    fetched.error =
        KafkaErrorFor(groups_.CheckFetch(std::string(group.group), member, group.epoch));
    if (fetched.error != kafka::ErrorCode::kNone) continue;
    const auto offsets = groups_.OffsetsOf(std::string(group.group));
    const auto add = [&](std::string_view topic, std::int32_t partition,
                         const log::CommittedOffset& committed) {
      texts.push_back(committed.metadata);
      fetched.offsets.push_back({.topic = topic,
                                 .partition = partition,
                                 .offset = committed.offset.value(),
                                 .leader_epoch = committed.leader_epoch,
                                 .metadata = texts.back()});
    };
    TopicId last;
    std::string_view name;
    for (const auto& [tp, committed] : offsets) {
      if (!group.is_all) break;
      if (tp.topic != last || name.empty()) {
        const auto topic = log_.FindTopic(tp.topic);
        last = tp.topic;
        texts.push_back(topic ? topic->name : "");
        name = texts.back();
      }
      if (!name.empty()) add(name, tp.partition.value(), committed);
    }
    PartitionFinder finder(log_);
    for (const auto& asked : group.partitions) {
      const auto tp = finder.Find(asked.topic, asked.partition);
      const auto found = tp ? offsets.find(*tp) : offsets.end();
      if (found != offsets.end()) {
        add(asked.topic, asked.partition, found->second);
      } else {
        fetched.offsets.push_back(
            {.topic = asked.topic, .partition = asked.partition, .metadata = ""});
      }
    }
  }
  responder->Send(kafka::EncodeOffsetFetch(request->header, groups));
  return true;
}

}  // namespace st::api
