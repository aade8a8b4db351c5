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
  const auto assignment = DecodeAssignment(bytes);
  if (!assignment) return "none";
  if (assignment->topics.empty()) return "nothing";
  std::vector<std::string> texts;
  for (const auto& topic : assignment->topics) {
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
  EXPECT_TRUE(DecodeAssignment(Assigned(std::string(kMaxTopicNameBytes, 'n'), 1)));
  EXPECT_FALSE(DecodeAssignment(Assigned(std::string(kMaxTopicNameBytes + 1, 'n'), 1)));
  const auto most = Assigned("t", kMaxAssignedPartitions);
  ASSERT_TRUE(DecodeAssignment(most));
  EXPECT_EQ(DecodeAssignment(most)->topics.front().partitions.size(),
            std::size_t{kMaxAssignedPartitions});
  EXPECT_FALSE(DecodeAssignment(Assigned("t", kMaxAssignedPartitions + 1)));
}

TEST(ConsumerProtocol, AnAssignmentIsEncodedAsItIsDecoded) {
  for (std::int16_t version = 0; version <= 3; ++version) {
    const auto bytes = EncodeAssignment(version, {{"t", {1, 2}}, {"u", {0}}});
    EXPECT_EQ(LoadBig<std::int16_t>(bytes), version);
    EXPECT_EQ(Meaning(bytes), "t=1,2 u=0");
    EXPECT_EQ(DecodeAssignment(bytes)->user_data, "");
  }
  EXPECT_EQ(Meaning(EncodeAssignment(3, {})), "nothing");
}

TEST(ConsumerProtocol, TheDataOfAnAssignorIsTold) {
  const auto with = HexDecode(testing::Packed("0001 00000000 00000002 6162")).value();
  EXPECT_EQ(DecodeAssignment(with)->user_data, "ab");
}

// Topic "t", then what each version adds: data of the assignor, partitions 1 and 2 of "t" that the
// member has, its generation 5, its rack "r".
constexpr const char* kSubscribed = "00000001 0001 74 00000001 78";
constexpr const char* kOwned = "00000001 0001 74 00000002 00000001 00000002";
constexpr const char* kGeneration = "00000005";
constexpr const char* kRack = "0001 72";

std::string SubscriptionOf(std::int16_t version) {
  std::string bytes;
  AppendBig(bytes, version);
  const char* const parts[] = {kSubscribed, kOwned, kGeneration, kRack};
  for (std::int16_t part = 0; part <= version; ++part) {
    bytes += HexDecode(testing::Packed(parts[part])).value();
  }
  return bytes;
}

TEST(ConsumerProtocol, ASubscriptionHasWhatItsVersionHas) {
  for (std::int16_t version = 0; version <= 3; ++version) {
    const auto bytes = SubscriptionOf(version);
    const auto read = DecodeSubscription(bytes);
    ASSERT_TRUE(read && read->is_whole) << version;
    EXPECT_EQ(read->version, version);
    EXPECT_EQ(read->topics, std::vector<std::string_view>{"t"});
    ASSERT_EQ(read->owned.size(), version >= 1 ? 1U : 0U);
    if (version >= 1) EXPECT_EQ(read->owned[0].partitions, (std::vector<std::int32_t>{1, 2}));
    EXPECT_EQ(read->rack, version >= 3 ? std::optional<std::string_view>("r") : std::nullopt);
  }
  auto later = SubscriptionOf(3) + "added fields";
  StoreBig<std::int16_t>(later.data(), 9);
  EXPECT_EQ(DecodeSubscription(later)->version, 3);
  EXPECT_TRUE(DecodeSubscription(later)->is_whole);
}

TEST(ConsumerProtocol, ATruncatedSubscriptionIsNoneOrNotWhole) {
  constexpr std::size_t kTopicsEnd = 2 + 4 + 2 + 1;
  const auto whole = SubscriptionOf(3);
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const auto bytes = whole.substr(0, n);
    const auto read = DecodeSubscription(bytes);
    ASSERT_EQ(read.has_value(), n >= kTopicsEnd) << n;
    if (read) EXPECT_FALSE(read->is_whole) << n;
  }
  EXPECT_FALSE(DecodeSubscription(std::string("\xFF\xFF\0\0\0\0\0\0\0\0", 10))) << "version -1";
  EXPECT_FALSE(DecodeSubscription(std::string("\0\1\x7F\xFF\xFF\xFF", 6))) << "many topics";
  EXPECT_FALSE(DecodeSubscription(std::string("\0\1\xFF\xFF\xFF\xFF", 6))) << "no list";
}

}  // namespace
}  // namespace st::kafka
