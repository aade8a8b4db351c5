#include "group/assignors.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/text.h"
#include "group/java_order.h"

namespace st::group {
namespace {

std::vector<std::string> Words(const std::string& line, char separator = ' ') {
  std::vector<std::string> words;
  std::istringstream in(line);
  for (std::string word; std::getline(in, word, separator);) {
    if (!word.empty() && word != "-") words.push_back(word);
  }
  return words;
}

TopicId TopicOf(const std::string& hex) {
  const auto bytes = HexDecode(hex).value();
  std::array<std::uint8_t, 16> raw{};
  std::ranges::copy(bytes, raw.begin());
  return TopicId(Uuid(raw));
}

// One assignment of the recording, and what Kafka made of it.
struct Recorded {
  std::string assignor;
  std::vector<MemberToAssign> members;
  Assignments answer;
};

// A group of the recording, with the targets that it had last.
struct RecordedGroup {
  std::vector<TopicId> topics;
  std::map<TopicId, std::int32_t> partitions;
  std::vector<Recorded> steps;
};

void ReadMember(const std::vector<std::string>& words, const RecordedGroup& group, Recorded& step) {
  MemberToAssign member{.id = words.at(0), .instance = {}, .topics = {}, .target = {}};
  if (words.at(1) != "-") member.instance = words.at(1);
  for (const auto& topic : Words(words.at(2), ',')) {
    member.topics.insert(group.topics.at(std::stoul(topic)));
  }
  auto& answer = step.answer[member.id];
  for (const auto& place : Words(words.at(3), ',')) {
    const auto slash = place.find('/');
    answer[group.topics.at(std::stoul(place.substr(0, slash)))].insert(
        std::stoi(place.substr(slash + 1)));
  }
  step.members.push_back(std::move(member));
}

std::vector<RecordedGroup> ReadRecording() {
  std::vector<RecordedGroup> groups;
  std::ifstream in("testdata/assignments.txt");
  for (std::string line; std::getline(in, line);) {
    std::istringstream words_in(line);
    std::vector<std::string> words;
    for (std::string word; words_in >> word;) words.push_back(word);
    if (words.at(0) == "group") {
      auto& group = groups.emplace_back();
      for (std::size_t i = 1; i < words.size(); ++i) {
        const auto equals = words[i].find('=');
        group.topics.push_back(TopicOf(words[i].substr(0, equals)));
        group.partitions[group.topics.back()] = std::stoi(words[i].substr(equals + 1));
      }
    } else if (words.at(0) == "assign") {
      groups.back().steps.push_back({.assignor = words.at(1), .members = {}, .answer = {}});
    } else if (words.at(0) != "#") {
      ReadMember(words, groups.back(), groups.back().steps.back());
    }
  }
  return groups;
}

TEST(Assignors, GiveWhatKafkasGive) {
  int count = 0;
  for (const auto& group : ReadRecording()) {
    Assignments targets;
    for (const auto& step : group.steps) {
      AssignmentInput input{.members = step.members, .topics = {}, .order = {}};
      for (auto& member : input.members) {
        member.target = targets[member.id];
        input.is_homogeneous = input.is_homogeneous && member.topics == input.members[0].topics;
        for (const auto& topic : member.topics) input.topics[topic] = group.partitions.at(topic);
      }
      for (const auto& topic : group.topics) {
        if (input.topics.contains(topic)) input.order.push_back(topic);
      }
      auto made = Assign(step.assignor, input);
      targets.clear();
      for (const auto& member : input.members) targets[member.id] = made[member.id];
      ASSERT_EQ(targets, step.answer) << step.assignor << ", assignment " << count;
      ++count;
    }
  }
  EXPECT_EQ(count, 256);
}

TEST(Assignors, ALostTopicLeavesNothingBehind) {
  const auto topic = TopicOf("00000000000000000000000000000005");
  const MemberToAssign member{.id = "m", .instance = {}, .topics = {}, .target = {{topic, {0, 1}}}};
  for (const auto name : kAssignors) {
    for (const bool is_homogeneous : {true, false}) {
      const AssignmentInput input{
          .members = {member}, .topics = {}, .order = {}, .is_homogeneous = is_homogeneous};
      EXPECT_TRUE(Assign(name, input)["m"].empty());
    }
  }
}

TEST(JavaOrder, HashesAreJavas) {
  EXPECT_EQ(JavaHash(std::string_view("uniform")), 0xEEE5D9B4U);
  EXPECT_EQ(JavaHash(std::int32_t{17}), 17U);
  EXPECT_EQ(JavaHash(static_cast<const Uuid&>(TopicOf("00000001000000020000000300000004"))), 4U);
  EXPECT_EQ(TableSize(12), 16U);
  EXPECT_EQ(TableSize(13), 32U);
  EXPECT_EQ(TableSizeOfCopy(11), 16U);
  EXPECT_EQ(TableSizeOfCopy(12), 32U);
  EXPECT_EQ(InJavaOrder(std::vector<std::int32_t>{3, 17, 1, 33}, 16),
            (std::vector<std::int32_t>{17, 1, 33, 3}));
}

}  // namespace
}  // namespace st::group
