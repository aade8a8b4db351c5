#include "log/producers.h"

#include <algorithm>
#include <climits>
#include <limits>

namespace st::log {
namespace {

// A sweep looks at every pair: so often at most.
constexpr std::int64_t kSweepUs = 60'000'000;

std::int32_t SequenceAfter(std::int32_t sequence, std::int32_t n) {
  // Sequences wrap from INT32_MAX to 0.
  return static_cast<std::int32_t>((std::int64_t{sequence} + n) & INT32_MAX);
}

}  // namespace

void Producers::Pair::Add(const Batch& batch) {
  if (count == batches.size()) {
    std::ranges::move(batches.begin() + 1, batches.end(), batches.begin());
    --count;
  }
  batches[count++] = batch;
}

Result<Producers::SequenceCheck> Producers::CheckSequence(TopicPartition tp,
                                                          const record::BatchHeader& batch) const {
  if (batch.producer_id < 0) return SequenceCheck{};
  const auto found = pairs_.find({tp, batch.producer_id});
  if (found == pairs_.end()) return SequenceCheck{};
  const Pair& pair = found->second;
  if (batch.producer_epoch < pair.epoch) {
    return Fail(ErrorCode::kInvalidArgument, ErrorDetail::kStaleProducerEpoch,
                "stale producer epoch {} of producer {}, now {}", batch.producer_epoch,
                batch.producer_id, pair.epoch);
  }
  const bool is_new_epoch = batch.producer_epoch > pair.epoch;
  const std::int32_t last = SequenceAfter(batch.base_sequence, batch.last_offset_delta);
  for (std::size_t i = 0; i < pair.count && !is_new_epoch; ++i) {
    const Batch& seen = pair.batches[i];
    if (seen.first_sequence != batch.base_sequence || seen.last_sequence != last) continue;
    // The same sequences with other contents: somebody else's batch, or a client at fault. The CRC
    // says nothing where it covers the time of the append, which differs at each try.
    if (seen.has_crc && !batch.is_log_append_time() && seen.crc != batch.crc) break;
    return SequenceCheck{true, {Offset(seen.base_offset), seen.append_time_us, true}};
  }
  const std::int32_t want = is_new_epoch ? 0 : SequenceAfter(pair.last().last_sequence, 1);
  if (batch.base_sequence != want) {
    return Fail(ErrorCode::kInvalidArgument, ErrorDetail::kSequenceOutOfOrder,
                "out of order sequence {} of producer {}, want {}", batch.base_sequence,
                batch.producer_id, want);
  }
  return SequenceCheck{};
}

Status Producers::MakeRoom(TopicPartition tp, std::int64_t producer, const Origin& origin,
                           std::int64_t now_us) {
  if (producer < 0 || origin.is_server || Knows(tp, producer)) return {};
  if (HasRoomFor(origin.client)) return {};
  ForgetExpired(now_us);
  if (HasRoomFor(origin.client)) return {};
  constexpr std::int64_t kHourUs = 3'600'000'000;
  const auto added = added_.find(origin.client);
  return Fail(
      ErrorCode::kUnsupported,
      "too many producers: this client's address has added {} pairs of producer and "
      "partition, its share of the {} that are remembered, each for {} hours after its last "
      "batch; keep producers instead of making new ones",
      added == added_.end() ? 0 : added->second, kMaxProducerPairs, kProducerMemoryUs / kHourUs);
}

bool Producers::HasRoomFor(std::uint64_t client) const {
  const auto added = added_.find(client);
  const std::size_t own = added == added_.end() ? 0 : added->second;
  const std::size_t others = added_.size() - (added == added_.end() ? 0 : 1);
  const std::size_t free = kMaxProducerPairs - std::min(pairs_.size(), kMaxProducerPairs);
  return own < std::min(kMaxClientProducerPairs, free / (others + kProducerRoomShare));
}

void Producers::Discount(const Pair& pair) {
  const auto added = added_.find(pair.client);
  if (added != added_.end() && --added->second == 0) added_.erase(added);
}

void Producers::ForgetExpired(std::int64_t now_us) {
  if (now_us - oldest_us_ <= kProducerMemoryUs + kSweepUs) return;
  oldest_us_ = now_us;
  std::erase_if(pairs_, [&](const auto& item) {
    const Pair& pair = item.second;
    const std::int64_t last_us = pair.last().append_time_us;
    if (now_us - last_us > kProducerMemoryUs) {
      Discount(pair);
      return true;
    }
    oldest_us_ = std::min(oldest_us_, last_us);
    return false;
  });
}

std::vector<Producers::Remembered> Producers::Of(TopicPartition tp, std::int64_t now_us) const {
  std::vector<Remembered> found;
  const auto first = pairs_.lower_bound({tp, std::numeric_limits<std::int64_t>::min()});
  for (auto it = first; it != pairs_.end() && it->first.first == tp; ++it) {
    const Batch& last = it->second.last();
    if (now_us - last.append_time_us > kProducerMemoryUs) continue;
    found.push_back({.producer = it->first.second,
                     .epoch = it->second.epoch,
                     .last_sequence = last.last_sequence,
                     .last_offset = last.base_offset});
  }
  return found;
}

Status Producers::Apply(const EntryHeader& entry, std::string_view payload) {
  if (entry.type == EntryType::kTopicEnd) {
    std::erase_if(pairs_, [&](const auto& item) {
      if (item.first.first.topic != entry.topic) return false;
      Discount(item.second);
      return true;
    });
    return {};
  }
  ST_TRY(const auto batch, record::ParseHeader(payload));
  Remember({entry.topic, PartitionId(entry.partition)}, batch,
           {.base_offset = entry.base_offset, .append_time_us = entry.append_time_us});
  return {};
}

void Producers::Remember(TopicPartition tp, const record::BatchHeader& batch,
                         const Stored& stored) {
  if (batch.producer_id < 0) return;
  Pair& pair = pairs_[{tp, batch.producer_id}];
  if (batch.producer_epoch != pair.epoch) pair.count = 0;
  pair.epoch = batch.producer_epoch;
  pair.Add({.first_sequence = batch.base_sequence,
            .last_sequence = SequenceAfter(batch.base_sequence, batch.last_offset_delta),
            .base_offset = stored.base_offset,
            .append_time_us = stored.append_time_us,
            .crc = batch.crc,
            .has_crc = !batch.is_log_append_time()});
}

void Producers::Attribute(TopicPartition tp, std::int64_t producer, const Origin& origin) {
  if (origin.is_server) return;
  pairs_.at({tp, producer}).client = origin.client;
  ++added_[origin.client];
}

void Producers::Encode(std::string& out) const {
  AppendLittle(out, static_cast<std::uint32_t>(pairs_.size()));
  for (const auto& [key, pair] : pairs_) {
    AppendLittle(out, key.second);
    AppendUuid(out, key.first.topic);
    AppendLittle(out, key.first.partition.value());
    AppendLittle(out, pair.epoch);
    AppendLittle(out, pair.count);
    for (std::size_t i = 0; i < pair.count; ++i) {
      const Batch& batch = pair.batches[i];
      AppendLittle(out, batch.first_sequence);
      AppendLittle(out, batch.last_sequence);
      AppendLittle(out, batch.base_offset);
      AppendLittle(out, batch.append_time_us);
      AppendLittle(out, static_cast<std::uint8_t>(batch.has_crc));
      AppendLittle(out, batch.crc);
    }
  }
}

Status Producers::Decode(ByteReader& in, std::uint32_t version) {
  const bool is_first = version == 1;
  for (auto n = in.Little<std::uint32_t>(); in.ok() && n > 0; --n) {
    const auto producer = in.Little<std::int64_t>();
    const TopicId topic(in.Id());
    const PartitionId partition(in.Little<std::int32_t>());
    Pair& pair = pairs_[{{topic, partition}, producer}];
    pair.epoch = in.Little<std::int16_t>();
    if (is_first) in.Little<std::uint64_t>();  // an lsn
    const std::uint32_t count = is_first ? in.Little<std::uint32_t>() : in.Little<std::uint8_t>();
    if (count == 0 || count > kProducerBatches) {
      return Fail(ErrorCode::kCorruption, "producer with {} batches in a checkpoint", count);
    }
    for (std::uint32_t i = 0; i < count; ++i) {
      Batch batch;
      batch.first_sequence = in.Little<std::int32_t>();
      batch.last_sequence = in.Little<std::int32_t>();
      batch.base_offset = in.Little<std::int64_t>();
      batch.append_time_us = in.Little<std::int64_t>();
      batch.has_crc = !is_first && in.Little<std::uint8_t>() != 0;
      if (!is_first) batch.crc = in.Little<std::uint32_t>();
      pair.Add(batch);
    }
  }
  return {};
}

}  // namespace st::log
