#include "format/kafka/create_partitions.h"

#include <unordered_map>

#include "format/kafka/limits.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {
namespace {

// `left` counts the nodes that the rest of the request may name.
std::optional<std::vector<std::vector<std::int32_t>>> ReadAssignments(Reader& in,
                                                                      std::int32_t& left) {
  const auto count = in.ArrayLength(left);
  if (count < 0) return std::nullopt;
  left -= count;
  std::vector<std::vector<std::int32_t>> assignments;
  for (auto n = count; in.ok() && n > 0; --n) {
    auto& nodes = assignments.emplace_back();
    const auto replicas = in.ArrayLength(left);
    left -= std::max(replicas, 0);
    for (auto m = replicas; in.ok() && m > 0; --m) nodes.push_back(in.Int<std::int32_t>());
    in.Tags();
  }
  return assignments;
}

}  // namespace

std::optional<CreatePartitionsRequest> DecodeCreatePartitions(const RequestHeader& request) {
  Reader in = ReaderOf(request, kCreatePartitionsApi);
  CreatePartitionsRequest create;
  std::unordered_map<std::string_view, std::size_t> seen;
  std::int32_t left = kMaxRequestPartitions;
  for (auto n = in.ArrayLength(kMaxRequestNames); in.ok() && n > 0; --n) {
    GrownTopic topic{.name = in.String(), .partitions = in.Int<std::int32_t>(), .assignments = {}};
    topic.assignments = ReadAssignments(in, left);
    in.Tags();
    const auto [first, is_new] = seen.emplace(topic.name, create.topics.size());
    if (is_new) {
      create.topics.push_back(std::move(topic));
    } else {
      create.topics[first->second].is_repeated = true;
    }
    if (seen.size() > kMaxRequestTopics) in.Break();
  }
  in.Int<std::int32_t>();  // timeout
  create.validate_only = in.Bool();
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return create;
}

std::string EncodeCreatePartitions(const RequestHeader& request,
                                   const std::vector<GrownTopicResult>& topics) {
  Writer out = AnswerTo(request, kCreatePartitionsApi);
  out.Int(std::int32_t{0}).ArrayLength(topics);  // throttle, then the results
  for (const auto& topic : topics) {
    out.String(topic.name).Int(Code(topic.error)).NullableString(OrNull(topic.message)).Tags();
  }
  return out.Tags().Take();
}

}  // namespace st::kafka
