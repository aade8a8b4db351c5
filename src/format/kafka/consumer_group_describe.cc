#include "format/kafka/consumer_group_describe.h"

#include "format/kafka/limits.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {
namespace {

constexpr std::int8_t kClassicMember = 0;
constexpr std::int8_t kConsumerMember = 1;

void WriteAssignment(Writer& out, const std::vector<NamedTopicPartitions>& topics) {
  out.ArrayLength(topics);
  for (const auto& topic : topics) {
    out.Id(topic.topic).String(topic.name).ArrayLength(topic.partitions);
    for (const auto partition : topic.partitions) out.Int(partition);
    out.Tags();
  }
  out.Tags();
}

void WriteMember(Writer& out, std::int16_t version, const DescribedConsumer& member) {
  out.String(member.id).NullableString(member.instance).NullableString(member.rack);
  out.Int(member.epoch).String(member.client_id).String(member.client_host);
  out.ArrayLength(member.topics);
  for (const auto& topic : member.topics) out.String(topic);
  out.NullableString(member.pattern);
  WriteAssignment(out, member.assignment);
  WriteAssignment(out, member.target);
  if (version >= 1) out.Int(member.is_classic ? kClassicMember : kConsumerMember);
  out.Tags();
}

}  // namespace

std::optional<ConsumerGroupDescribeRequest> DecodeConsumerGroupDescribe(
    const RequestHeader& request) {
  Reader in = ReaderOf(request, kConsumerGroupDescribeApi);
  ConsumerGroupDescribeRequest describe{.groups = ReadNames(in, kMaxRequestGroups)};
  describe.wants_operations = in.Bool();
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return describe;
}

std::string EncodeConsumerGroupDescribe(const RequestHeader& request, bool wants_operations,
                                        const std::vector<DescribedConsumerGroup>& groups) {
  Writer out = AnswerTo(request, kConsumerGroupDescribeApi);
  out.Int(std::int32_t{0});  // throttle
  out.ArrayLength(groups);
  for (const auto& group : groups) {
    out.Int(Code(group.error)).NullableString(OrNull(group.message));
    out.String(group.group).String(group.state).Int(group.epoch).Int(group.assignment_epoch);
    out.String(group.assignor).ArrayLength(group.members);
    for (const auto& member : group.members) WriteMember(out, request.version, member);
    const bool is_there = group.error == ErrorCode::kNone;
    out.Int(wants_operations && is_there ? kAllGroupOperations : kOperationsNotAsked).Tags();
  }
  return out.Tags().Take();
}

}  // namespace st::kafka
