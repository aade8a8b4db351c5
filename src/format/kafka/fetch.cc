#include "format/kafka/fetch.h"

#include <algorithm>
#include <span>

#include "format/kafka/leader_epoch.h"
#include "format/kafka/limits.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

namespace {

constexpr std::int16_t kFirstWithSession = 7;
constexpr std::int16_t kLastWithReplica = 14;  // behind it a follower tells itself in tagged fields

std::vector<ForgottenPartition> ReadForgotten(Reader& in, bool by_id) {
  std::vector<ForgottenPartition> forgotten;
  std::int32_t left = kMaxRequestPartitions;
  for (auto n = in.ArrayLength(kMaxRequestPartitions); in.ok() && n > 0; --n) {
    const AskedTopic topic = ReadTopic(in, by_id);
    const auto partitions = in.ArrayLength(left);
    left -= std::max(partitions, 0);
    for (auto m = partitions; in.ok() && m > 0; --m) {
      forgotten.push_back({.topic = topic, .partition = in.Int<std::int32_t>()});
    }
    in.Tags();
  }
  return forgotten;
}

// Writes the tagged fields that end a partition.
void WritePartitionTags(Writer& out, const FetchedPartition& part) {
  constexpr std::uint64_t kDivergingEpoch = 0;
  if (!part.diverging_end) {
    out.Tags();
    return;
  }
  Writer diverging(0, true);
  diverging.Int(kLeaderEpoch).Int(*part.diverging_end).Tags();
  out.Tag(kDivergingEpoch, diverging.Take());
}

}  // namespace

std::optional<FetchRequest> DecodeFetch(const RequestHeader& request) {
  Reader in = ReaderOf(request, kFetchApi);
  FetchRequest fetch;
  const bool by_id = request.version >= kFirstFetchByTopicId;
  if (request.version <= kLastWithReplica) in.Int<std::int32_t>();
  fetch.max_wait_ms = in.Int<std::int32_t>();
  fetch.min_bytes = in.Int<std::int32_t>();
  fetch.max_bytes = in.Int<std::int32_t>();
  in.Int<std::int8_t>();  // isolation: there are no transactions
  if (request.version >= kFirstWithSession) {
    fetch.session = in.Int<std::int32_t>();
    fetch.session_epoch = in.Int<std::int32_t>();
  }
  AskedTopic topic;
  ReadTopicsBy(
      in, [&] { topic = ReadTopic(in, by_id); },
      [&] {
        FetchPartition part{.topic = topic, .partition = in.Int<std::int32_t>()};
        if (request.version >= 9) part.leader_epoch = in.Int<std::int32_t>();
        part.offset = in.Int<std::int64_t>();
        if (request.version >= 12) part.last_epoch = in.Int<std::int32_t>();
        if (request.version >= 5) in.Int<std::int64_t>();  // follower's log start
        part.max_bytes = in.Int<std::int32_t>();
        fetch.partitions.push_back(part);
      });
  if (request.version >= kFirstWithSession) fetch.forgotten = ReadForgotten(in, by_id);
  if (request.version >= 11) in.String();  // rack
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return fetch;
}

std::string EncodeFetch(const RequestHeader& request, const FetchAnswer& answer) {
  constexpr std::span<const std::int64_t> kNone;
  constexpr std::size_t kHeadBytes = 80;  // of the answer, or of a partition
  std::size_t bytes = kHeadBytes;
  for (const auto& part : answer.partitions) {
    bytes += kHeadBytes + part.topic.name.size() + part.records.size();
  }
  Writer out = AnswerTo(request, kFetchApi, bytes);
  out.Int(std::int32_t{0});  // throttle
  if (request.version >= kFirstWithSession) out.Int(Code(answer.error)).Int(answer.session);
  const auto write = [&](const FetchedPartition& part) {
    const bool has_offsets = part.error == ErrorCode::kNone;
    const std::int64_t end = has_offsets ? part.high_watermark : -1;
    out.Int(part.partition).Int(Code(part.error)).Int(end).Int(end);  // last stable offset, too
    if (request.version >= 5) out.Int(has_offsets ? part.log_start : std::int64_t{-1});
    // No aborted transactions: as Kafka has it, for a partition that is not there none at all.
    const bool is_there = part.error != ErrorCode::kUnknownTopicOrPartition &&
                          part.error != ErrorCode::kUnknownTopicId;
    is_there ? out.NullArray() : out.ArrayLength(kNone);
    if (request.version >= 11) out.Int(std::int32_t{-1});  // no preferred replica
    out.Bytes(part.records);
  };
  WriteTopics(out, answer.partitions, write,
              [&](const FetchedPartition& part) { WritePartitionTags(out, part); });
  return out.Tags().Take();
}

}  // namespace st::kafka
