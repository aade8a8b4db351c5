// What administrators are told of a group. Pure.
#pragma once

#include <array>
#include <string_view>

#include "group/consumer_group.h"
#include "group/group.h"
#include "group/messages.h"

namespace st::group {

// The states in which a group of either protocol may be.
inline constexpr std::array<std::string_view, 6> kMeasuredStates = {
    "Empty", "PreparingRebalance", "CompletingRebalance", "Assigning", "Reconciling", "Stable"};

ListedGroup ListingOf(const Group& group);
// Requires: the group is a classic one.
Description DescriptionOf(const Group& group);
ConsumerDescription DescriptionOf(const ConsumerGroup& consumers);

}  // namespace st::group
