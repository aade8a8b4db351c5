#include "api/kafka/produce_handler.h"

#include <fmt/format.h>

#include <algorithm>
#include <expected>
#include <limits>
#include <utility>

#include "api/kafka/errors.h"
#include "api/kafka/limits.h"
#include "api/kafka/topic_settings.h"
#include "format/record/batch_times.h"
#include "format/record/record_batch.h"
#include "log/limits.h"

namespace st::api {

using kafka::ErrorCode;
using kafka::ProducedPartition;

// A request whose batches are checked and appended one after the other.
struct ProduceHandler::Work {
  struct Item {
    std::size_t part = 0;
    TopicPartition tp;
    std::string_view batch;
    TopicPolicy policy;
  };
  std::shared_ptr<Request> request;
  Responder responder;
  std::shared_ptr<Gather<ProducedPartition>> gather;
  std::vector<Item> items;
  std::size_t next = 0;
  std::uint64_t decompressed_bytes = 0;  // of the items before
  bool is_large = false;
};

namespace {

// Decompression writes chunk by chunk, and may pass its limit by one.
constexpr std::size_t kScratchSlackBytes = 128 << 10;

bool IsCompressed(std::string_view batch) {
  constexpr std::size_t kAttributesLow = 22;
  return batch.size() > kAttributesLow && (batch[kAttributesLow] & 7) != 0;
}

// One transactional batch makes the whole request one, as in Kafka.
bool IsTransactional(const kafka::ProduceRequest& produce) {
  const auto is_in = [](const kafka::ProducePartition& partition) {
    const auto header = record::ParseHeader(partition.records);
    return header && header->is_transactional();
  };
  return produce.transactional_id.has_value() ||
         std::ranges::any_of(produce.topics, [&](const auto& topic) {
           return std::ranges::any_of(topic.partitions, is_in);
         });
}

// The batch as it is to be stored. Looks at what the log does not, the records inside; the log says
// what else is wrong with a batch, before anything of it is decompressed. A header whose times are
// not those of its records is corrected, as Kafka does: readers find records by it.
Result<std::string> CheckContents(std::string_view batch, std::uint64_t limit_bytes,
                                  std::string& scratch) {
  const auto header = record::ParseHeader(batch);
  if (!header || header->total_bytes() != batch.size() || batch.size() > log::kMaxBatchBytes) {
    return std::string(batch);
  }
  const bool is_compressed = IsCompressed(batch);
  if (is_compressed && header->record_count <= record::kMaxBatchRecords &&
      !record::CheckBatch(batch)) {
    return std::string(batch);
  }
  const auto largest_ms = record::CheckRecords(batch, limit_bytes, scratch);
  const bool is_true =
      largest_ms && *largest_ms == header->max_timestamp_ms && !header->is_log_append_time();
  if (is_true) return std::string(batch);
  if (!is_compressed && !record::CheckBatch(batch)) return std::string(batch);
  if (!largest_ms) return std::unexpected(largest_ms.error());
  std::string corrected(batch);
  record::SetCreateTimes(corrected, *largest_ms);
  return corrected;
}

// Applies the topic's rules for times: gives the time of the append where the records have that,
// else nothing; or what is wrong with a record's own. Requires: CheckContents gave the batch.
std::expected<std::optional<std::int64_t>, std::string> ApplyTimes(std::string& batch,
                                                                   const TopicPolicy& policy,
                                                                   std::int64_t now_ms) {
  constexpr auto kNever = std::numeric_limits<std::int64_t>::max();
  const auto header = record::ParseHeader(batch);
  if (!header) return std::nullopt;  // the log says why
  std::int64_t latest_ms = 0;
  const bool is_late = !__builtin_add_overflow(now_ms, policy.timestamp_after_max_ms, &latest_ms) &&
                       header->max_timestamp_ms > latest_ms;
  const bool has_earliest = policy.timestamp_before_max_ms != kNever;
  if (!policy.is_log_append_time && !is_late && !has_earliest) return std::nullopt;
  if (!record::CheckBatch(batch)) return std::nullopt;
  if (policy.is_log_append_time) {
    record::SetLogAppendTime(batch, now_ms);
    return now_ms;
  }
  if (is_late) {
    return std::unexpected(
        fmt::format("a record has the time {} ms, and message.timestamp.after.max.ms allows {}",
                    header->max_timestamp_ms, latest_ms));
  }
  std::int64_t earliest_ms = 0;
  if (__builtin_sub_overflow(now_ms, policy.timestamp_before_max_ms, &earliest_ms)) {
    return std::nullopt;
  }
  const auto smallest_ms = record::SmallestTime(batch, kMaxRequestRecordBytes);
  if (smallest_ms && *smallest_ms && **smallest_ms < earliest_ms) {
    return std::unexpected(
        fmt::format("a record has the time {} ms, and message.timestamp.before.max.ms allows {}",
                    **smallest_ms, earliest_ms));
  }
  return std::nullopt;
}

void Refuse(Gather<ProducedPartition>& gather, std::size_t part, ErrorCode error,
            std::string message) {
  gather.parts[part].error = error;
  gather.parts[part].message = std::move(message);
  gather.Arrived();
}

}  // namespace

ErrorCode ProduceHandler::CheckPartition(ProducedPartition& part, const PartitionFinder& finder,
                                         bool is_found, const kafka::ProduceRequest& produce,
                                         bool is_transactional) const {
  const auto* const topic = finder.topic();
  const std::string_view name = topic != nullptr ? topic->name : part.topic.name;
  const bool is_possible = name.size() <= kafka::kMaxTopicNameBytes;
  const Status may = may_write_ && is_possible ? may_write_(std::string(name)) : Status{};
  if (!may) {
    part.message = may.error().message();
    return ErrorCode::kTopicAuthorizationFailed;
  }
  if (!is_found) return finder.error();
  // All of the one replica, or its leader, or nobody: one sync is behind the first two.
  if (produce.acks < -1 || produce.acks > 1) return ErrorCode::kInvalidRequiredAcks;
  if (!is_transactional) return ErrorCode::kNone;
  part.message = "transactions are not offered by this server: send without transactional.id";
  return ErrorCode::kTransactionalIdAuthorizationFailed;
}

bool ProduceHandler::Handle(const net::FrameSession& /*session*/,
                            const std::shared_ptr<Request>& request, const Responder& responder) {
  const auto produce = kafka::DecodeProduce(request->header);
  if (!produce) return false;
  auto work = std::make_shared<Work>();
  work->request = request;
  work->responder = responder;
  work->gather = std::make_shared<Gather<ProducedPartition>>();
  auto& parts = work->gather->parts;
  PartitionFinder finder(log_);
  std::size_t bytes = 0;
  bool has_compressed = false;
  const bool is_transactional = IsTransactional(*produce);
  for (const auto& topic : produce->topics) {
    for (const auto& [partition, batch] : topic.partitions) {
      auto& part = parts.emplace_back(
          ProducedPartition{.topic = topic.topic, .partition = partition, .message = {}});
      const auto tp = finder.Find(topic.topic, partition);
      part.error = CheckPartition(part, finder, tp.has_value(), *produce, is_transactional);
      if (part.error != ErrorCode::kNone) continue;
      part.log_start = log_.StartOffset(*tp).value();
      const auto policy = PolicyOf(*finder.topic());
      if (std::ssize(batch) > policy.max_message_bytes) {
        part.error = ErrorCode::kMessageTooLarge;
        part.message = fmt::format("a batch of {} bytes, and max.message.bytes of the topic is {}",
                                   batch.size(), policy.max_message_bytes);
        continue;
      }
      work->items.push_back(
          {.part = parts.size() - 1, .tp = *tp, .batch = batch, .policy = policy});
      bytes += batch.size();
      has_compressed = has_compressed || IsCompressed(batch);
    }
  }
  work->gather->missing = work->items.size() + 1;
  work->gather->done = [request, responder,
                        quiet = produce->acks == 0](const std::vector<ProducedPartition>& all) {
    const bool failed =
        std::ranges::any_of(all, [](const auto& part) { return part.error != ErrorCode::kNone; });
    if (!quiet) return responder->Send(kafka::EncodeProduce(request->header, all));
    failed ? responder->Close() : responder->SendNothing();
  };
  if (!has_compressed && bytes <= kInlineCheckBytes) {
    std::string unused;  // nothing is decompressed
    AppendAll(*work, kMaxRequestRecordBytes, unused);
    work->gather->Arrived();
    return true;
  }
  responder->HoldBack();
  CheckOnThread(work);
  return true;
}

void ProduceHandler::CheckOnThread(const std::shared_ptr<Work>& work) {
  net::FairThread& thread = work->is_large ? large_ : small_;
  thread.Submit(work->request->client, [this, work] {
    auto& scratch = work->is_large ? large_scratch_ : small_scratch_;
    const bool is_done =
        AppendAll(*work, work->is_large ? kMaxRequestRecordBytes : kMaxSmallRecordBytes, scratch);
    if (scratch.capacity() > kKeptScratchBytes) std::string().swap(scratch);
    if (!is_done) {
      work->is_large = true;
      return CheckOnThread(work);
    }
    work->responder->Release();
    work->gather->Arrived();
  });
}

bool ProduceHandler::AppendAll(Work& work, std::uint64_t limit_bytes, std::string& scratch) {
  const auto& gather = work.gather;
  for (; work.next < work.items.size(); ++work.next) {
    const auto& [part, tp, batch, policy] = work.items[work.next];
    const bool is_compressed = IsCompressed(batch);
    const std::uint64_t room = is_compressed
                                   ? limit_bytes - std::min(limit_bytes, work.decompressed_bytes)
                                   : kMaxRequestRecordBytes;
    // Room for all of it at once: growing step by step would copy, and hold half as much again.
    if (is_compressed) scratch.reserve(room + kScratchSlackBytes);
    auto contents = CheckContents(batch, room, scratch);
    if (!contents) {
      const bool is_over = contents.error().code() != st::ErrorCode::kCorruption;
      if (is_over && is_compressed && limit_bytes < kMaxRequestRecordBytes) return false;
      const bool is_behind = is_over && is_compressed && work.decompressed_bytes > 0;
      Refuse(*gather, part,
             is_behind ? ErrorCode::kNotEnoughReplicas
             : is_over ? ErrorCode::kMessageTooLarge
                       : ErrorCode::kInvalidRecord,
             contents.error().message());
      break;
    }
    if (is_compressed) work.decompressed_bytes += scratch.size();
    const auto time_ms = ApplyTimes(*contents, policy, clock_.NowUs() / 1'000);
    if (!time_ms) {
      Refuse(*gather, part, ErrorCode::kInvalidTimestamp, time_ms.error());
      continue;
    }
    log_.Append(tp, *std::move(contents), OriginOf(work.request->client),
                [gather, at = part, time_ms = *time_ms](Result<log::AppendResult> result) {
                  auto& produced = gather->parts[at];
                  if (result) {
                    produced.base_offset = result->base_offset.value();
                    produced.append_time_ms = time_ms.value_or(-1);
                  } else {
                    produced.error = KafkaErrorFor(result.error());
                    produced.message = result.error().message();
                  }
                  gather->Arrived();
                });
  }
  // One refused batch is enough: what else the request has is not looked at.
  for (++work.next; work.next < work.items.size(); ++work.next) {
    Refuse(*gather, work.items[work.next].part, ErrorCode::kNotEnoughReplicas,
           "not looked at: another batch of this request was refused; send it again");
  }
  return true;
}

void ProduceHandler::Stop() {
  small_.Stop();
  large_.Stop();
}

}  // namespace st::api
