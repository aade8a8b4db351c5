// The checks of what is about groups.
package main

import (
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	plainJoin     = 2 // the last version of JoinGroup without an id of its own for a new member
	assignedBytes = "what the leader assigned"
)

func (t *trial) commit(group string, offset int64, version int16) int16 {
	request := kmsg.NewPtrOffsetCommitRequest()
	request.Group, request.Generation = group, -1
	topic := kmsg.NewOffsetCommitRequestTopic()
	topic.Topic = versionsTopic
	part := kmsg.NewOffsetCommitRequestTopicPartition()
	note := "noted"
	part.Partition, part.Offset, part.Metadata = 1, offset, &note
	topic.Partitions = append(topic.Partitions, part)
	request.Topics = append(request.Topics, topic)
	answer := askIn[*kmsg.OffsetCommitResponse](t, request, version)
	return need("partitions", need("topics", answer.Topics, 1)[0].Partitions, 1)[0].ErrorCode
}

// Offset, metadata and error that a group has of partition 1 of the topic.
func (t *trial) committed(group string, version int16) []any {
	request := kmsg.NewPtrOffsetFetchRequest()
	if version < 8 {
		request.Group = group
		topic := kmsg.NewOffsetFetchRequestTopic()
		topic.Topic, topic.Partitions = versionsTopic, []int32{1}
		request.Topics = append(request.Topics, topic)
		answer := askIn[*kmsg.OffsetFetchResponse](t, request, version)
		t.wantError("the error of all", answer.ErrorCode, nil)
		part := need("partitions", need("topics", answer.Topics, 1)[0].Partitions, 1)[0]
		return []any{part.Offset, str(part.Metadata), part.ErrorCode}
	}
	one := kmsg.NewOffsetFetchRequestGroup()
	one.Group = group
	topic := kmsg.NewOffsetFetchRequestGroupTopic()
	topic.Topic, topic.Partitions = versionsTopic, []int32{1}
	one.Topics = append(one.Topics, topic)
	request.Groups = append(request.Groups, one)
	answer := askIn[*kmsg.OffsetFetchResponse](t, request, version)
	found := need("groups", answer.Groups, 1)[0]
	t.wantError("the error of the group", found.ErrorCode, nil)
	part := need("partitions", need("topics", found.Topics, 1)[0].Partitions, 1)[0]
	return []any{part.Offset, str(part.Metadata), part.ErrorCode}
}

func checkOffsetCommit(t *trial) {
	group := t.own("group")
	t.wantError("the error", t.commit(group, 2, t.version), nil)
	t.want("offset, note and error then", t.committed(group, 5), []any{2, "noted", 0})
	joined := t.join(group, plainJoin)
	want := kerr.UnknownMemberID // of a group that has members, and of none of them
	t.wantError("the error of a stranger", t.commit(group, 3, t.version), want)
	t.want("offset, note and error then", t.committed(group, 5), []any{2, "noted", 0})
	t.want("the generation", joined.Generation, 1)
}

func checkOffsetFetch(t *trial) {
	group := t.own("group")
	t.want("what there is at first", t.committed(group, t.version)[0], -1)
	t.wantError("the error of OffsetCommit", t.commit(group, 2, 5), nil)
	t.want("offset, note and error", t.committed(group, t.version), []any{2, "noted", 0})
}

func checkFindCoordinator(t *trial) {
	request := kmsg.NewPtrFindCoordinatorRequest()
	request.CoordinatorKey, request.CoordinatorKeys = "one", []string{"one", "two"}
	answer := ask[*kmsg.FindCoordinatorResponse](t, request)
	if t.version < 4 {
		t.wantError("the error", answer.ErrorCode, nil)
		t.want("the node", answer.NodeID, 1)
		t.want("its address", t.hostPort(answer.Host, answer.Port), t.address)
		return
	}
	for i, one := range need("coordinators", answer.Coordinators, 2) {
		t.wantError("the error", one.ErrorCode, nil)
		t.want("key and node", []any{one.Key, one.NodeID}, []any{request.CoordinatorKeys[i], 1})
		t.want("its address", t.hostPort(one.Host, one.Port), t.address)
	}
}

func (t *trial) hostPort(host string, port int32) string { return fmt.Sprintf("%s:%d", host, port) }

func subscription() []byte {
	metadata := kmsg.NewConsumerMemberMetadata()
	metadata.Topics = []string{versionsTopic}
	return metadata.AppendTo(nil)
}

func joinRequest(group, member string) *kmsg.JoinGroupRequest {
	request := kmsg.NewPtrJoinGroupRequest()
	request.Group, request.MemberID, request.ProtocolType = group, member, "consumer"
	request.SessionTimeoutMillis, request.RebalanceTimeoutMillis = 10_000, 10_000
	one := kmsg.NewJoinGroupRequestProtocol()
	one.Name, one.Metadata = "range", subscription()
	request.Protocols = append(request.Protocols, one)
	return request
}

// The only member of a new group, which is the leader.
func (t *trial) join(group string, version int16) *kmsg.JoinGroupResponse {
	answer := askIn[*kmsg.JoinGroupResponse](t, joinRequest(group, ""), version)
	if version >= 4 {
		t.wantError("the error without an id", answer.ErrorCode, kerr.MemberIDRequired)
		answer = askIn[*kmsg.JoinGroupResponse](t, joinRequest(group, answer.MemberID), version)
	}
	t.wantError("the error of JoinGroup", answer.ErrorCode, nil)
	return answer
}

func (t *trial) sync(group string, joined *kmsg.JoinGroupResponse, version int16) *kmsg.SyncGroupResponse {
	request := kmsg.NewPtrSyncGroupRequest()
	request.Group, request.Generation, request.MemberID = group, joined.Generation, joined.MemberID
	kind, name := "consumer", "range"
	request.ProtocolType, request.Protocol = &kind, &name
	one := kmsg.NewSyncGroupRequestGroupAssignment()
	one.MemberID, one.MemberAssignment = joined.MemberID, []byte(assignedBytes)
	request.GroupAssignment = append(request.GroupAssignment, one)
	answer := askIn[*kmsg.SyncGroupResponse](t, request, version)
	t.wantError("the error of SyncGroup", answer.ErrorCode, nil)
	return answer
}

func checkJoinGroup(t *trial) {
	group := t.own("group")
	joined := t.join(group, t.version)
	t.want("generation, protocol and leader",
		[]any{joined.Generation, str(joined.Protocol), joined.LeaderID},
		[]any{1, "range", joined.MemberID})
	if t.version >= 7 {
		t.want("the type", str(joined.ProtocolType), "consumer")
	}
	one := need("members", joined.Members, 1)[0]
	t.want("the member", one.MemberID, joined.MemberID)
	t.want("its subscription", one.ProtocolMetadata, subscription())
	stranger := ask[*kmsg.JoinGroupResponse](t, joinRequest(group, "stranger"))
	t.wantError("the error of an unknown id", stranger.ErrorCode, kerr.UnknownMemberID)
}

func checkSyncGroup(t *trial) {
	group := t.own("group")
	answer := t.sync(group, t.join(group, plainJoin), t.version)
	t.want("the assignment", string(answer.MemberAssignment), assignedBytes)
	if t.version >= 5 {
		t.want("type and protocol", []any{str(answer.ProtocolType), str(answer.Protocol)},
			[]any{"consumer", "range"})
	}
}

func checkHeartbeat(t *trial) {
	group := t.own("group")
	joined := t.join(group, plainJoin)
	t.sync(group, joined, 1)
	beat := func(member string, generation int32) int16 {
		request := kmsg.NewPtrHeartbeatRequest()
		request.Group, request.MemberID, request.Generation = group, member, generation
		return ask[*kmsg.HeartbeatResponse](t, request).ErrorCode
	}
	t.wantError("the error", beat(joined.MemberID, joined.Generation), nil)
	t.wantError("that of a later generation", beat(joined.MemberID, joined.Generation+1),
		kerr.IllegalGeneration)
	t.wantError("that of an unknown id", beat("stranger", joined.Generation), kerr.UnknownMemberID)
}

func checkLeaveGroup(t *trial) {
	group := t.own("group")
	joined := t.join(group, plainJoin)
	leave := func(member string) int16 {
		request := kmsg.NewPtrLeaveGroupRequest()
		request.Group, request.MemberID = group, member
		one := kmsg.NewLeaveGroupRequestMember()
		one.MemberID = member
		request.Members = append(request.Members, one)
		answer := ask[*kmsg.LeaveGroupResponse](t, request)
		if t.version < 3 {
			return answer.ErrorCode
		}
		t.wantError("the error of all", answer.ErrorCode, nil)
		left := need("members", answer.Members, 1)[0]
		t.want("the member", left.MemberID, member)
		return left.ErrorCode
	}
	t.wantError("the error of an unknown id", leave("stranger"), kerr.UnknownMemberID)
	t.wantError("the error", leave(joined.MemberID), nil)
	t.want("the state then", t.describe(group, 5).State, "Empty")
}

func (t *trial) describe(group string, version int16) kmsg.DescribeGroupsResponseGroup {
	request := kmsg.NewPtrDescribeGroupsRequest()
	request.Groups = []string{group}
	answer := askIn[*kmsg.DescribeGroupsResponse](t, request, version)
	return need("groups", answer.Groups, 1)[0]
}

func checkDescribeGroups(t *trial) {
	group := t.own("group")
	missing := t.describe(group, t.version)
	t.want("the state of a missing group", missing.State, "Dead")
	if t.version >= 6 {
		t.wantError("its error", missing.ErrorCode, kerr.GroupIDNotFound)
	} else {
		t.wantError("its error", missing.ErrorCode, nil)
	}
	joined := t.join(group, plainJoin)
	t.sync(group, joined, 1)
	found := t.describe(group, t.version)
	t.wantError("the error", found.ErrorCode, nil)
	t.want("state, type and protocol", []any{found.State, found.ProtocolType, found.Protocol},
		[]any{"Stable", "consumer", "range"})
	one := need("members", found.Members, 1)[0]
	t.want("the member", []any{one.MemberID, one.ClientID, string(one.MemberAssignment)},
		[]any{joined.MemberID, "franz-go", assignedBytes})
	t.want("its subscription", one.ProtocolMetadata, subscription())
}

func checkListGroups(t *trial) {
	group := t.own("group")
	t.join(group, plainJoin)
	list := func(state string) []kmsg.ListGroupsResponseGroup {
		request := kmsg.NewPtrListGroupsRequest()
		request.StatesFilter, request.TypesFilter = []string{state}, []string{"classic"}
		answer := ask[*kmsg.ListGroupsResponse](t, request)
		t.wantError("the error", answer.ErrorCode, nil)
		return answer.Groups
	}
	isOwn := func(one kmsg.ListGroupsResponseGroup) bool { return one.Group == group }
	groups := list("CompletingRebalance")
	i := slices.IndexFunc(groups, isOwn)
	if i < 0 {
		panic(failure("the group is not listed"))
	}
	t.want("its type", groups[i].ProtocolType, "consumer")
	if t.version >= 4 {
		t.want("its state", groups[i].GroupState, "CompletingRebalance")
		t.want("whether another state has it", slices.ContainsFunc(list("Empty"), isOwn), false)
	}
	if t.version >= 5 {
		t.want("its kind", groups[i].GroupType, "classic")
	}
}

func checkDeleteGroups(t *trial) {
	group := t.own("group")
	remove := func() int16 {
		request := kmsg.NewPtrDeleteGroupsRequest()
		request.Groups = []string{group}
		return need("groups", ask[*kmsg.DeleteGroupsResponse](t, request).Groups, 1)[0].ErrorCode
	}
	t.wantError("the error of a missing group", remove(), kerr.GroupIDNotFound)
	t.wantError("the error of OffsetCommit", t.commit(group, 2, 5), nil)
	t.wantError("the error", remove(), nil)
	t.want("the offset then", t.committed(group, 5)[0], -1)
	t.join(group, plainJoin)
	t.wantError("the error of a group with a member", remove(), kerr.NonEmptyGroup)
}

func checkOffsetDelete(t *trial) {
	group := t.own("group")
	t.wantError("the error of OffsetCommit", t.commit(group, 2, 5), nil)
	request := kmsg.NewPtrOffsetDeleteRequest()
	request.Group = group
	topic := kmsg.NewOffsetDeleteRequestTopic()
	topic.Topic = versionsTopic
	topic.Partitions = append(topic.Partitions, kmsg.OffsetDeleteRequestTopicPartition{Partition: 1})
	request.Topics = append(request.Topics, topic)
	answer := ask[*kmsg.OffsetDeleteResponse](t, request)
	t.wantError("the error of all", answer.ErrorCode, nil)
	part := need("partitions", need("topics", answer.Topics, 1)[0].Partitions, 1)[0]
	t.wantError("the error", part.ErrorCode, nil)
	t.want("the offset then", t.committed(group, 5)[0], -1)
}

func newHeartbeat(group, member string) *kmsg.ConsumerGroupHeartbeatRequest {
	request := kmsg.NewPtrConsumerGroupHeartbeatRequest()
	request.Group, request.MemberID = group, member
	request.RebalanceTimeoutMillis = 10_000
	request.SubscribedTopicNames = []string{versionsTopic}
	request.Topics = []kmsg.ConsumerGroupHeartbeatRequestTopic{}
	return request
}

// Joins a group of the new protocol as its first member. From version 1 on members name themselves.
func (t *trial) joinNew(group string, version int16) *kmsg.ConsumerGroupHeartbeatResponse {
	member := ""
	if version >= 1 {
		member = "AAAAAAAAAAAAAAAAAAAAAA"
	}
	return askIn[*kmsg.ConsumerGroupHeartbeatResponse](t, newHeartbeat(group, member), version)
}

func checkConsumerGroupHeartbeat(t *trial) {
	group := t.own("group")
	joined := t.joinNew(group, t.version)
	t.wantError("the error", joined.ErrorCode, nil)
	t.want("the epoch", joined.MemberEpoch, 1)
	t.want("whether heartbeats have an interval", joined.HeartbeatIntervalMillis > 0, true)
	if joined.Assignment == nil {
		panic(failure("the only member has no assignment"))
	}
	topic := need("topics", joined.Assignment.Topics, 1)[0]
	t.want("its partitions", []any{topic.TopicID, topic.Partitions}, []any{t.topicID, []int32{0, 1}})
	leave := newHeartbeat(group, str(joined.MemberID))
	leave.MemberEpoch = -1
	left := ask[*kmsg.ConsumerGroupHeartbeatResponse](t, leave)
	t.wantError("the error at the end", left.ErrorCode, nil)
	t.want("the epoch at the end", left.MemberEpoch, -1)
	leave.MemberEpoch = 1
	gone := ask[*kmsg.ConsumerGroupHeartbeatResponse](t, leave)
	t.wantError("the error of one that left", gone.ErrorCode, kerr.UnknownMemberID)
}

func checkConsumerGroupDescribe(t *trial) {
	group := t.own("group")
	joined := t.joinNew(group, 1)
	request := kmsg.NewPtrConsumerGroupDescribeRequest()
	request.Groups = []string{group}
	found := need("groups", ask[*kmsg.ConsumerGroupDescribeResponse](t, request).Groups, 1)[0]
	t.wantError("the error", found.ErrorCode, nil)
	t.want("epochs and assignor", []any{found.Epoch, found.AssignmentEpoch, found.AssignorName},
		[]any{1, 1, "uniform"})
	one := need("members", found.Members, 1)[0]
	t.want("the member", []any{one.MemberID, one.MemberEpoch, one.SubscribedTopics},
		[]any{str(joined.MemberID), 1, []string{versionsTopic}})
	target := need("topics", one.TargetAssignment.TopicPartitions, 1)[0]
	t.want("its target", []any{target.Topic, target.Partitions}, []any{versionsTopic, []int32{0, 1}})
	if t.version >= 1 {
		t.want("its type", one.MemberType, 1)
	}
	request.Groups = []string{"missing"}
	missing := need("groups", ask[*kmsg.ConsumerGroupDescribeResponse](t, request).Groups, 1)[0]
	t.wantError("the error of a missing group", missing.ErrorCode, kerr.GroupIDNotFound)
}
