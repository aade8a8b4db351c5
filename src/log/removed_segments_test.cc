#include "log/removed_segments.h"

#include <gtest/gtest.h>

namespace st::log {
namespace {

Status Remove(RemovedSegments& removed, const std::vector<std::uint64_t>& segments) {
  return removed.Apply({.type = EntryType::kSegmentsRemoved}, EncodeRemovedSegments(segments));
}

std::vector<std::uint64_t> Contained(const RemovedSegments& removed) {
  std::vector<std::uint64_t> contained;
  for (std::uint64_t segment = 1; segment <= 10; ++segment) {
    if (removed.Contains(segment)) contained.push_back(segment);
  }
  return contained;
}

// As a checkpoint has it.
RemovedSegments Copy(const RemovedSegments& removed) {
  std::string bytes;
  removed.Encode(bytes);
  EXPECT_LE(bytes.size(), removed.encoded_bytes());
  RemovedSegments copy;
  copy.SetFirst(removed.first());
  ByteReader in(bytes);
  EXPECT_TRUE(copy.Decode(in, removed.version()));
  EXPECT_TRUE(in.is_at_end());
  return copy;
}

TEST(RemovedSegments, AreAPrefixAndRangesBehindIt) {
  RemovedSegments removed;
  EXPECT_TRUE(removed.may_be_left_out());
  ASSERT_TRUE(Remove(removed, {3, 5}));
  EXPECT_EQ(removed.first(), 1U);
  EXPECT_FALSE(removed.may_be_left_out());
  EXPECT_EQ(Contained(removed), (std::vector<std::uint64_t>{3, 5}));
  ASSERT_TRUE(Remove(removed, {4, 8}));
  EXPECT_EQ(Contained(Copy(removed)), (std::vector<std::uint64_t>{3, 4, 5, 8}));
  EXPECT_EQ(removed.encoded_bytes(), 4U + 2 * 16U) << "neighbours are one range";
  ASSERT_TRUE(Remove(removed, {1, 2}));
  EXPECT_EQ(removed.first(), 6U) << "the prefix takes the range behind it";
  EXPECT_EQ(Contained(Copy(removed)), (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 8}));
  ASSERT_TRUE(Remove(removed, {6, 7, 7}));
  EXPECT_EQ(removed.first(), 9U);
  EXPECT_TRUE(removed.may_be_left_out()) << "the head of a checkpoint says it all";
}

TEST(RemovedSegments, TheDeadAreFoundBetweenThoseThatAreGone) {
  RemovedSegments removed;
  ASSERT_TRUE(Remove(removed, {1, 3, 4}));
  const auto is_odd = [](std::uint64_t segment) { return segment % 2 == 1; };
  EXPECT_EQ(removed.FindDead(10, 10, is_odd), (std::vector<std::uint64_t>{5, 7, 9}));
  EXPECT_EQ(removed.FindDead(9, 10, is_odd), (std::vector<std::uint64_t>{5, 7}));
  EXPECT_EQ(removed.FindDead(10, 2, is_odd), (std::vector<std::uint64_t>{5, 7}));
  EXPECT_EQ(removed.FindDead(4, 10, [](std::uint64_t) { return true; }),
            (std::vector<std::uint64_t>{2}));
}

TEST(RemovedSegments, WhatDoesNotDecodeIsDamage) {
  RemovedSegments removed;
  const auto cut = EncodeRemovedSegments({2}).substr(0, 11);
  EXPECT_EQ(removed.Apply({.type = EntryType::kSegmentsRemoved}, cut).error().code(),
            ErrorCode::kCorruption);
  for (const auto& [begin, last] :
       std::vector<std::pair<std::uint64_t, std::uint64_t>>{{5, 4}, {1, 2}}) {
    std::string bytes;
    AppendLittle(bytes, std::uint32_t{1});
    AppendLittle(bytes, begin);
    AppendLittle(bytes, last);
    ByteReader in(bytes);
    RemovedSegments read;
    EXPECT_EQ(read.Decode(in, 1).error().code(), ErrorCode::kCorruption);
  }
  EXPECT_FALSE(MaySkip(EntryType::kSegmentsRemoved));
}

}  // namespace
}  // namespace st::log
