#include "format/kafka/fetch.h"

#include <algorithm>
#include <span>

#include "format/kafka/limits.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

namespace {

constexpr std::int16_t kLastWithReplica = 14;  // behind it a follower tells itself in tagged fields

// What a session forgets: there is none.
void SkipForgotten(Reader& in, bool by_id) {
  std::int32_t left = kMaxRequestPartitions;
  for (auto n = in.ArrayLength(kMaxRequestPartitions); in.ok() && n > 0; --n) {
    ReadTopic(in, by_id);
    const auto partitions = in.ArrayLength(left);
    left -= std::max(partitions, 0);
    for (auto m = partitions; in.ok() && m > 0; --m) in.Int<std::int32_t>();
    in.Tags();
  }
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
  if (request.version >= 7) {
    in.Int<std::int32_t>();  // session id and epoch: every fetch is a full one
    in.Int<std::int32_t>();
  }
  AskedTopic topic;
  ReadTopicsBy(
      in, [&] { topic = ReadTopic(in, by_id); },
      [&] {
        FetchPartition part{.topic = topic, .partition = in.Int<std::int32_t>()};
        if (request.version >= 9) part.leader_epoch = in.Int<std::int32_t>();
        part.offset = in.Int<std::int64_t>();
        if (request.version >= 12) in.Int<std::int32_t>();  // epoch of the last record it has
        if (request.version >= 5) in.Int<std::int64_t>();   // follower's log start
        part.max_bytes = in.Int<std::int32_t>();
        fetch.partitions.push_back(part);
      });
  if (request.version >= 7) SkipForgotten(in, by_id);
  if (request.version >= 11) in.String();  // rack
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return fetch;
}

std::string EncodeFetch(const RequestHeader& request, const std::vector<FetchedPartition>& parts) {
  constexpr std::span<const std::int64_t> kNone;
  constexpr std::size_t kHeadBytes = 80;  // of the answer, or of a partition
  std::size_t bytes = kHeadBytes;
  for (const auto& part : parts) bytes += kHeadBytes + part.topic.name.size() + part.records.size();
  Writer out = AnswerTo(request, kFetchApi, bytes);
  out.Int(std::int32_t{0});                                                 // throttle
  if (request.version >= 7) out.Int(std::int16_t{0}).Int(std::int32_t{0});  // no session
  WriteTopics(out, parts, [&](const FetchedPartition& part) {
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
  });
  return out.Tags().Take();
}

}  // namespace st::kafka
