// The checks of what is about topics and their settings.
package main

import (
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func createRequest(name string, partitions int32) *kmsg.CreateTopicsRequest {
	request := kmsg.NewPtrCreateTopicsRequest()
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = name, partitions, 1
	setting := kmsg.NewCreateTopicsRequestTopicConfig()
	size := "70000"
	setting.Name, setting.Value = "max.message.bytes", &size
	topic.Configs = append(topic.Configs, setting)
	request.Topics = append(request.Topics, topic)
	return request
}

func (t *trial) makeTopic(name string, partitions int32) {
	answer := askIn[*kmsg.CreateTopicsResponse](t, createRequest(name, partitions), 4)
	t.wantError("the error of CreateTopics", need("topics", answer.Topics, 1)[0].ErrorCode, nil)
}

func metadataRequest(topic *string, id [16]byte) *kmsg.MetadataRequest {
	request := kmsg.NewPtrMetadataRequest()
	one := kmsg.NewMetadataRequestTopic()
	one.Topic, one.TopicID = topic, id
	request.Topics = append(request.Topics, one)
	return request
}

// What Metadata says of a topic, in a version that says all.
func (t *trial) metadata(name string) kmsg.MetadataResponseTopic {
	answer := askIn[*kmsg.MetadataResponse](t, metadataRequest(&name, [16]byte{}), plainMetadata)
	return need("topics", answer.Topics, 1)[0]
}

func (t *trial) idOf(topic string) [16]byte { return t.metadata(topic).TopicID }

func (t *trial) leaderEpoch() int32 {
	return need("partitions", t.metadata(versionsTopic).Partitions, 2)[1].LeaderEpoch
}

func checkMetadata(t *trial) {
	name := versionsTopic
	answer := ask[*kmsg.MetadataResponse](t, metadataRequest(&name, [16]byte{}))
	broker := need("brokers", answer.Brokers, 1)[0]
	t.want("the broker", broker.NodeID, 1)
	t.want("its address", t.hostPort(broker.Host, broker.Port), t.address)
	if t.version >= 1 {
		t.want("the controller", answer.ControllerID, 1)
	}
	if t.version >= 2 {
		t.want("whether the cluster has an id", str(answer.ClusterID) != "<null>", true)
	}
	topic := need("topics", answer.Topics, 1)[0]
	t.wantError("the error", topic.ErrorCode, nil)
	t.want("the name", str(topic.Topic), versionsTopic)
	for _, part := range need("partitions", topic.Partitions, 2) {
		t.wantError("the error of a partition", part.ErrorCode, nil)
		t.want("leader, replicas and those in sync", []any{part.Leader, part.Replicas, part.ISR},
			[]any{1, []int32{1}, []int32{1}})
	}
	if t.version >= 10 {
		t.want("the id", topic.TopicID, t.topicID)
	}
	if t.version < 12 {
		return
	}
	answer = ask[*kmsg.MetadataResponse](t, metadataRequest(nil, t.topicID))
	t.want("the name by id", str(need("topics", answer.Topics, 1)[0].Topic), versionsTopic)
}

func checkCreateTopics(t *trial) {
	topic := t.own("topic")
	if t.version >= 1 {
		dry := createRequest(topic, 3)
		dry.ValidateOnly = true
		answer := ask[*kmsg.CreateTopicsResponse](t, dry)
		t.wantError("the error of a dry run", need("topics", answer.Topics, 1)[0].ErrorCode, nil)
	}
	made := need("topics", ask[*kmsg.CreateTopicsResponse](t, createRequest(topic, 3)).Topics, 1)[0]
	t.wantError("the error", made.ErrorCode, nil)
	if t.version >= 5 {
		t.want("the partitions", made.NumPartitions, 3)
		t.want("the replicas", made.ReplicationFactor, 1)
		t.want("whether settings are told", len(made.Configs) > 0, true)
	}
	found := t.metadata(topic)
	need("partitions", found.Partitions, 3)
	if t.version >= 7 {
		t.want("the id", made.TopicID, found.TopicID)
	}
	again := need("topics", ask[*kmsg.CreateTopicsResponse](t, createRequest(topic, 3)).Topics, 1)[0]
	t.wantError("the error of a second time", again.ErrorCode, kerr.TopicAlreadyExists)
	if t.version >= 1 {
		t.want("whether its text has the name", strings.Contains(str(again.ErrorMessage), topic), true)
	}
}

func (t *trial) remove(name string, id [16]byte) kmsg.DeleteTopicsResponseTopic {
	request := kmsg.NewPtrDeleteTopicsRequest()
	request.TopicNames = []string{name}
	one := kmsg.NewDeleteTopicsRequestTopic()
	if one.TopicID = id; id == [16]byte{} {
		one.Topic = &name
	}
	request.Topics = append(request.Topics, one)
	return need("topics", ask[*kmsg.DeleteTopicsResponse](t, request).Topics, 1)[0]
}

func checkDeleteTopics(t *trial) {
	topic := t.own("topic")
	for _, isByID := range []bool{false, true} {
		if isByID && t.version < 6 {
			break
		}
		t.makeTopic(topic, 1)
		id := [16]byte{}
		if isByID {
			id = t.idOf(topic)
		}
		removed := t.remove(topic, id)
		t.wantError("the error", removed.ErrorCode, nil)
		t.want("the name", str(removed.Topic), topic)
		t.wantError("what Metadata says then", t.metadataWithoutCreation(topic), kerr.UnknownTopicOrPartition)
	}
	t.wantError("the error of a missing topic", t.remove(topic, [16]byte{}).ErrorCode,
		kerr.UnknownTopicOrPartition)
}

func (t *trial) metadataWithoutCreation(name string) int16 {
	request := metadataRequest(&name, [16]byte{})
	request.AllowAutoTopicCreation = false
	answer := askIn[*kmsg.MetadataResponse](t, request, plainMetadata)
	return need("topics", answer.Topics, 1)[0].ErrorCode
}

func checkCreatePartitions(t *trial) {
	topic := t.own("topic")
	t.makeTopic(topic, 1)
	grow := func(count int32) kmsg.CreatePartitionsResponseTopic {
		request := kmsg.NewPtrCreatePartitionsRequest()
		one := kmsg.NewCreatePartitionsRequestTopic()
		one.Topic, one.Count = topic, count
		request.Topics = append(request.Topics, one)
		return need("topics", ask[*kmsg.CreatePartitionsResponse](t, request).Topics, 1)[0]
	}
	t.wantError("the error", grow(3).ErrorCode, nil)
	need("partitions", t.metadata(topic).Partitions, 3)
	fewer := grow(2)
	t.wantError("the error of fewer", fewer.ErrorCode, kerr.InvalidPartitions)
	t.want("whether it has a text", fewer.ErrorMessage != nil, true)
}

// The value and the source of a topic's setting, by DescribeConfigs in the version.
func (t *trial) setting(topic, key string, version int16) kmsg.DescribeConfigsResponseResourceConfig {
	request := kmsg.NewPtrDescribeConfigsRequest()
	request.IncludeSynonyms, request.IncludeDocumentation = true, true
	one := kmsg.NewDescribeConfigsRequestResource()
	one.ResourceType, one.ResourceName = kmsg.ConfigResourceTypeTopic, topic
	one.ConfigNames = []string{key}
	request.Resources = append(request.Resources, one)
	answer := askIn[*kmsg.DescribeConfigsResponse](t, request, version)
	resource := need("resources", answer.Resources, 1)[0]
	t.wantError("the error of DescribeConfigs", resource.ErrorCode, nil)
	return need("settings", resource.Configs, 1)[0]
}

func checkDescribeConfigs(t *trial) {
	found := t.setting(versionsTopic, "max.message.bytes", t.version)
	t.want("the setting", []any{found.Name, str(found.Value), found.ReadOnly, found.IsSensitive},
		[]any{"max.message.bytes", "70000", false, false})
	if t.version >= 1 {
		t.want("the source", found.Source, kmsg.ConfigSourceDynamicTopicConfig)
		t.want("whether it has synonyms", len(found.ConfigSynonyms) > 0, true)
	} else {
		t.want("whether it is the default", found.IsDefault, false)
	}
	if t.version >= 3 {
		t.want("the type", found.ConfigType, kmsg.ConfigTypeInt)
	}
}

func checkAlterConfigs(t *trial) {
	topic := t.own("topic")
	t.makeTopic(topic, 1)
	alter := func(value string) kmsg.AlterConfigsResponseResource {
		request := kmsg.NewPtrAlterConfigsRequest()
		one := kmsg.NewAlterConfigsRequestResource()
		one.ResourceType, one.ResourceName = kmsg.ConfigResourceTypeTopic, topic
		setting := kmsg.NewAlterConfigsRequestResourceConfig()
		setting.Name, setting.Value = "retention.ms", &value
		one.Configs = append(one.Configs, setting)
		request.Resources = append(request.Resources, one)
		return need("resources", ask[*kmsg.AlterConfigsResponse](t, request).Resources, 1)[0]
	}
	t.wantError("the error", alter("60000").ErrorCode, nil)
	t.want("the new value", str(t.setting(topic, "retention.ms", 4).Value), "60000")
	t.want("what was not in the request", str(t.setting(topic, "max.message.bytes", 4).Value), "1048588")
	wrong := alter("soon")
	t.wantError("the error of no number", wrong.ErrorCode, kerr.InvalidConfig)
	t.want("whether it has a text", wrong.ErrorMessage != nil, true)
}

func checkIncrementalAlterConfigs(t *trial) {
	topic := t.own("topic")
	t.makeTopic(topic, 1)
	alter := func(value string, op kmsg.IncrementalAlterConfigOp) int16 {
		request := kmsg.NewPtrIncrementalAlterConfigsRequest()
		one := kmsg.NewIncrementalAlterConfigsRequestResource()
		one.ResourceType, one.ResourceName = kmsg.ConfigResourceTypeTopic, topic
		setting := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
		setting.Name, setting.Value, setting.Op = "retention.ms", &value, op
		one.Configs = append(one.Configs, setting)
		request.Resources = append(request.Resources, one)
		answer := ask[*kmsg.IncrementalAlterConfigsResponse](t, request)
		return need("resources", answer.Resources, 1)[0].ErrorCode
	}
	t.wantError("the error", alter("60000", kmsg.IncrementalAlterConfigOpSet), nil)
	t.want("the new value", str(t.setting(topic, "retention.ms", 4).Value), "60000")
	t.want("what was not in the request", str(t.setting(topic, "max.message.bytes", 4).Value), "70000")
	t.wantError("the error of a removal", alter("", kmsg.IncrementalAlterConfigOpDelete), nil)
	t.want("the value then", str(t.setting(topic, "retention.ms", 4).Value), "-1")
	t.wantError("the error of no number", alter("soon", kmsg.IncrementalAlterConfigOpSet), kerr.InvalidConfig)
}

func checkListConfigResources(t *trial) {
	request := kmsg.NewPtrListConfigResourcesRequest()
	request.ResourceTypes = []int8{int8(kmsg.ConfigResourceTypeTopic)}
	answer := ask[*kmsg.ListConfigResourcesResponse](t, request)
	t.wantError("the error", answer.ErrorCode, nil)
	if t.version == 0 { // of client metrics alone, of which there are none
		need("resources", answer.ConfigResources, 0)
		return
	}
	isThere := false
	for _, one := range answer.ConfigResources {
		isThere = isThere || (one.Name == versionsTopic && one.Type == request.ResourceTypes[0])
	}
	t.want("whether the topic is there", isThere, true)
}

func checkDescribeTopicPartitions(t *trial) {
	request := kmsg.NewPtrDescribeTopicPartitionsRequest()
	one := kmsg.NewDescribeTopicPartitionsRequestTopic()
	one.Topic = versionsTopic
	request.Topics = append(request.Topics, one)
	request.ResponsePartitionLimit = 1
	answer := ask[*kmsg.DescribeTopicPartitionsResponse](t, request)
	topic := need("topics", answer.Topics, 1)[0]
	t.wantError("the error", topic.ErrorCode, nil)
	t.want("the id", topic.TopicID, t.topicID)
	part := need("partitions", topic.Partitions, 1)[0]
	t.want("leader and those in sync", []any{part.LeaderID, part.ISR}, []any{1, []int32{1}})
	if answer.NextCursor == nil {
		panic(failure("no cursor behind the first of two partitions"))
	}
	t.want("the cursor", []any{answer.NextCursor.Topic, answer.NextCursor.Partition},
		[]any{versionsTopic, 1})
}
