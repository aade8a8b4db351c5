#include "format/kafka/alter_partition_reassignments.h"

#include <algorithm>
#include <utility>

#include "format/kafka/limits.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<AlterPartitionReassignmentsRequest> DecodeAlterPartitionReassignments(
    const RequestHeader& request) {
  Reader in = ReaderOf(request, kAlterPartitionReassignmentsApi);
  AlterPartitionReassignmentsRequest alter;
  in.Int<std::int32_t>();  // time-out
  if (request.version >= 1) alter.may_change_replication = in.Bool();
  std::int32_t left = kMaxRequestReplicas;
  auto topics = ReadTopicsWith<Reassignment>(in, [&] {
    Reassignment move{.partition = in.Int<std::int32_t>(), .replicas = {}};
    const auto replicas = in.ArrayLength(left);
    left -= std::max(replicas, 0);
    if (replicas >= 0) move.replicas.emplace();
    for (auto n = replicas; in.ok() && n > 0; --n) {
      move.replicas->push_back(in.Int<std::int32_t>());
    }
    in.Tags();
    return move;
  });
  in.Tags();
  if (!in.ok()) return std::nullopt;
  if (topics) alter.topics = std::move(*topics);
  return alter;
}

std::string EncodeAlterPartitionReassignments(
    const RequestHeader& request, bool may_change_replication,
    const std::vector<TopicWith<ReassignedPartition>>& topics) {
  Writer out = AnswerTo(request, kAlterPartitionReassignmentsApi);
  out.Int(std::int32_t{0});  // throttle
  if (request.version >= 1) out.Bool(may_change_replication);
  out.Int(Code(ErrorCode::kNone));
  // As Kafka: an answer to no topics has an empty message, any other has none.
  topics.empty() ? out.String("") : out.NullableString(std::nullopt);
  WriteTopicsWith(out, topics, [&](const ReassignedPartition& part) {
    out.Int(part.partition).Int(Code(part.error)).NullableString(OrNull(part.message));
  });
  return out.Tags().Take();
}

}  // namespace st::kafka
