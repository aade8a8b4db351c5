#include "app/topic_uses.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "project/project.h"

namespace st::app {

std::vector<std::string> BrokenByDeletion(const project::ServedProject& served,
                                          const std::string& topic) {
  std::vector<std::string> broken;
  for (const auto& event : served.files.events) {
    if (event.topic != topic) continue;
    broken.push_back(fmt::format(
        "event \"{}\" is declared for it: its next one makes a new topic, from offset 0 on",
        event.name));
  }
  for (const auto& pipeline : served.pipelines) {
    if (std::ranges::count(pipeline.topics, topic) == 0) continue;
    broken.push_back(
        fmt::format("the pipeline of table \"{}\" reads it: where it has read records of it, it "
                    "stops, until it "
                    "is reset or has a new name",
                    pipeline.name));
  }
  return broken;
}

Status CheckMayChange(const std::string& topic) {
  if (!project::IsOwnTopic(topic)) return {};
  return Fail(ErrorCode::kInvalidArgument, "topic {} is the server's own; clients read it", topic);
}

Status CheckNobodyNeeds(const project::ServedProject& served, const std::string& topic) {
  ST_TRY_STATUS(CheckMayChange(topic));
  const auto broken = BrokenByDeletion(served, topic);
  if (broken.empty()) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "topic \"{}\" is in use: {}. Remove what uses it first, or delete it all the same "
              "with `steelthread topic delete {} --yes --force`",
              topic, fmt::join(broken, "; "), topic);
}

}  // namespace st::app
