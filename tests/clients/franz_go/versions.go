// Asks for each version of each API that the server offers, and looks at the fields of the answers.
package main

import (
	"fmt"
	"io"
	"sort"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	versionsTopic   = "versions"
	versionsRecords = 3 // in each of its two partitions
	plainProduce    = 8 // a version of Produce for what is not about Produce
	plainMetadata   = 12
)

type versionsSaw struct {
	Asked    [][2]int16 // key and version
	Failures []string
}

// A check of one version of one API. It ends with a panic of type failure where it cannot go on.
type trial struct {
	*wire
	address  string
	topicID  [16]byte // of versionsTopic
	name     string
	version  int16
	failures []string
}

type failure string

// By the keys of the APIs; tests/clients/test_census.py fails for an API that is missing here and
// that no other client asks for.
var checks = map[kmsg.Key]func(*trial){
	kmsg.Produce: checkProduce, kmsg.Fetch: checkFetch, kmsg.ListOffsets: checkListOffsets,
	kmsg.Metadata: checkMetadata, kmsg.OffsetCommit: checkOffsetCommit,
	kmsg.OffsetFetch: checkOffsetFetch, kmsg.FindCoordinator: checkFindCoordinator,
	kmsg.JoinGroup: checkJoinGroup, kmsg.Heartbeat: checkHeartbeat,
	kmsg.LeaveGroup: checkLeaveGroup, kmsg.SyncGroup: checkSyncGroup,
	kmsg.DescribeGroups: checkDescribeGroups, kmsg.ListGroups: checkListGroups,
	kmsg.ApiVersions: checkApiVersions, kmsg.CreateTopics: checkCreateTopics,
	kmsg.DeleteTopics: checkDeleteTopics, kmsg.DeleteRecords: checkDeleteRecords,
	kmsg.InitProducerID: checkInitProducerID, kmsg.OffsetForLeaderEpoch: checkOffsetForLeaderEpoch,
	kmsg.DescribeACLs: checkDescribeACLs, kmsg.CreateACLs: checkCreateACLs,
	kmsg.DeleteACLs: checkDeleteACLs, kmsg.DescribeConfigs: checkDescribeConfigs,
	kmsg.AlterConfigs: checkAlterConfigs, kmsg.AlterReplicaLogDirs: checkAlterReplicaLogDirs,
	kmsg.DescribeLogDirs: checkDescribeLogDirs, kmsg.CreatePartitions: checkCreatePartitions,
	kmsg.DeleteGroups: checkDeleteGroups, kmsg.ElectLeaders: checkElectLeaders,
	kmsg.IncrementalAlterConfigs:      checkIncrementalAlterConfigs,
	kmsg.AlterPartitionAssignments:    checkAlterPartitionAssignments,
	kmsg.ListPartitionReassignments:   checkListPartitionReassignments,
	kmsg.OffsetDelete:                 checkOffsetDelete,
	kmsg.DescribeClientQuotas:         checkDescribeClientQuotas,
	kmsg.AlterClientQuotas:            checkAlterClientQuotas,
	kmsg.DescribeUserSCRAMCredentials: checkDescribeUserSCRAMCredentials,
	kmsg.AlterUserSCRAMCredentials:    checkAlterUserSCRAMCredentials,
	kmsg.DescribeCluster:              checkDescribeCluster,
	kmsg.DescribeProducers:            checkDescribeProducers,
	kmsg.ConsumerGroupHeartbeat:       checkConsumerGroupHeartbeat,
	kmsg.ConsumerGroupDescribe:        checkConsumerGroupDescribe,
	kmsg.ListConfigResources:          checkListConfigResources,
	kmsg.DescribeTopicPartitions:      checkDescribeTopicPartitions,
}

func versions(address string) (*versionsSaw, error) {
	topicID, err := prepare(address)
	if err != nil {
		return nil, err
	}
	offered, err := offers(address)
	if err != nil {
		return nil, err
	}
	saw := &versionsSaw{}
	for _, api := range offered {
		key := kmsg.Key(api.ApiKey)
		check := checks[key]
		if check == nil {
			saw.Failures = append(saw.Failures, fmt.Sprintf("%s: nothing here asks for it", key.Name()))
			continue
		}
		for version := api.MinVersion; version <= api.MaxVersion; version++ {
			t := &trial{address: address, topicID: topicID, name: key.Name(), version: version}
			t.run(check)
			saw.Failures = append(saw.Failures, t.failures...)
			saw.Asked = append(saw.Asked, [2]int16{api.ApiKey, version})
		}
	}
	return saw, nil
}

// Makes versionsTopic with its records.
func prepare(address string) ([16]byte, error) {
	t := &trial{address: address, name: "prepare"}
	var id [16]byte
	t.run(func(t *trial) {
		t.makeTopic(versionsTopic, 2)
		id = t.idOf(versionsTopic)
		for partition := int32(0); partition < 2; partition++ {
			for i := 0; i < versionsRecords; i++ {
				t.want("the base offset", t.produce(versionsTopic, partition), i)
			}
		}
	})
	if len(t.failures) > 0 {
		return id, fmt.Errorf("%s", t.failures[0])
	}
	return id, nil
}

func offers(address string) ([]kmsg.ApiVersionsResponseApiKey, error) {
	w, err := dial(address)
	if err != nil {
		return nil, err
	}
	defer w.conn.Close()
	answer, err := w.ask(kmsg.NewPtrApiVersionsRequest(), 0)
	if err != nil {
		return nil, err
	}
	offered := answer.(*kmsg.ApiVersionsResponse).ApiKeys
	sort.Slice(offered, func(i, j int) bool { return offered[i].ApiKey < offered[j].ApiKey })
	return offered, nil
}

// Each trial has a connection of its own, since some end with its close.
func (t *trial) run(check func(*trial)) {
	var err error
	if t.wire, err = dial(t.address); err != nil {
		t.fail("%v", err)
		return
	}
	defer t.conn.Close()
	defer func() {
		if thrown := recover(); thrown != nil {
			end, ok := thrown.(failure)
			if !ok {
				panic(thrown)
			}
			t.fail("%s", string(end))
		}
	}()
	check(t)
}

func (t *trial) fail(format string, words ...any) {
	t.failures = append(t.failures,
		fmt.Sprintf("%s %d: ", t.name, t.version)+fmt.Sprintf(format, words...))
}

// Values are compared as they are printed, so that numbers of all types are alike.
func (t *trial) want(what string, got, want any) {
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.fail("%s is %v, want %v", what, got, want)
	}
}

func (t *trial) wantError(what string, code int16, want *kerr.Error) {
	got := kerr.ErrorForCode(code)
	if (want == nil && got != nil) || (want != nil && got != error(want)) {
		t.fail("%s is %v, want %v", what, got, want)
	}
}

// Requires that a list has so many elements, since what follows looks into it.
func need[T any](what string, list []T, count int) []T {
	if len(list) != count {
		panic(failure(fmt.Sprintf("%d %s, want %d", len(list), what, count)))
	}
	return list
}

// The answer to a request in the trial's version.
func ask[A kmsg.Response](t *trial, request kmsg.Request) A {
	return askIn[A](t, request, t.version)
}

func askIn[A kmsg.Response](t *trial, request kmsg.Request, version int16) A {
	answer, err := t.wire.ask(request, version)
	if err != nil {
		panic(failure(fmt.Sprintf("%s %d: %v", kmsg.NameForKey(request.Key()), version, err)))
	}
	return answer.(A)
}

// Expects that the server closes the connection instead of answering.
func (t *trial) expectClose(request kmsg.Request) {
	if err := t.send(request, t.version); err != nil {
		panic(failure(err.Error()))
	}
	if body, err := t.receive(false); err != io.EOF {
		t.fail("was answered with %x, %v; want the end of the connection", body, err)
	}
}

// A name that no other trial has.
func (t *trial) own(kind string) string { return fmt.Sprintf("%s-%s-%d", kind, t.name, t.version) }

func str(text *string) string {
	if text == nil {
		return "<null>"
	}
	return *text
}
