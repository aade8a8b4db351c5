#include "app/topic_uses.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "project/project.h"

namespace st::app {
namespace {

// A refusal names so many events and pipelines, and counts the others.
constexpr std::size_t kNamedUses = 3;

struct Uses {
  std::vector<std::string> events;
  std::vector<std::string> pipelines;
};

Uses UsesOf(const project::ServedProject& served, const std::string& topic) {
  Uses uses;
  for (const auto& event : served.files.events) {
    if (event.topic == topic) uses.events.push_back(event.name);
  }
  for (const auto& pipeline : served.pipelines) {
    if (std::ranges::count(pipeline.topics, topic) > 0) uses.pipelines.push_back(pipeline.name);
  }
  return uses;
}

// "a", "b", "c" and 21 more
std::string Named(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  for (const auto& name : names) quoted.push_back(fmt::format("\"{}\"", name));
  if (quoted.size() <= kNamedUses) return fmt::format("{}", fmt::join(quoted, ", "));
  const auto more = quoted.size() - kNamedUses;
  quoted.resize(kNamedUses);
  return fmt::format("{} and {} more", fmt::join(quoted, ", "), more);
}

}  // namespace

std::vector<std::string> BrokenByDeletion(const project::ServedProject& served,
                                          const std::string& topic) {
  const auto uses = UsesOf(served, topic);
  std::vector<std::string> broken;
  for (const auto& name : uses.events) {
    broken.push_back(fmt::format(
        "event \"{}\" is declared for it: its next one makes a new topic, from offset 0 on, and a "
        "request that is sent again with its idempotency key acts again",
        name));
  }
  for (const auto& name : uses.pipelines) {
    broken.push_back(
        fmt::format("the pipeline of table \"{}\" reads it: where it has read records of it, it "
                    "stops, until it is reset or has a new name",
                    name));
  }
  return broken;
}

Status CheckMayChange(const std::string& topic) {
  if (!project::IsOwnTopic(topic)) return {};
  return Fail(ErrorCode::kInvalidArgument, "topic {} is the server's own; clients read it", topic);
}

Status CheckNobodyNeeds(const project::ServedProject& served, const std::string& topic) {
  ST_TRY_STATUS(CheckMayChange(topic));
  const auto uses = UsesOf(served, topic);
  std::vector<std::string> users;
  if (!uses.events.empty()) {
    users.push_back(fmt::format("declared for it are the events {}", Named(uses.events)));
  }
  if (!uses.pipelines.empty()) {
    users.push_back(fmt::format("it is read by the pipelines of tables {}", Named(uses.pipelines)));
  }
  if (users.empty()) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "topic \"{}\" is in use: {}. Remove what uses it first, or delete it all the same "
              "with --force: `steelthread topic delete {} --force` says what breaks",
              topic, fmt::join(users, "; "), topic);
}

}  // namespace st::app
