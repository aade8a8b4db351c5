#include "group/stored_state.h"

#include <utility>

#include "base/coding.h"

namespace st::group {
namespace {

constexpr std::uint8_t kVersion = 1;

void AppendText(std::string& out, std::string_view text) {
  AppendLittle(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}
std::string TakeText(ByteReader& in) { return std::string(in.Bytes(in.Little<std::uint32_t>())); }

void AppendMember(std::string& out, const Member& member) {
  AppendText(out, member.id);
  AppendLittle(out, static_cast<std::uint8_t>(member.instance.has_value()));
  AppendText(out, member.instance.value_or(""));
  AppendText(out, member.client_id);
  AppendText(out, member.client_host);
  AppendLittle(out, static_cast<std::int32_t>(member.session_timeout_ms));
  AppendLittle(out, static_cast<std::int32_t>(member.rebalance_timeout_ms));
  AppendLittle(out, static_cast<std::uint32_t>(member.protocols.size()));
  for (const auto& protocol : member.protocols) {
    AppendText(out, protocol.name);
    AppendText(out, protocol.metadata);
  }
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
  for (auto n = in.Little<std::uint32_t>(); in.ok() && n > 0; --n) {
    auto name = TakeText(in);
    member.protocols.push_back({std::move(name), TakeText(in)});
  }
  member.assignment = TakeText(in);
  return member;
}

}  // namespace

std::string EncodeState(const Group& group, State as) {
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
  if (const auto version = in.Little<std::uint8_t>(); version > kVersion) {
    return Fail(ErrorCode::kUnsupported, "group \"{}\": state of version {}; this program knows {}",
                group.id(), version, kVersion);
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
