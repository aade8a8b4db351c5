#include "cli/topic_finder.h"

#include <algorithm>
#include <vector>

#include "app/project.h"
#include "base/text.h"

namespace st::cli {
namespace {

using client::KafkaClient;
using client::KafkaTopic;

// True if an event of the project is declared for the topic.
bool IsDeclared(const app::Config& config, const std::string& topic) {
  const auto fs = os::MakePosixFileSystem();
  const auto project = app::LoadProject(*fs, config.project);
  if (!project) return false;
  const auto& events = project->events;
  return std::ranges::find(events, topic, &event::Declaration::topic) != events.end();
}

// Finds the topic. The error kNotFound names the nearest one.
Result<KafkaTopic> NamedTopic(const app::Config& config, const std::vector<KafkaTopic>& topics,
                              const std::string& name) {
  const auto found = std::ranges::find(topics, name, &KafkaTopic::name);
  if (found != topics.end()) return *found;
  if (IsDeclared(config, name)) {
    return Fail(ErrorCode::kNotFound,
                "no topic \"{}\" yet: the first of its events creates it, as does `steelthread "
                "topic create {}`",
                name, name);
  }
  std::vector<std::string> names;
  for (const auto& topic : topics) names.push_back(topic.name);
  const auto nearest = NearestName(name, names);
  return Fail(ErrorCode::kNotFound, "no topic \"{}\"{}", name,
              nearest ? fmt::format("; did you mean \"{}\"?", *nearest)
                      : fmt::format("; `steelthread topic ls` lists them, and "
                                    "`steelthread topic create {}` creates it",
                                    name));
}

}  // namespace

Result<KafkaTopic> FindTopic(const app::Config& config, KafkaClient& client,
                             const std::string& name) {
  ST_TRY(const auto topics, client.Topics());
  return NamedTopic(config, topics, name);
}

Status CheckPartition(const KafkaTopic& topic, std::int32_t partition) {
  if (partition < topic.partitions) return {};
  return Fail(ErrorCode::kInvalidArgument, "topic \"{}\" has partitions 0 to {}, not {}",
              topic.name, topic.partitions - 1, partition);
}

}  // namespace st::cli
