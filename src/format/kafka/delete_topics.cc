#include "format/kafka/delete_topics.h"

#include <map>
#include <utility>

#include "format/kafka/limits.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<std::vector<DeletedTopic>> DecodeDeleteTopics(const RequestHeader& request) {
  Reader in = ReaderOf(request, kDeleteTopicsApi);
  std::vector<DeletedTopic> topics;
  std::map<std::pair<std::optional<std::string_view>, TopicId>, std::size_t> seen;
  for (auto n = in.ArrayLength(kMaxRequestNames); in.ok() && n > 0; --n) {
    DeletedTopic topic{.name = std::nullopt, .id = {}, .message = {}};
    if (request.version >= 6) {
      topic.name = in.NullableString();
      topic.id = TopicId(in.Id());
      in.Tags();
    } else {
      topic.name = in.String();
    }
    const auto [first, is_new] = seen.emplace(std::pair(topic.name, topic.id), topics.size());
    if (is_new) {
      topics.push_back(std::move(topic));
    } else {
      topics[first->second].is_repeated = true;
    }
    if (seen.size() > kMaxRequestTopics) in.Break();
  }
  in.Int<std::int32_t>();  // timeout
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return topics;
}

std::string EncodeDeleteTopics(const RequestHeader& request,
                               const std::vector<DeletedTopic>& topics) {
  Writer out = AnswerTo(request, kDeleteTopicsApi);
  if (request.version >= 1) out.Int(std::int32_t{0});  // throttle
  out.ArrayLength(topics);
  for (const auto& topic : topics) {
    if (request.version >= 6) {
      out.NullableString(topic.name).Id(topic.id);
    } else {
      out.String(topic.name.value_or(""));
    }
    out.Int(Code(topic.error));
    if (request.version >= 5) out.NullableString(OrNull(topic.message));
    out.Tags();
  }
  return out.Tags().Take();
}

}  // namespace st::kafka
