// The uniform assignor where the members have different subscriptions.
//
// Pure.
// Source: Kafka's UniformHeterogeneousAssignmentBuilder, whose steps these are.
#pragma once

#include <vector>

#include "group/assignors.h"

namespace st::group {

// The members in the order in which Kafka goes through them.
std::vector<const MemberToAssign*> MembersInJavaOrder(const AssignmentInput& input);

Assignments AssignMixed(const AssignmentInput& input);

}  // namespace st::group
