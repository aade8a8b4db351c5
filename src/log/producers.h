// The last batches of each idempotent producer on each partition (KIP-98), so that a repeat is
// recognised and a gap is refused; a part of the log's state.
//
// A pair of producer and partition is remembered for kProducerMemoryUs after its last batch.
// Nothing is forgotten earlier: where there is no room, a new pair is refused instead.
//
// Threads: owned by the commit thread (recovery: by the opening thread).
// Limits:  kMaxProducerPairs; of one client address, counted since the start,
//          kMaxClientProducerPairs and a share of the free pairs (kProducerRoomShare).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "format/record/record_batch.h"
#include "log/limits.h"
#include "log/log.h"
#include "log/state_part.h"

namespace st::log {

class Producers final : public StatePart {
 public:
  // The verdict on a batch before it gets an offset.
  struct SequenceCheck {
    bool is_duplicate = false;
    AppendResult original;  // of a duplicate
  };
  // A batch is a duplicate where sequences and CRC are equal: a retry has the CRC of the first try,
  // also where the adapter corrected the batch's times. The first batch of an unknown producer may
  // have any sequence, as in Kafka. kInvalidArgument with the detail
  // kSequenceOutOfOrder or kStaleProducerEpoch.
  Result<SequenceCheck> CheckSequence(TopicPartition tp, const record::BatchHeader& batch) const;
  // Ok where the pair is known or there is room for it; first forgets expired pairs.
  // kUnsupported: "too many producers …", of all or of this client.
  Status MakeRoom(TopicPartition tp, std::int64_t producer, const Origin& origin,
                  std::int64_t now_us);

  // Adds a batch that has its offset.
  struct Stored {
    std::int64_t base_offset = 0;
    std::int64_t append_time_us = 0;
  };
  void Remember(TopicPartition tp, const record::BatchHeader& batch, const Stored& stored);
  // Counts an added pair against the client. Requires: the batch is remembered.
  void Attribute(TopicPartition tp, std::int64_t producer, const Origin& origin);
  bool Knows(TopicPartition tp, std::int64_t producer) const {
    return pairs_.contains({tp, producer});
  }

  // Those of one partition whose time is not over, by id.
  struct Remembered {
    std::int64_t producer = 0;
    std::int16_t epoch = 0;
    std::int32_t last_sequence = 0;
    std::int64_t last_offset = 0;  // the base offset of its last batch
  };
  std::vector<Remembered> Of(TopicPartition tp, std::int64_t now_us) const;

  std::size_t size() const { return pairs_.size(); }

  std::uint32_t tag() const override { return kProducersPart; }
  std::uint32_t version() const override { return 2; }
  bool Takes(EntryType type) const override {
    return type == EntryType::kBatch || type == EntryType::kTopicEnd;
  }
  Status Apply(const EntryHeader& entry, std::string_view payload) override;
  void Encode(std::string& out) const override;
  std::size_t encoded_bytes() const override { return 4 + pairs_.size() * kMaxPairBytes; }
  // Version 1 has no CRCs: its duplicates are recognised by their sequences alone.
  Status Decode(ByteReader& in, std::uint32_t version) override;
  void Clear() override { *this = Producers(); }

 private:
  static constexpr std::size_t kMaxPairBytes = 31 + kProducerBatches * 29;
  struct Batch {
    std::int32_t first_sequence = 0;
    std::int32_t last_sequence = 0;
    std::int64_t base_offset = 0;
    std::int64_t append_time_us = 0;
    std::uint32_t crc = 0;
    bool has_crc = false;
  };
  struct Pair {
    std::int16_t epoch = 0;
    std::uint8_t count = 0;
    std::uint64_t client = 0;                     // the client that added it; 0: not counted
    std::array<Batch, kProducerBatches> batches;  // oldest first
    const Batch& last() const { return batches[count - 1U]; }
    void Add(const Batch& batch);
  };
  using Key = std::pair<TopicPartition, std::int64_t>;  // those of a partition stand together

  bool HasRoomFor(std::uint64_t client) const;
  // Takes the pair off its client's count.
  void Discount(const Pair& pair);
  void ForgetExpired(std::int64_t now_us);

  std::map<Key, Pair> pairs_;
  std::unordered_map<std::uint64_t, std::size_t> added_;  // pairs by client
  std::int64_t oldest_us_ = 0;                            // no pair's last batch is older
};

}  // namespace st::log
