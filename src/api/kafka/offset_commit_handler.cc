#include "api/kafka/offset_commit_handler.h"

#include <utility>
#include <vector>

#include "api/kafka/errors.h"
#include "api/kafka/group_requests.h"
#include "format/kafka/offset_commit.h"
#include "group/limits.h"

namespace st::api {

using kafka::ErrorCode;

namespace {

// From this version on members of the new protocol use it, and a group may be not found.
constexpr std::int16_t kFirstWithEpochs = 9;

// Older clients do not know that a group may not be there.
ErrorCode CommitErrorFor(group::Outcome outcome, std::int16_t version) {
  if (outcome == group::Outcome::kGroupIdNotFound && version < kFirstWithEpochs) {
    return ErrorCode::kIllegalGeneration;
  }
  return KafkaErrorFor(outcome);
}

}  // namespace

bool OffsetCommitHandler::Handle(const net::FrameSession& session,
                                 const std::shared_ptr<Request>& request,
                                 const Responder& responder) {
  auto commit = kafka::DecodeOffsetCommit(request->header);
  if (!commit) return false;
  const std::int64_t now_ms = clock_.NowUs() / 1'000;
  group::CommitRequest wanted{.member = {.group = std::string(commit->group),
                                         .member = std::string(commit->member),
                                         .instance = TextOf(commit->instance),
                                         .generation = commit->generation},
                              .offsets = {},
                              .client = ClientOf(*request, session.peer),
                              .knows_epochs = request->header.version >= kFirstWithEpochs};
  PartitionFinder finder(log_);
  for (auto& offset : commit->offsets) {
    const auto tp = finder.Find(offset.topic, offset.partition);
    if (!tp) {
      offset.error = ErrorCode::kUnknownTopicOrPartition;
    } else if (offset.metadata.size() > group::kMaxOffsetMetadataBytes) {
      offset.error = ErrorCode::kOffsetMetadataTooLarge;
    } else {
      wanted.offsets.emplace_back(
          *tp, log::CommittedOffset{
                   .offset = Offset(offset.offset),
                   .leader_epoch = offset.leader_epoch,
                   .commit_time_ms = now_ms,
                   .expire_time_ms = commit->retention_ms < 0 ? -1 : now_ms + commit->retention_ms,
                   .metadata = std::string(offset.metadata)});
    }
  }
  const auto answer = [request, responder](std::vector<kafka::OffsetToCommit> offsets,
                                           group::Outcome outcome) {
    for (auto& offset : offsets) {
      if (offset.error != ErrorCode::kNone) continue;
      offset.error = CommitErrorFor(outcome, request->header.version);
    }
    responder->Send(kafka::EncodeOffsetCommit(request->header, offsets));
  };
  if (wanted.offsets.empty() && !commit->offsets.empty()) {
    answer(std::move(commit->offsets), group::Outcome::kDone);
    return true;
  }
  groups_.Commit(wanted, [answer, offsets = std::move(commit->offsets)](group::Outcome outcome) {
    answer(offsets, outcome);
  });
  return true;
}

}  // namespace st::api
