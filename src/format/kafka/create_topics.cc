#include "format/kafka/create_topics.h"

#include <unordered_map>

#include "format/kafka/limits.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<CreateTopicsRequest> DecodeCreateTopics(const RequestHeader& request) {
  Reader in(request.body);
  CreateTopicsRequest create;
  std::unordered_map<std::string_view, std::size_t> seen;
  for (auto n = in.ArrayLength(kMaxRequestNames); in.ok() && n > 0; --n) {
    NewTopic topic;
    topic.name = in.String();
    topic.partitions = in.Int<std::int32_t>();
    topic.replication = in.Int<std::int16_t>();
    for (auto m = in.ArrayLength(kMaxRequestPartitions); in.ok() && m > 0; --m) {
      topic.has_assignment = true;
      in.Int<std::int32_t>();
      for (auto k = in.ArrayLength(kMaxRequestPartitions); in.ok() && k > 0; --k) {
        in.Int<std::int32_t>();
      }
    }
    for (auto m = in.ArrayLength(kMaxRequestSettings); in.ok() && m > 0; --m) {
      const auto name = in.String();
      if (!topic.config) topic.config = name;
      in.NullableString();
    }
    const auto [first, is_new] = seen.emplace(topic.name, create.topics.size());
    if (is_new) {
      create.topics.push_back(topic);
    } else {
      create.topics[first->second].is_repeated = true;
    }
    if (seen.size() > kMaxRequestTopics) in.Break();
  }
  in.Int<std::int32_t>();  // timeout
  if (request.version >= 1) create.validate_only = in.Bool();
  if (!in.ok()) return std::nullopt;
  return create;
}

std::string EncodeCreateTopics(const RequestHeader& request,
                               const std::vector<CreatedTopic>& topics) {
  Writer out = AnswerTo(request);
  if (request.version >= 2) out.Int(std::int32_t{0});
  out.ArrayLength(topics);
  for (const auto& topic : topics) {
    out.String(topic.name).Int(Code(topic.error));
    if (request.version >= 1) out.NullableString(OrNull(topic.message));
  }
  return out.Take();
}

}  // namespace st::kafka
