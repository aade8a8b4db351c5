#include "api/kafka/fetch_session.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <tuple>
#include <utility>

#include "api/kafka/request.h"
#include "format/kafka/limits.h"

namespace st::api {

using kafka::ErrorCode;
using kafka::FetchedPartition;

namespace {

bool IsUnknown(ErrorCode error) {
  return error == ErrorCode::kUnknownTopicOrPartition || error == ErrorCode::kUnknownTopicId;
}

// Moves the items for which `is_last` is true behind the others; either part keeps its order.
template <typename Item, typename IsLast>
void PutLast(std::vector<Item>& items, const IsLast& is_last) {
  std::vector<Item> last;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (is_last(items[i])) {
      last.push_back(std::move(items[i]));
    } else if (kept++ != i) {
      items[kept - 1] = std::move(items[i]);
    }
  }
  std::ranges::move(last, items.begin() + static_cast<std::ptrdiff_t>(kept));
}

}  // namespace

// What a request says of one partition.
struct FetchSession::Change {
  Topic* topic;
  std::int32_t partition;
  std::size_t order;                   // in the request, of its first mention
  const kafka::FetchPartition* asked;  // nullptr: it is forgotten
  bool is_done = false;
  auto key() const { return std::tuple(topic, partition); }
};

ErrorCode FetchSession::Topic::ErrorOf(std::int32_t partition) const {
  const bool is_there = partition >= 0 && partition < partitions;
  if (id && is_there) return ErrorCode::kNone;
  if (!asked.id || id) return ErrorCode::kUnknownTopicOrPartition;
  if (name.empty()) return ErrorCode::kUnknownTopicId;
  return is_there ? ErrorCode::kInconsistentTopicId : ErrorCode::kUnknownTopicOrPartition;
}

std::shared_ptr<FetchSession> FetchSession::Copy() const {
  auto copy = std::make_shared<FetchSession>(by_id_);
  copy->topics_ = topics_;
  for (auto& [key, topic] : copy->topics_) topic.asked.name = key.second;
  copy->parts_ = parts_;
  for (auto& part : copy->parts_) part.topic = copy->FindTopic(part.topic->asked, false);
  return copy;
}

void FetchSession::FindTopics(const log::Log& log) {
  for (auto& entry : topics_) {
    auto& topic = entry.second;
    auto found =
        topic.asked.id ? log.FindTopic(*topic.asked.id) : api::FindTopic(log, topic.asked.name);
    topic.id = found ? std::optional(found->id) : std::nullopt;
    if (topic.asked.id && found) topic.name = found->name;
    if (!found && !topic.name.empty()) found = api::FindTopic(log, topic.name);
    topic.partitions = found ? found->partitions : 0;
  }
}

FetchSession::Topic* FetchSession::FindTopic(const kafka::AskedTopic& asked, bool may_add) {
  Key key(asked.id.value_or(TopicId()), asked.name);
  auto found = topics_.find(key);
  if (found == topics_.end()) {
    if (!may_add) return nullptr;
    found = topics_.try_emplace(std::move(key)).first;
    found->second.asked = {.name = found->first.second, .id = asked.id};
  }
  return &found->second;
}

// Sorted by partition, each once.
std::vector<FetchSession::Change> FetchSession::ChangesOf(
    const std::vector<kafka::FetchPartition>& asked,
    const std::vector<kafka::ForgottenPartition>& forgotten) {
  std::vector<Change> changes;
  changes.reserve(asked.size() + forgotten.size());
  const kafka::AskedTopic* last = nullptr;
  Topic* topic = nullptr;
  const auto add = [&](const kafka::AskedTopic& named, std::int32_t partition,
                       const kafka::FetchPartition* values) {
    if (last == nullptr || named.name != last->name || named.id != last->id) {
      topic = FindTopic(named, values != nullptr);
    }
    last = &named;
    if (topic != nullptr) changes.push_back({topic, partition, changes.size(), values});
  };
  for (const auto& one : asked) add(one.topic, one.partition, &one);
  last = nullptr;
  for (const auto& one : forgotten) add(one.topic, one.partition, nullptr);
  std::ranges::sort(changes, {}, [](const Change& change) {
    return std::tuple(change.topic, change.partition, change.order);
  });
  std::vector<Change> once;
  once.reserve(changes.size());
  for (const auto& change : changes) {
    if (once.empty() || once.back().key() != change.key()) once.push_back(change);
    once.back().asked = change.asked;
  }
  return once;
}

void FetchSession::Update(const std::vector<kafka::FetchPartition>& asked,
                          const std::vector<kafka::ForgottenPartition>& forgotten) {
  if (asked.empty() && forgotten.empty()) return;
  const auto set = [](Part& part, const kafka::FetchPartition& values) {
    part.leader_epoch = values.leader_epoch;
    part.last_epoch = values.last_epoch;
    part.max_bytes = values.max_bytes;
    part.offset = values.offset;
  };
  auto changes = ChangesOf(asked, forgotten);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    auto& part = parts_[i];
    const auto key = std::tuple(part.topic, part.partition);
    const auto found = std::ranges::lower_bound(changes, key, {}, &Change::key);
    const bool is_named = found != changes.end() && found->key() == key;
    if (is_named) found->is_done = true;
    if (is_named && found->asked == nullptr) {
      --part.topic->parts;
      continue;
    }
    if (is_named) set(part, *found->asked);
    parts_[kept++] = part;
  }
  parts_.resize(kept);
  std::erase_if(changes,
                [](const Change& change) { return change.is_done || change.asked == nullptr; });
  std::ranges::sort(changes, {}, &Change::order);
  parts_.reserve(kept + changes.size());
  for (const auto& change : changes) {
    set(parts_.emplace_back(change.topic, change.partition), *change.asked);
    ++change.topic->parts;
  }
  parts_.shrink_to_fit();  // what was forgotten gives its memory back
  std::erase_if(topics_, [](const auto& entry) { return entry.second.parts == 0; });
}

void FetchSession::Tell(std::vector<FetchedPartition>& parts, bool only_news) {
  std::vector<FetchedPartition> news;
  std::vector<Part> behind;  // those with records
  std::size_t kept = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto& told = parts[i];
    auto& part = parts_[i];
    const bool failed = told.error != ErrorCode::kNone;
    const bool has_records = !told.records.empty();
    const std::int64_t end = failed ? -1 : told.high_watermark;
    const std::int64_t start = failed ? -1 : told.log_start;
    const bool is_known = part.told_end == end && part.told_start == start && !failed &&
                          !has_records && !told.diverging_end;
    part.told_end = end;
    part.told_start = start;
    if (!only_news) continue;
    if (!is_known) news.push_back(std::move(told));
    if (has_records) {
      behind.push_back(part);
    } else {
      parts_[kept++] = part;
    }
  }
  if (only_news) {
    std::ranges::copy(behind, parts_.begin() + static_cast<std::ptrdiff_t>(kept));
    parts = std::move(news);
  } else {
    PutLast(parts_, [](const Part& part) { return IsUnknown(part.error()); });
  }
  PutLast(parts, [](const FetchedPartition& part) { return IsUnknown(part.error); });
}

std::size_t FetchSession::bytes() const {
  constexpr std::size_t kNodeBytes = 48;  // of a map's node beside its value
  std::size_t bytes = sizeof(*this) + parts_.capacity() * sizeof(Part);
  for (const auto& [key, topic] : topics_) {
    // The name of an id is found after the session was given its place, and may be the longest.
    const std::size_t name = topic.asked.id ? kafka::kMaxTopicNameBytes : key.second.size();
    bytes += sizeof(key) + sizeof(topic) + kNodeBytes + name;
  }
  return bytes;
}

}  // namespace st::api
