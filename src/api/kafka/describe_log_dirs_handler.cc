#include "api/kafka/describe_log_dirs_handler.h"

#include <map>
#include <set>
#include <string>

#include "base/ids.h"
#include "format/kafka/describe_log_dirs.h"

namespace st::api {

namespace {

// The partitions that a request asks for and that are there, by topic: each once, as Kafka.
using Partitions = std::map<std::string, std::set<std::int32_t>>;

Partitions Found(const log::Log& log, const kafka::DescribeLogDirsRequest& describe) {
  Partitions found;
  for (const auto& asked : *describe.topics) {
    const auto topic = FindTopic(log, asked.name);
    if (!topic) continue;
    for (const auto partition : asked.partitions) {
      if (partition >= 0 && partition < topic->partitions) found[topic->name].insert(partition);
    }
  }
  return found;
}

}  // namespace

bool DescribeLogDirsHandler::Handle(const net::FrameSession& /*session*/,
                                    const std::shared_ptr<Request>& request,
                                    const Responder& responder) {
  const auto describe = kafka::DecodeDescribeLogDirs(request->header);
  if (!describe) return false;
  kafka::DescribedLogDir dir{.path = dir_.path, .topics = {}};
  const auto sizes = inspection_.StoredBytes();
  const auto add = [&](const log::TopicInfo& topic, std::int32_t partition) {
    const auto bytes = sizes.find({topic.id, PartitionId(partition)});
    dir.topics.back().partitions.push_back(
        {.partition = partition,
         .bytes = bytes == sizes.end() ? 0 : static_cast<std::int64_t>(bytes->second)});
  };
  const auto all = describe->topics ? std::vector<log::TopicInfo>() : log_.Topics();
  for (const auto& topic : all) {
    dir.topics.push_back({.name = topic.name, .partitions = {}});
    for (std::int32_t p = 0; p < topic.partitions; ++p) add(topic, p);
  }
  const auto found = describe->topics ? Found(log_, *describe) : Partitions();
  for (const auto& [name, partitions] : found) {
    dir.topics.push_back({.name = name, .partitions = {}});
    for (const auto partition : partitions) add(*log_.FindTopic(name), partition);
  }
  if (const auto volume = dir_.volume ? dir_.volume() : std::nullopt) {
    dir.total_bytes = static_cast<std::int64_t>(volume->total_bytes);
    dir.usable_bytes = static_cast<std::int64_t>(volume->usable_bytes);
  }
  auto answer = kafka::EncodeDescribeLogDirs(request->header, dir);
  if (answer.size() > responder->Room()) return false;
  responder->Send(std::move(answer));
  return true;
}

}  // namespace st::api
