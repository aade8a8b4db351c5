#include "format/kafka/consumer_protocol.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/coding.h"
#include "base/text.h"
#include "format/kafka/limits.h"
#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

struct Golden {
  std::string meaning;
  std::string bytes;
};

// Of assignments.txt, which tests/clients/encode_groups.py writes by kafka-python's encoder.
std::vector<Golden> GoldenAssignments() {
  std::ifstream in("assignments.txt");
  std::vector<Golden> rows;
  for (std::string line; std::getline(in, line);) {
    const auto first = line.find(" | ");
    const auto second = line.find(" | ", first + 1);
    if (line.starts_with('#') || second == std::string::npos) continue;
    rows.push_back(
        {line.substr(first + 3, second - first - 3), HexDecode(line.substr(second + 3)).value()});
  }
  return rows;
}

// "t=1,2 u=0", "nothing", or "none" where the bytes are no assignment.
std::string Meaning(std::string_view bytes) {
  const auto topics = DecodeAssignment(bytes);
  if (!topics) return "none";
  if (topics->empty()) return "nothing";
  std::vector<std::string> texts;
  for (const auto& topic : *topics) {
    texts.push_back(fmt::format("{}={}", topic.name, fmt::join(topic.partitions, ",")));
  }
  return fmt::format("{}", fmt::join(texts, " "));
}

// Version 3 with one topic of this name and so many partitions, each 7.
std::string Assigned(const std::string& name, std::int32_t partitions) {
  std::string bytes;
  AppendBig<std::int16_t>(bytes, 3);
  AppendBig<std::int32_t>(bytes, 1);
  AppendBig(bytes, static_cast<std::int16_t>(name.size()));
  bytes += name;
  AppendBig(bytes, partitions);
  for (std::int32_t p = 0; p < partitions; ++p) AppendBig<std::int32_t>(bytes, 7);
  AppendBig<std::int32_t>(bytes, -1);
  return bytes;
}

TEST(ConsumerProtocol, AssignmentsMeanWhatTheirSenderMeant) {
  const auto rows = GoldenAssignments();
  ASSERT_EQ(rows.size(), 12U);
  for (const auto& row : rows) EXPECT_EQ(Meaning(row.bytes), row.meaning);
}

TEST(ConsumerProtocol, ALaterVersionIsReadAsTheLastKnownOne) {
  for (const auto& row : GoldenAssignments()) {
    std::string later = row.bytes + "added fields";
    StoreBig<std::int16_t>(later.data(), 9);
    EXPECT_EQ(Meaning(later), row.meaning);
    StoreBig<std::int16_t>(later.data(), -1);
    EXPECT_EQ(Meaning(later), "none");
  }
}

TEST(ConsumerProtocol, BytesOfOtherAssignorsAreNoAssignment) {
  for (const std::string bytes : {"", "all", "{\"shard\":1}", "\x80\x01"}) {
    EXPECT_EQ(Meaning(bytes), "none") << bytes;
  }
  for (const std::string hex : {
           "0000 ffffffff ffffffff",                            // a null list of topics
           "0000 00000001 ffff 00000000 ffffffff",              // a topic whose name is null
           "0000 00000001 0001 74 ffffffff ffffffff",           // a null list of partitions
           "0000 00000001 0001 74 00000001 ffffffff ffffffff",  // a negative partition
       }) {
    EXPECT_EQ(Meaning(HexDecode(testing::Packed(hex)).value()), "none") << hex;
  }
}

TEST(ConsumerProtocol, TruncatedOrDamagedBytesAreNoAssignmentOrNoLargerOne) {
  for (const auto& row : GoldenAssignments()) {
    for (std::size_t n = 0; n < row.bytes.size(); ++n) {
      EXPECT_EQ(Meaning(row.bytes.substr(0, n)), "none") << "truncated at " << n;
      for (const int flip : {0x01, 0x55, 0x80, 0xFF}) {
        std::string damaged = row.bytes;
        damaged[n] = static_cast<char>(damaged[n] ^ flip);
        EXPECT_LT(Meaning(damaged).size(), 1'000U) << "nothing is made up";
      }
    }
  }
}

TEST(ConsumerProtocol, LimitsOfNamesAndPartitionsHold) {
  EXPECT_EQ(DecodeAssignment(Assigned(std::string(kMaxTopicNameBytes, 'n'), 1))->size(), 1U);
  EXPECT_EQ(DecodeAssignment(Assigned(std::string(kMaxTopicNameBytes + 1, 'n'), 1)), std::nullopt);
  const auto most = DecodeAssignment(Assigned("t", kMaxAssignedPartitions));
  ASSERT_TRUE(most.has_value());
  EXPECT_EQ(most->front().partitions.size(), std::size_t{kMaxAssignedPartitions});
  EXPECT_EQ(DecodeAssignment(Assigned("t", kMaxAssignedPartitions + 1)), std::nullopt);
}

}  // namespace
}  // namespace st::kafka
