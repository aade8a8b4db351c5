// The checks of what is about the server itself, and of what it has not.
package main

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func checkApiVersions(t *trial) {
	request := kmsg.NewPtrApiVersionsRequest()
	request.ClientSoftwareName, request.ClientSoftwareVersion = "franz-go", "1"
	answer := ask[*kmsg.ApiVersionsResponse](t, request)
	t.wantError("the error", answer.ErrorCode, nil)
	first := askIn[*kmsg.ApiVersionsResponse](t, kmsg.NewPtrApiVersionsRequest(), 0)
	ranges := func(keys []kmsg.ApiVersionsResponseApiKey) [][3]int16 {
		var all [][3]int16
		for _, one := range keys {
			all = append(all, [3]int16{one.ApiKey, one.MinVersion, one.MaxVersion})
		}
		return all
	}
	t.want("what is offered", ranges(answer.ApiKeys), ranges(first.ApiKeys))
}

func checkDescribeCluster(t *trial) {
	request := kmsg.NewPtrDescribeClusterRequest()
	request.EndpointType = 1
	answer := ask[*kmsg.DescribeClusterResponse](t, request)
	t.wantError("the error", answer.ErrorCode, nil)
	t.want("the controller", answer.ControllerID, 1)
	t.want("whether it has an id", answer.ClusterID != "", true)
	broker := need("brokers", answer.Brokers, 1)[0]
	t.want("the broker", broker.NodeID, 1)
	t.want("its address", t.hostPort(broker.Host, broker.Port), t.address)
}

func (t *trial) logDir(version int16) kmsg.DescribeLogDirsResponseDir {
	request := kmsg.NewPtrDescribeLogDirsRequest()
	topic := kmsg.NewDescribeLogDirsRequestTopic()
	topic.Topic, topic.Partitions = versionsTopic, []int32{0, 1}
	request.Topics = append(request.Topics, topic)
	answer := askIn[*kmsg.DescribeLogDirsResponse](t, request, version)
	t.wantError("the error of all", answer.ErrorCode, nil)
	return need("folders", answer.Dirs, 1)[0]
}

func checkDescribeLogDirs(t *trial) {
	folder := t.logDir(t.version)
	t.wantError("the error", folder.ErrorCode, nil)
	t.want("whether it has a name", folder.Dir != "", true)
	for _, part := range need("partitions", need("topics", folder.Topics, 1)[0].Partitions, 2) {
		t.want("whether it has a size", part.Size > 0, true)
		t.want("lag, and whether it is a future one", []any{part.OffsetLag, part.IsFuture}, []any{0, false})
	}
	if t.version >= 4 {
		t.want("whether the volume has room",
			folder.UsableBytes > 0 && folder.TotalBytes >= folder.UsableBytes, true)
	}
}

func checkAlterReplicaLogDirs(t *trial) {
	move := func(folder string) int16 {
		request := kmsg.NewPtrAlterReplicaLogDirsRequest()
		one := kmsg.NewAlterReplicaLogDirsRequestDir()
		one.Dir = folder
		topic := kmsg.NewAlterReplicaLogDirsRequestDirTopic()
		topic.Topic, topic.Partitions = versionsTopic, []int32{0}
		one.Topics = append(one.Topics, topic)
		request.Dirs = append(request.Dirs, one)
		answer := ask[*kmsg.AlterReplicaLogDirsResponse](t, request)
		return need("partitions", need("topics", answer.Topics, 1)[0].Partitions, 1)[0].ErrorCode
	}
	t.wantError("the error of the log's folder", move(t.logDir(4).Dir), nil)
	t.wantError("the error of another", move("/nowhere"), kerr.LogDirNotFound)
}

func checkElectLeaders(t *trial) {
	request := kmsg.NewPtrElectLeadersRequest()
	topic := kmsg.NewElectLeadersRequestTopic()
	topic.Topic, topic.Partitions = versionsTopic, []int32{1}
	request.Topics = append(request.Topics, topic)
	answer := ask[*kmsg.ElectLeadersResponse](t, request)
	t.wantError("the error of all", answer.ErrorCode, nil)
	part := need("partitions", need("topics", answer.Topics, 1)[0].Partitions, 1)[0]
	t.want("the partition", part.Partition, 1)
	t.wantError("its error", part.ErrorCode, kerr.ElectionNotNeeded)
}

func checkAlterPartitionAssignments(t *trial) {
	assign := func(broker int32) int16 {
		request := kmsg.NewPtrAlterPartitionAssignmentsRequest()
		topic := kmsg.NewAlterPartitionAssignmentsRequestTopic()
		topic.Topic = versionsTopic
		part := kmsg.NewAlterPartitionAssignmentsRequestTopicPartition()
		part.Replicas = []int32{broker}
		topic.Partitions = append(topic.Partitions, part)
		request.Topics = append(request.Topics, topic)
		answer := ask[*kmsg.AlterPartitionAssignmentsResponse](t, request)
		t.wantError("the error of all", answer.ErrorCode, nil)
		return need("partitions", need("topics", answer.Topics, 1)[0].Partitions, 1)[0].ErrorCode
	}
	t.wantError("the error of the one broker", assign(1), nil)
	t.wantError("the error of another", assign(2), kerr.InvalidReplicaAssignment)
}

func checkListPartitionReassignments(t *trial) {
	answer := ask[*kmsg.ListPartitionReassignmentsResponse](t, kmsg.NewPtrListPartitionReassignmentsRequest())
	t.wantError("the error", answer.ErrorCode, nil)
	need("topics", answer.Topics, 0)
}

func checkDescribeACLs(t *trial) {
	request := kmsg.NewPtrDescribeACLsRequest()
	request.ResourceType, request.ResourcePatternType = kmsg.ACLResourceTypeAny, kmsg.ACLResourcePatternTypeAny
	request.Operation, request.PermissionType = kmsg.ACLOperationAny, kmsg.ACLPermissionTypeAny
	answer := ask[*kmsg.DescribeACLsResponse](t, request)
	t.wantError("the error", answer.ErrorCode, kerr.SecurityDisabled)
	t.want("whether it has a text", answer.ErrorMessage != nil, true)
	need("resources", answer.Resources, 0)
}

func checkCreateACLs(t *trial) {
	request := kmsg.NewPtrCreateACLsRequest()
	one := kmsg.NewCreateACLsRequestCreation()
	one.ResourceType, one.ResourceName = kmsg.ACLResourceTypeTopic, versionsTopic
	one.ResourcePatternType = kmsg.ACLResourcePatternTypeLiteral
	one.Principal, one.Host = "User:ada", "*"
	one.Operation, one.PermissionType = kmsg.ACLOperationRead, kmsg.ACLPermissionTypeAllow
	request.Creations = append(request.Creations, one)
	answer := ask[*kmsg.CreateACLsResponse](t, request)
	t.wantError("the error", need("results", answer.Results, 1)[0].ErrorCode, kerr.SecurityDisabled)
}

func checkDeleteACLs(t *trial) {
	request := kmsg.NewPtrDeleteACLsRequest()
	one := kmsg.NewDeleteACLsRequestFilter()
	one.ResourceType, one.ResourcePatternType = kmsg.ACLResourceTypeAny, kmsg.ACLResourcePatternTypeAny
	one.Operation, one.PermissionType = kmsg.ACLOperationAny, kmsg.ACLPermissionTypeAny
	request.Filters = append(request.Filters, one)
	result := need("results", ask[*kmsg.DeleteACLsResponse](t, request).Results, 1)[0]
	t.wantError("the error", result.ErrorCode, kerr.SecurityDisabled)
	need("ACLs", result.MatchingACLs, 0)
}

func checkDescribeClientQuotas(t *trial) {
	answer := ask[*kmsg.DescribeClientQuotasResponse](t, kmsg.NewPtrDescribeClientQuotasRequest())
	t.wantError("the error", answer.ErrorCode, nil)
	need("entries", answer.Entries, 0)
}

func checkAlterClientQuotas(t *trial) {
	alter := func(remove bool) int16 {
		request := kmsg.NewPtrAlterClientQuotasRequest()
		entry := kmsg.NewAlterClientQuotasRequestEntry()
		user := kmsg.NewAlterClientQuotasRequestEntryEntity()
		name := "ada"
		user.Type, user.Name = "user", &name
		entry.Entity = append(entry.Entity, user)
		op := kmsg.NewAlterClientQuotasRequestEntryOp()
		op.Key, op.Value, op.Remove = "producer_byte_rate", 1000, remove
		entry.Ops = append(entry.Ops, op)
		request.Entries = append(request.Entries, entry)
		answer := ask[*kmsg.AlterClientQuotasResponse](t, request)
		return need("entries", answer.Entries, 1)[0].ErrorCode
	}
	t.wantError("the error of one that is set", alter(false), kerr.UnsupportedVersion)
	t.wantError("the error of one that is removed", alter(true), nil)
}

func checkDescribeUserSCRAMCredentials(t *trial) {
	answer := ask[*kmsg.DescribeUserSCRAMCredentialsResponse](t,
		kmsg.NewPtrDescribeUserSCRAMCredentialsRequest())
	t.wantError("the error", answer.ErrorCode, nil)
	need("users", answer.Results, 0)
}

func checkAlterUserSCRAMCredentials(t *trial) {
	request := kmsg.NewPtrAlterUserSCRAMCredentialsRequest()
	one := kmsg.NewAlterUserSCRAMCredentialsRequestUpsertion()
	one.Name, one.Mechanism, one.Iterations = "ada", 1, 4096
	one.Salt, one.SaltedPassword = []byte("salt"), slices.Repeat([]byte{1}, 32)
	request.Upsertions = append(request.Upsertions, one)
	result := need("users", ask[*kmsg.AlterUserSCRAMCredentialsResponse](t, request).Results, 1)[0]
	t.want("the user", result.User, "ada")
	t.wantError("the error", result.ErrorCode, kerr.UnsupportedVersion)
}
