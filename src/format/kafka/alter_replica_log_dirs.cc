#include "format/kafka/alter_replica_log_dirs.h"

#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<std::vector<MovedPartition>> DecodeAlterReplicaLogDirs(const RequestHeader& request) {
  Reader in = ReaderOf(request, kAlterReplicaLogDirsApi);
  std::vector<MovedPartition> moves;
  std::int32_t left = kMaxRequestPartitions;
  const auto dirs = in.ArrayLength(kMaxRequestPartitions);
  for (auto n = dirs; in.ok() && n > 0; --n) {
    const auto path = in.String();
    for (const auto& topic : ReadPartitionLists(in, &left).value_or(PartitionLists())) {
      for (const auto partition : topic.partitions) {
        moves.push_back({.topic = topic.name, .partition = partition, .path = path});
      }
    }
    in.Tags();
  }
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return moves;
}

std::string EncodeAlterReplicaLogDirs(const RequestHeader& request,
                                      const std::vector<MovedPartition>& moves) {
  Writer out = AnswerTo(request, kAlterReplicaLogDirsApi);
  out.Int(std::int32_t{0});  // throttle
  WriteTopics(out, moves,
              [&](const MovedPartition& move) { out.Int(move.partition).Int(Code(move.error)); });
  return out.Tags().Take();
}

}  // namespace st::kafka
