#include "group/stored_state.h"

#include <utility>

#include "base/coding.h"
#include "log/limits.h"

namespace st::group {
namespace {

// Of a classic group, which programs before the new protocol read.
constexpr std::uint8_t kVersion = 1;
// Of a group of the new protocol.
constexpr std::uint8_t kConsumerVersion = 2;
// Of one that has members of the classic protocol, which programs before them refuse.
constexpr std::uint8_t kMixedVersion = 3;

void AppendText(std::string& out, std::string_view text) {
  AppendLittle(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}
std::string TakeText(ByteReader& in) { return std::string(in.Bytes(in.Little<std::uint32_t>())); }

void AppendProtocols(std::string& out, const std::vector<Protocol>& protocols) {
  AppendLittle(out, static_cast<std::uint32_t>(protocols.size()));
  for (const auto& protocol : protocols) {
    AppendText(out, protocol.name);
    AppendText(out, protocol.metadata);
  }
}
std::vector<Protocol> TakeProtocols(ByteReader& in) {
  std::vector<Protocol> protocols;
  for (auto n = in.Little<std::uint32_t>(); in.ok() && n > 0; --n) {
    auto name = TakeText(in);
    protocols.push_back({std::move(name), TakeText(in)});
  }
  return protocols;
}

void AppendMember(std::string& out, const Member& member) {
  AppendText(out, member.id);
  AppendLittle(out, static_cast<std::uint8_t>(member.instance.has_value()));
  AppendText(out, member.instance.value_or(""));
  AppendText(out, member.client_id);
  AppendText(out, member.client_host);
  AppendLittle(out, static_cast<std::int32_t>(member.session_timeout_ms));
  AppendLittle(out, static_cast<std::int32_t>(member.rebalance_timeout_ms));
  AppendProtocols(out, member.protocols);
  AppendText(out, member.assignment);
}

Member TakeMember(ByteReader& in) {
  Member member;
  member.id = TakeText(in);
  const bool has_instance = in.Little<std::uint8_t>() != 0;
  auto instance = TakeText(in);
  if (has_instance) member.instance = std::move(instance);
  member.client_id = TakeText(in);
  member.client_host = TakeText(in);
  member.session_timeout_ms = in.Little<std::int32_t>();
  member.rebalance_timeout_ms = in.Little<std::int32_t>();
  member.protocols = TakeProtocols(in);
  member.assignment = TakeText(in);
  return member;
}

void AppendOptional(std::string& out, const std::optional<std::string>& text) {
  AppendLittle(out, static_cast<std::uint8_t>(text.has_value()));
  if (text) AppendText(out, *text);
}
std::optional<std::string> TakeOptional(ByteReader& in) {
  if (in.Little<std::uint8_t>() == 0) return std::nullopt;
  return TakeText(in);
}

void AppendTexts(std::string& out, const std::set<std::string>& texts) {
  AppendVarint(out, texts.size());
  for (const auto& text : texts) AppendText(out, text);
}
std::set<std::string> TakeTexts(ByteReader& in) {
  std::set<std::string> texts;
  for (auto n = in.Varint(); in.ok() && n > 0; --n) texts.insert(TakeText(in));
  return texts;
}

// Numbers of partitions rise, and are mostly neighbours: each is a byte.
void AppendPartitions(std::string& out, const AssignedPartitions& assigned) {
  AppendVarint(out, assigned.size());
  for (const auto& [topic, partitions] : assigned) {
    AppendUuid(out, topic);
    AppendVarint(out, partitions.size());
    std::int32_t next = 0;
    for (const auto partition : partitions) {
      AppendVarint(out, static_cast<std::uint64_t>(partition - next));
      next = partition + 1;
    }
  }
}
AssignedPartitions TakePartitions(ByteReader& in) {
  AssignedPartitions assigned;
  for (auto n = in.Varint(); in.ok() && n > 0; --n) {
    auto& partitions = assigned[TopicId(in.Id())];
    std::uint64_t next = 0;
    for (auto m = in.Varint(); in.ok() && m > 0; --m) {
      next += in.Varint();
      if (next > static_cast<std::uint64_t>(log::kMaxPartitions)) in.Break();
      if (in.ok()) partitions.insert(static_cast<std::int32_t>(next++));
    }
  }
  return assigned;
}

void AppendClassic(std::string& out, const std::optional<ClassicMember>& classic) {
  AppendLittle(out, static_cast<std::uint8_t>(classic.has_value()));
  if (!classic) return;
  AppendLittle(out, static_cast<std::int32_t>(classic->session_timeout_ms));
  AppendProtocols(out, classic->protocols);
}
std::optional<ClassicMember> TakeClassic(ByteReader& in) {
  if (in.Little<std::uint8_t>() == 0) return std::nullopt;
  ClassicMember classic;
  classic.session_timeout_ms = in.Little<std::int32_t>();
  classic.protocols = TakeProtocols(in);
  if (classic.protocols.empty()) in.Break();
  return classic;
}

void AppendConsumer(std::string& out, const ConsumerMember& member) {
  AppendText(out, member.id);
  AppendOptional(out, member.instance);
  AppendOptional(out, member.rack);
  AppendText(out, member.client_id);
  AppendText(out, member.client_host);
  AppendLittle(out, member.rebalance_timeout_ms);
  AppendTexts(out, member.topics);
  AppendOptional(out, member.pattern);
  AppendOptional(out, member.assignor);
  AppendLittle(out, member.epoch);
  AppendLittle(out, member.previous_epoch);
  AppendLittle(out, static_cast<std::uint8_t>(member.state));
  AppendPartitions(out, member.assigned);
  AppendPartitions(out, member.revoking);
  AppendPartitions(out, member.target);
}

ConsumerMember TakeConsumer(ByteReader& in) {
  ConsumerMember member{.id = TakeText(in)};
  member.instance = TakeOptional(in);
  member.rack = TakeOptional(in);
  member.client_id = TakeText(in);
  member.client_host = TakeText(in);
  member.rebalance_timeout_ms = in.Little<std::int32_t>();
  member.topics = TakeTexts(in);
  member.pattern = TakeOptional(in);
  member.assignor = TakeOptional(in);
  member.epoch = in.Little<std::int32_t>();
  member.previous_epoch = in.Little<std::int32_t>();
  const auto state = in.Little<std::uint8_t>();
  if (state > static_cast<std::uint8_t>(MemberState::kUnreleased)) in.Break();
  member.state = MemberState{state};
  member.assigned = TakePartitions(in);
  member.revoking = TakePartitions(in);
  member.target = TakePartitions(in);
  return member;
}

std::string EncodeConsumers(const ConsumerGroup& group) {
  const bool is_mixed = group.ClassicCount() > 0;
  std::string out;
  AppendLittle(out, is_mixed ? kMixedVersion : kConsumerVersion);
  AppendLittle(out, group.epoch);
  AppendLittle(out, group.assignment_epoch);
  AppendLittle(out, group.metadata_hash);
  AppendLittle(out, static_cast<std::uint32_t>(group.patterns.size()));
  for (const auto& [pattern, resolved] : group.patterns) {
    AppendText(out, pattern);
    AppendTexts(out, resolved.topics);
    AppendLittle(out, resolved.topic_count);
    AppendLittle(out, resolved.at_ms);
  }
  AppendLittle(out, static_cast<std::uint32_t>(group.members().size()));
  for (const auto& [id, member] : group.members()) {
    AppendConsumer(out, member);
    if (is_mixed) AppendClassic(out, member.classic);
  }
  return out;
}

std::unique_ptr<ConsumerGroup> TakeConsumers(ByteReader& in, bool is_mixed) {
  auto group = std::make_unique<ConsumerGroup>();
  group->epoch = in.Little<std::int32_t>();
  group->assignment_epoch = in.Little<std::int32_t>();
  group->metadata_hash = in.Little<std::uint64_t>();
  for (auto n = in.Little<std::uint32_t>(); in.ok() && n > 0; --n) {
    auto& resolved = group->patterns[TakeText(in)];
    resolved.topics = TakeTexts(in);
    resolved.topic_count = in.Little<std::uint64_t>();
    resolved.at_ms = in.Little<std::int64_t>();
  }
  for (auto n = in.Little<std::uint32_t>(); in.ok() && n > 0; --n) {
    auto member = TakeConsumer(in);
    if (is_mixed) member.classic = TakeClassic(in);
    group->Put(std::move(member));
  }
  return group;
}

}  // namespace

std::string EncodeState(const Group& group, State as) {
  if (group.consumers) return EncodeConsumers(*group.consumers);
  std::string out;
  AppendLittle(out, kVersion);
  AppendLittle(out, static_cast<std::uint8_t>(as));
  AppendLittle(out, group.generation);
  AppendLittle(out, group.since_ms());
  AppendText(out, group.protocol_type);
  AppendText(out, group.protocol.value_or(""));
  AppendText(out, group.leader);
  AppendLittle(out, static_cast<std::uint32_t>(group.members().size()));
  for (const auto& [id, member] : group.members()) AppendMember(out, member);
  return out;
}

Status DecodeState(std::string_view bytes, Group& group) {
  ByteReader in(bytes);
  if (const auto version = in.Little<std::uint8_t>(); version > kMixedVersion) {
    return Fail(ErrorCode::kUnsupported, "group \"{}\": state of version {}; this program knows {}",
                group.id(), version, kMixedVersion);
  } else if (version >= kConsumerVersion) {
    group.consumers = TakeConsumers(in, version == kMixedVersion);
    if (in.is_at_end()) return {};
    return Fail(ErrorCode::kCorruption, "group \"{}\": state of {} bytes does not decode",
                group.id(), bytes.size());
  }
  const auto state = State{in.Little<std::uint8_t>()};
  group.generation = in.Little<std::int32_t>();
  const auto since_ms = in.Little<std::int64_t>();
  group.protocol_type = TakeText(in);
  auto protocol = TakeText(in);
  if (!protocol.empty()) group.protocol = std::move(protocol);
  auto leader = TakeText(in);
  for (auto n = in.Little<std::uint32_t>(); in.ok() && n > 0; --n) group.Add(TakeMember(in));
  group.leader = std::move(leader);
  const bool has_members = state == State::kCompletingRebalance || state == State::kStable;
  const bool is_sound = (has_members && !group.members().empty() && group.protocol) ||
                        (state == State::kEmpty && group.members().empty());
  if (!in.is_at_end() || !is_sound) {
    return Fail(ErrorCode::kCorruption, "group \"{}\": state of {} bytes does not decode",
                group.id(), bytes.size());
  }
  group.Restore(state, since_ms);
  return {};
}

}  // namespace st::group
