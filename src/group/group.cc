#include "group/group.h"

#include <algorithm>

#include "base/check.h"
#include "format/kafka/consumer_protocol.h"
#include "group/limits.h"

namespace st::group {
namespace {

void Earlier(std::int64_t& first, std::int64_t deadline_us) {
  if (deadline_us != 0 && (first == 0 || deadline_us < first)) first = deadline_us;
}

}  // namespace

bool Member::Offers(std::string_view name) const {
  return std::ranges::find(protocols, name, &Protocol::name) != protocols.end();
}

std::string_view Member::MetadataOf(std::string_view protocol) const {
  const auto found = std::ranges::find(protocols, protocol, &Protocol::name);
  return found == protocols.end() ? std::string_view() : found->metadata;
}

std::uint64_t BytesOf(const Member& member) {
  std::uint64_t bytes = kMemberOverheadBytes + member.id.size() + member.client_id.size() +
                        member.instance.value_or("").size() + member.assignment.size();
  for (const auto& protocol : member.protocols) {
    bytes += protocol.name.size() + protocol.metadata.size();
  }
  return bytes;
}

std::uint64_t BytesOf(const log::CommittedOffset& offset) {
  return kOffsetOverheadBytes + offset.metadata.size();
}

void Group::MoveTo(State to, std::int64_t now_ms) {
  ST_CHECK(MayMove(state_, to));
  previous_state_ = state_;
  state_ = to;
  since_ms_ = now_ms;
}

void Group::Restore(State state, std::int64_t since_ms) {
  previous_state_ = state_ = state;
  since_ms_ = since_ms;
}

Member* Group::Find(const std::string& member) {
  const auto found = members_.find(member);
  return found == members_.end() ? nullptr : &found->second;
}

const std::string* Group::FindInstance(const std::string& instance) const {
  const auto found = instances_.find(instance);
  return found == instances_.end() ? nullptr : &found->second;
}

Member& Group::Add(Member member) {
  if (leader.empty()) leader = member.id;
  if (member.instance) instances_[*member.instance] = member.id;
  const std::string id = member.id;
  return members_.insert_or_assign(id, std::move(member)).first->second;
}

Member& Group::Rename(const std::string& from, const std::string& to) {
  auto node = members_.extract(from);
  ST_CHECK(!node.empty() && node.mapped().instance);
  node.key() = to;
  node.mapped().id = to;
  instances_[*node.mapped().instance] = to;
  if (leader == from) leader = to;
  return members_.insert(std::move(node)).position->second;
}

void Group::Remove(const std::string& member) {
  const auto found = members_.find(member);
  if (found == members_.end()) return;
  if (found->second.instance) instances_.erase(*found->second.instance);
  members_.erase(found);
  if (leader == member) leader = members_.empty() ? "" : members_.begin()->first;
}

Outcome Group::Check(const std::string& member, const std::optional<std::string>& instance) const {
  if (instance) {
    const auto* known = FindInstance(*instance);
    if (known == nullptr) return Outcome::kUnknownMember;
    if (*known != member) return Outcome::kFencedInstance;
  }
  return members_.contains(member) ? Outcome::kDone : Outcome::kUnknownMember;
}

bool Group::Supports(const std::string& type, const std::vector<Protocol>& protocols) const {
  if (state_ == State::kEmpty || members_.empty()) return !type.empty() && !protocols.empty();
  if (type != protocol_type) return false;
  return std::ranges::any_of(protocols, [this](const Protocol& offered) {
    return std::ranges::all_of(
        members_, [&](const auto& member) { return member.second.Offers(offered.name); });
  });
}

std::string Group::ChooseProtocol() const {
  ST_CHECK(!members_.empty());
  std::map<std::string_view, std::size_t> votes;
  std::map<std::string_view, std::size_t> offers;
  for (const auto& [id, member] : members_) {
    for (const auto& offered : member.protocols) ++offers[offered.name];
  }
  for (const auto& [id, member] : members_) {
    for (const auto& offered : member.protocols) {
      if (offers[offered.name] < members_.size()) continue;
      ++votes[offered.name];
      break;
    }
  }
  ST_CHECK(!votes.empty());
  const auto most =
      std::ranges::max_element(votes, {}, [](const auto& vote) { return vote.second; });
  return std::string(most->first);
}

bool Group::AllJoined() const { return pending.empty() && JoiningCount() == members_.size(); }

std::size_t Group::JoiningCount() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      members_, [](const auto& member) { return member.second.joining != nullptr; }));
}

std::int64_t Group::RebalanceTimeoutMs() const {
  std::int64_t longest = 0;
  for (const auto& [id, member] : members_) {
    longest = std::max(longest, member.rebalance_timeout_ms);
  }
  return longest;
}

bool Group::ElectLeader() {
  const auto* now = Find(leader);
  if (now != nullptr && now->joining) return true;
  for (const auto& [id, member] : members_) {
    if (!member.joining) continue;
    leader = id;
    return true;
  }
  return false;
}

std::int64_t Group::NextDeadlineUs() const {
  std::int64_t first = 0;
  Earlier(first, join_deadline_us);
  Earlier(first, sync_deadline_us);
  for (const auto& [id, one] : pending) Earlier(first, one.deadline_us);
  for (const auto& [id, member] : members_) Earlier(first, member.deadline_us);
  if (consumers) Earlier(first, consumers->NextDeadlineUs());
  return first;
}

bool Group::IsSubscribedTo(std::string_view topic) const {
  if (consumers) return consumers->IsSubscribedTo(std::string(topic));
  if (protocol_type != kConsumerType || members_.empty()) return false;
  if (!protocol) return true;  // the members are being asked
  for (const auto& [id, member] : members_) {
    const auto subscription = kafka::DecodeSubscription(member.MetadataOf(*protocol));
    if (!subscription) return true;
    const auto& topics = subscription->topics;
    if (std::ranges::find(topics, topic) != topics.end()) return true;
  }
  return false;
}

void Group::LeaveClassic() {
  pending.clear();
  members_.clear();
  instances_.clear();
  generation = 0;
  protocol_type.clear();
  protocol.reset();
  leader.clear();
  join_deadline_us = sync_deadline_us = 0;
  storing_generation = -1;
  Restore(State::kEmpty, since_ms_);
}

bool Group::is_bare() const {
  return !consumers && state_ == State::kEmpty && members_.empty() && pending.empty() &&
         offsets.empty() && changes_in_flight == 0 && generation == 0;
}

}  // namespace st::group
