#include "format/kafka/create_topics.h"

#include <algorithm>
#include <unordered_map>

#include "format/kafka/limits.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

namespace {

// Numbers of partitions, nodes and settings that the rest of the request may have.
struct Left {
  std::int32_t nodes = kMaxRequestPartitions;
  std::int32_t settings = kMaxRequestSettings;
};

NewTopic ReadTopic(Reader& in, Left& left) {
  NewTopic topic;
  topic.name = in.String();
  topic.partitions = in.Int<std::int32_t>();
  topic.replication = in.Int<std::int16_t>();
  const auto assignments = in.ArrayLength(left.nodes);
  left.nodes -= std::max(assignments, 0);
  for (auto n = assignments; in.ok() && n > 0; --n) {
    auto& assignment = topic.assignments.emplace_back();
    assignment.partition = in.Int<std::int32_t>();
    const auto nodes = in.ArrayLength(left.nodes);
    left.nodes -= std::max(nodes, 0);
    for (auto m = nodes; in.ok() && m > 0; --m) {
      assignment.nodes.push_back(in.Int<std::int32_t>());
    }
    in.Tags();
  }
  const auto settings = in.ArrayLength(left.settings);
  left.settings -= std::max(settings, 0);
  for (auto n = settings; in.ok() && n > 0; --n) {
    const auto name = in.String();
    topic.settings.emplace_back(name, in.NullableString());
    in.Tags();
  }
  in.Tags();
  return topic;
}

}  // namespace

std::optional<CreateTopicsRequest> DecodeCreateTopics(const RequestHeader& request) {
  Reader in = ReaderOf(request, kCreateTopicsApi);
  CreateTopicsRequest create;
  std::unordered_map<std::string_view, std::size_t> seen;
  Left left;
  for (auto n = in.ArrayLength(kMaxRequestNames); in.ok() && n > 0; --n) {
    auto topic = ReadTopic(in, left);
    const auto [first, is_new] = seen.emplace(topic.name, create.topics.size());
    if (is_new) {
      create.topics.push_back(std::move(topic));
    } else {
      create.topics[first->second].is_repeated = true;
    }
    if (seen.size() > kMaxRequestTopics) in.Break();
  }
  in.Int<std::int32_t>();  // timeout
  if (request.version >= 1) create.validate_only = in.Bool();
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return create;
}

std::string EncodeCreateTopics(const RequestHeader& request,
                               const std::vector<CreatedTopic>& topics) {
  Writer out = AnswerTo(request, kCreateTopicsApi);
  if (request.version >= 2) out.Int(std::int32_t{0});
  out.ArrayLength(topics);
  for (const auto& topic : topics) {
    out.String(topic.name);
    if (request.version >= 7) out.Id(topic.id);
    out.Int(Code(topic.error));
    if (request.version >= 1) out.NullableString(OrNull(topic.message));
    if (request.version >= 5) {
      const auto replicas = static_cast<std::int16_t>(topic.error == ErrorCode::kNone ? 1 : -1);
      out.Int(topic.partitions).Int(replicas).ArrayLength(topic.settings);
      for (const auto& setting : topic.settings) {
        out.String(setting.name).String(setting.value).Bool(setting.is_read_only);
        out.Int(static_cast<std::int8_t>(setting.source)).Bool(false).Tags();  // not secret
      }
    }
    out.Tags();
  }
  return out.Tags().Take();
}

}  // namespace st::kafka
