#include "api/kafka/describe_topic_partitions_handler.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "api/kafka/limits.h"
#include "format/kafka/describe_topic_partitions.h"
#include "log/topics.h"

namespace st::api {

using kafka::DescribedTopic;
using kafka::ErrorCode;

namespace {

using Wanted = kafka::DescribeTopicPartitionsRequest;

// Why Kafka answers none of the topics: the cursor is not of a topic that the request asks for, or
// there is a name that is empty, with which Kafka does not reckon.
ErrorCode CheckRequest(const Wanted& wanted) {
  const auto is_named = [&](std::string_view name) {
    return std::ranges::count(wanted.topics, name) > 0;
  };
  if (wanted.cursor && !wanted.topics.empty() && !is_named(wanted.cursor->topic)) {
    return ErrorCode::kInvalidRequest;
  }
  if (wanted.cursor && wanted.cursor->partition < 0) return ErrorCode::kInvalidRequest;
  const bool is_from_start = !wanted.cursor || wanted.cursor->topic.empty();
  return is_from_start && is_named("") ? ErrorCode::kUnknownServerError : ErrorCode::kNone;
}

// Collects topics up to the most partitions of one answer.
class Answer {
 public:
  explicit Answer(const Wanted& wanted)
      : cursor_(wanted.cursor),
        left_(std::clamp(wanted.most_partitions, 1, kMaxDescribedPartitions)) {}

  bool is_full() const { return answer_.next.has_value(); }

  // `topic` is nullopt where there is none of the name.
  void Add(std::string_view name, const std::optional<log::TopicInfo>& topic) {
    if (left_ == 0) {
      answer_.next = {.topic = name, .partition = 0};
      return;
    }
    DescribedTopic described{.name = name, .id = {}};
    if (!topic) {
      described.error = log::CheckTopicName(name) ? ErrorCode::kUnknownTopicOrPartition
                                                  : ErrorCode::kInvalidTopic;
      answer_.topics.push_back(described);
      return;
    }
    described.id = topic->id;
    if (cursor_ && cursor_->topic == name) described.first = cursor_->partition;
    described.count = std::clamp(topic->partitions - described.first, 0, left_);
    left_ -= described.count;
    const auto end = described.first + described.count;
    if (end < topic->partitions) answer_.next = {.topic = name, .partition = end};
    answer_.topics.push_back(described);
  }

  const kafka::DescribedTopics& described() const { return answer_; }

 private:
  const std::optional<kafka::PartitionCursor> cursor_;
  std::int32_t left_;
  kafka::DescribedTopics answer_;
};

}  // namespace

bool DescribeTopicPartitionsHandler::Handle(const net::FrameSession& /*session*/,
                                            const std::shared_ptr<Request>& request,
                                            const Responder& responder) {
  auto wanted = kafka::DecodeDescribeTopicPartitions(request->header);
  if (!wanted) return false;
  if (const auto error = CheckRequest(*wanted); error != ErrorCode::kNone) {
    kafka::DescribedTopics refused{.is_refused = true, .topics = {}};
    for (const auto name : wanted->topics) {
      refused.topics.push_back({.error = error, .name = name, .id = {}});
    }
    responder->Send(kafka::EncodeDescribeTopicPartitions(request->header, refused));
    return true;
  }
  const auto is_before = [&](std::string_view name) {
    return wanted->cursor && name < wanted->cursor->topic;
  };
  Answer answer(*wanted);
  const auto all = wanted->topics.empty() ? log_.Topics() : std::vector<log::TopicInfo>();
  for (const auto& topic : all) {
    if (!answer.is_full() && !is_before(topic.name)) answer.Add(topic.name, topic);
  }
  std::ranges::sort(wanted->topics);
  for (const auto name : wanted->topics) {
    if (!answer.is_full() && !is_before(name)) answer.Add(name, FindTopic(log_, name));
  }
  if (kafka::DescribedTopicsBytes(answer.described()) > responder->Room()) return false;
  responder->Send(kafka::EncodeDescribeTopicPartitions(request->header, answer.described()));
  return true;
}

}  // namespace st::api
