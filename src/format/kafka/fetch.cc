#include "format/kafka/fetch.h"

#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<FetchRequest> DecodeFetch(const RequestHeader& request) {
  Reader in = ReaderOf(request, kFetchApi);
  FetchRequest fetch;
  in.Int<std::int32_t>();  // replica
  fetch.max_wait_ms = in.Int<std::int32_t>();
  fetch.min_bytes = in.Int<std::int32_t>();
  fetch.max_bytes = in.Int<std::int32_t>();
  in.Int<std::int8_t>();  // isolation: there are no transactions
  if (request.version >= 7) {
    in.Int<std::int32_t>();  // session id and epoch: every fetch is a full one
    in.Int<std::int32_t>();
  }
  std::string_view topic;
  ReadTopics(
      in, [&](std::string_view name) { topic = name; },
      [&] {
        FetchPartition part{.topic = topic, .partition = in.Int<std::int32_t>()};
        if (request.version >= 9) part.leader_epoch = in.Int<std::int32_t>();
        part.offset = in.Int<std::int64_t>();
        if (request.version >= 12) in.Int<std::int32_t>();  // epoch of the last record it has
        if (request.version >= 5) in.Int<std::int64_t>();   // follower's log start
        part.max_bytes = in.Int<std::int32_t>();
        fetch.partitions.push_back(part);
      });
  if (request.version >= 7) {  // what a session forgets: there is none
    ReadTopics(in, [](std::string_view) {}, [&] { in.Int<std::int32_t>(); });
  }
  if (request.version >= 11) in.String();  // rack
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return fetch;
}

std::string EncodeFetch(const RequestHeader& request, const std::vector<FetchedPartition>& parts) {
  constexpr std::size_t kHeadBytes = 64;  // of the answer, or of a partition
  std::size_t bytes = kHeadBytes;
  for (const auto& part : parts) bytes += kHeadBytes + part.topic.size() + part.records.size();
  Writer out = AnswerTo(request, kFetchApi, bytes);
  out.Int(std::int32_t{0});                                                 // throttle
  if (request.version >= 7) out.Int(std::int16_t{0}).Int(std::int32_t{0});  // no session
  WriteTopics(out, parts, [&](const FetchedPartition& part) {
    out.Int(part.partition).Int(Code(part.error)).Int(part.high_watermark);
    out.Int(part.high_watermark);  // last stable offset
    if (request.version >= 5) out.Int(part.log_start);
    out.NullArray();                                       // no aborted transactions
    if (request.version >= 11) out.Int(std::int32_t{-1});  // no preferred replica
    out.Bytes(part.records);
  });
  return out.Tags().Take();
}

}  // namespace st::kafka
