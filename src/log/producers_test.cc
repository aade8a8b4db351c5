#include "log/producers.h"

#include <gtest/gtest.h>

namespace st::log {
namespace {

constexpr std::int64_t kHourUs = 3'600'000'000;

TopicPartition At(std::int32_t partition) { return {TopicId(), PartitionId(partition)}; }

record::BatchHeader Batch(std::int64_t producer, std::int32_t sequence, std::uint32_t crc = 7) {
  record::BatchHeader header;
  header.producer_id = producer;
  header.producer_epoch = 0;
  header.base_sequence = sequence;
  header.record_count = 1;
  header.crc = crc;
  return header;
}

class ProducersTest : public ::testing::Test {
 protected:
  Status Append(std::int64_t producer, std::int32_t partition, const Origin& origin) {
    const auto tp = At(partition);
    ST_TRY_STATUS(producers_.MakeRoom(tp, producer, origin, now_us_));
    const bool is_new = !producers_.Knows(tp, producer);
    producers_.Remember(tp, Batch(producer, 0), {.base_offset = 0, .append_time_us = now_us_});
    if (is_new) producers_.Attribute(tp, producer, origin);
    return {};
  }
  // As many pairs of one client as are taken.
  std::size_t Fill(std::uint64_t client, std::int64_t producer) {
    std::size_t taken = 0;
    while (taken <= kMaxProducerPairs) {
      const auto partition = static_cast<std::int32_t>(taken % 1000);
      const auto id = producer + static_cast<std::int64_t>(taken / 1000);
      if (!Append(id, partition, {.client = client})) break;
      ++taken;
    }
    return taken;
  }

  Producers producers_;
  std::int64_t now_us_ = 100 * kHourUs;
};

TEST_F(ProducersTest, OneClientAddressCannotUseUpTheRoomOfOthers) {
  ASSERT_TRUE(Append(1, 0, {.client = 1}));
  EXPECT_EQ(Fill(2, 1000), 40'000U) << "as many as a quarter of what is free then";
  const auto refused = Append(9999, 0, {.client = 2});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kUnsupported);
  EXPECT_TRUE(refused.error().message().starts_with(
      "too many producers: this client's address has added 40000 "))
      << refused.error().message();
  EXPECT_TRUE(Append(1000, 0, {.client = 2})) << "a pair that is known goes on";
  EXPECT_TRUE(Append(2, 0, {.client = 1}));
  EXPECT_TRUE(producers_.Knows(At(0), 1)) << "nobody is forgotten for another";
  EXPECT_TRUE(Append(9999, 0, kFromThisServer)) << "limits are for clients";
}

TEST_F(ProducersTest, HoweverManyClientsFillItTheNextOneFindsRoom) {
  std::size_t taken = 0;
  for (std::uint64_t client = 1; client <= 250; ++client) {
    const std::size_t more = Fill(client, static_cast<std::int64_t>(client) * 100'000);
    EXPECT_GE(more, 8U) << client;
    taken += more;
    EXPECT_FALSE(Append(1, 0, {.client = client})) << "its share is used";
  }
  EXPECT_LT(taken, kMaxProducerPairs);
  EXPECT_TRUE(Append(1, 0, {.client = 251}));
}

TEST_F(ProducersTest, APairIsForgottenADayAfterItsLastBatchAndNotBefore) {
  ASSERT_TRUE(Append(1, 0, {.client = 2}));
  now_us_ += 2 * kHourUs;
  Fill(2, 1000);
  now_us_ += 21 * kHourUs;
  EXPECT_FALSE(Append(2, 0, {.client = 2}));
  EXPECT_TRUE(producers_.Knows(At(0), 1));
  now_us_ += 2 * kHourUs;
  EXPECT_TRUE(Append(2, 0, {.client = 2})) << "one pair's time is over";
  EXPECT_FALSE(producers_.Knows(At(0), 1));
  EXPECT_FALSE(Append(3, 0, {.client = 2}));
  now_us_ += 2 * kHourUs;
  EXPECT_EQ(Fill(2, 200'000), kMaxClientProducerPairs - 1) << "all but the newest are over";
}

TEST_F(ProducersTest, DescribesThoseOfAPartitionUntilTheirTimeIsOver) {
  ASSERT_TRUE(Append(7, 1, {}));
  now_us_ += 2 * kHourUs;
  for (const std::int64_t producer : {9, 8}) ASSERT_TRUE(Append(producer, 1, {}));
  ASSERT_TRUE(Append(1, 0, {}));
  ASSERT_TRUE(Append(2, 2, {}));
  producers_.Remember(At(1), Batch(8, 1), {.base_offset = 5, .append_time_us = now_us_});
  const auto ids = [&](std::int32_t partition) {
    std::vector<std::int64_t> found;
    for (const auto& one : producers_.Of(At(partition), now_us_)) found.push_back(one.producer);
    return found;
  };
  EXPECT_EQ(ids(1), (std::vector<std::int64_t>{7, 8, 9}));
  EXPECT_EQ(ids(3), std::vector<std::int64_t>());
  const auto second = producers_.Of(At(1), now_us_).at(1);
  EXPECT_EQ(second.last_sequence, 1);
  EXPECT_EQ(second.last_offset, 5);
  now_us_ += 23 * kHourUs;
  EXPECT_EQ(ids(1), (std::vector<std::int64_t>{8, 9})) << "a day after the last batch";
}

TEST_F(ProducersTest, CheckpointsKeepWhatARepeatIsKnownBy) {
  ASSERT_TRUE(Append(1, 0, {}));
  for (std::int32_t i = 1; i < 8; ++i) {
    producers_.Remember(At(0), Batch(1, i, static_cast<std::uint32_t>(i)), {.base_offset = i});
  }
  std::string bytes;
  producers_.Encode(bytes);
  Producers decoded;
  ByteReader in(bytes);
  ASSERT_TRUE(decoded.Decode(in, 2));
  EXPECT_TRUE(in.is_at_end());
  EXPECT_TRUE(decoded.CheckSequence(At(0), Batch(1, 7, 7)).value().is_duplicate);
  EXPECT_TRUE(decoded.CheckSequence(At(0), Batch(1, 3, 3)).value().is_duplicate);
  EXPECT_FALSE(decoded.CheckSequence(At(0), Batch(1, 2, 2))) << "five are remembered";
  EXPECT_FALSE(decoded.CheckSequence(At(0), Batch(1, 7, 8))) << "another batch";
  EXPECT_FALSE(decoded.CheckSequence(At(0), Batch(1, 8)).value().is_duplicate) << "the next";
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    Producers cut;
    ByteReader shorter(std::string_view(bytes).substr(0, n));
    EXPECT_FALSE(cut.Decode(shorter, 2) && shorter.ok()) << n;
  }
}

}  // namespace
}  // namespace st::log
