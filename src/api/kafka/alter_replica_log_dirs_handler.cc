#include "api/kafka/alter_replica_log_dirs_handler.h"

#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "format/kafka/alter_replica_log_dirs.h"

namespace st::api {

using kafka::ErrorCode;

bool AlterReplicaLogDirsHandler::Handle(const net::FrameSession& /*session*/,
                                        const std::shared_ptr<Request>& request,
                                        const Responder& responder) {
  const auto moves = kafka::DecodeAlterReplicaLogDirs(request->header);
  if (!moves) return false;
  // As Kafka: each partition once, to the folder that is named last, and by topic.
  std::map<std::pair<std::string_view, std::int32_t>, kafka::MovedPartition> last;
  for (const auto& move : *moves) last[{move.topic, move.partition}] = move;
  std::vector<kafka::MovedPartition> answer;
  PartitionFinder finder(log_);
  for (auto& [key, move] : last) {
    if (move.path != path_) {
      move.error = ErrorCode::kLogDirNotFound;
    } else if (!finder.Find(move.topic, move.partition)) {
      move.error = ErrorCode::kUnknownTopicOrPartition;
    }
    answer.push_back(move);
  }
  responder->Send(kafka::EncodeAlterReplicaLogDirs(request->header, answer));
  return true;
}

}  // namespace st::api
