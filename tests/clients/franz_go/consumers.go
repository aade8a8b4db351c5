// Many members of one group of the new protocol (KIP-848), each on a connection of its own, for
// bench/groups.py.
//
//	franz_go consumers HOST:PORT PID COUNT SECONDS
//
// PID is the server's, whose processor time is read while the members do nothing but heartbeats.
package main

import (
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	consumersVersion   = 1 // of ConsumerGroupHeartbeat
	consumersTimeoutMs = 60_000
	consumersDeadline  = 60 * time.Second // of a rebalance
	createVersion      = 7                // of CreateTopics
)

type consumer struct {
	*wire
	id       string
	epoch    int32
	owned    []kmsg.ConsumerGroupHeartbeatRequestTopic
	interval time.Duration
}

type consumerCrowd struct {
	members []*consumer
	saw     membersSaw
}

func consumers(address string, words []string) (*membersSaw, error) {
	pid, count, seconds, err := crowdWords(words)
	if err != nil {
		return nil, err
	}
	c := &consumerCrowd{}
	for i := range count {
		w, err := dial(address)
		if err != nil {
			return nil, err
		}
		w.isTrusted = true
		c.members = append(c.members, &consumer{wire: w, id: fmt.Sprintf("member-%04d", i)})
	}
	if err := makeTopic(c.members[0].wire, membersTopic, int32(count)); err != nil {
		return nil, err
	}
	begun := time.Now()
	if err := each(c.members, (*consumer).join); err != nil {
		return nil, err
	}
	if err := c.settle(c.members); err != nil {
		return nil, err
	}
	c.saw.JoinSeconds = time.Since(begun).Seconds()
	var heartbeats []func() error
	for _, m := range c.members {
		heartbeats = append(heartbeats, m.heartbeat)
	}
	long := time.Duration(seconds) * time.Second
	cost, err := beat(pid, long, c.members[0].interval, heartbeats)
	if err != nil {
		return nil, err
	}
	c.saw.heartbeatsSaw = *cost
	for range rounds {
		if err := c.change(); err != nil {
			return nil, err
		}
	}
	return &c.saw, nil
}

func makeTopic(w *wire, name string, partitions int32) error {
	request := kmsg.NewPtrCreateTopicsRequest()
	request.TimeoutMillis = consumersTimeoutMs
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = name, partitions, 1
	request.Topics = append(request.Topics, topic)
	answer, err := w.ask(request, createVersion)
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(answer.(*kmsg.CreateTopicsResponse).Topics[0].ErrorCode)
}

// Sends a heartbeat, and takes what its answer gives.
func (m *consumer) send(request *kmsg.ConsumerGroupHeartbeatRequest) error {
	request.Group, request.MemberID, request.MemberEpoch = membersGroup, m.id, m.epoch
	answer, err := m.ask(request, consumersVersion)
	if err != nil {
		return err
	}
	told := answer.(*kmsg.ConsumerGroupHeartbeatResponse)
	if told.ErrorCode != 0 {
		return fmt.Errorf("a heartbeat of %s: %w", m.id, kerr.ErrorForCode(told.ErrorCode))
	}
	m.epoch = told.MemberEpoch
	m.interval = time.Duration(told.HeartbeatIntervalMillis) * time.Millisecond
	if told.Assignment == nil {
		return nil
	}
	m.owned = []kmsg.ConsumerGroupHeartbeatRequestTopic{}
	for _, topic := range told.Assignment.Topics {
		one := kmsg.NewConsumerGroupHeartbeatRequestTopic()
		one.TopicID, one.Partitions = topic.TopicID, topic.Partitions
		m.owned = append(m.owned, one)
	}
	return nil
}

func (m *consumer) join() error {
	m.epoch = 0
	request := kmsg.NewPtrConsumerGroupHeartbeatRequest()
	request.RebalanceTimeoutMillis = consumersTimeoutMs
	request.SubscribedTopicNames = []string{membersTopic}
	request.Topics = []kmsg.ConsumerGroupHeartbeatRequestTopic{}
	return m.send(request)
}

func (m *consumer) leave() error {
	m.epoch = -1
	m.owned = nil
	return m.send(kmsg.NewPtrConsumerGroupHeartbeatRequest())
}

// One that has nothing to tell.
func (m *consumer) heartbeat() error {
	return m.send(kmsg.NewPtrConsumerGroupHeartbeatRequest())
}

// One that tells what the member has, as clients do after they got or gave up partitions.
func (m *consumer) report() error {
	request := kmsg.NewPtrConsumerGroupHeartbeatRequest()
	request.Topics = m.owned
	return m.send(request)
}

func (c *consumerCrowd) isSettled(present []*consumer) bool {
	partitions := map[int32]bool{}
	count := 0
	for _, m := range present {
		if m.epoch != present[0].epoch {
			return false
		}
		for _, topic := range m.owned {
			for _, partition := range topic.Partitions {
				partitions[partition] = true
				count++
			}
		}
	}
	return count == len(c.members) && len(partitions) == count
}

// Has these members send heartbeats until they are in one epoch and each partition has a member.
func (c *consumerCrowd) settle(present []*consumer) error {
	end := time.Now().Add(consumersDeadline)
	for time.Now().Before(end) {
		if err := each(present, (*consumer).report); err != nil {
			return err
		}
		if c.isSettled(present) {
			return nil
		}
	}
	return fmt.Errorf("the group has not settled after %v", consumersDeadline)
}

// The last member leaves, and comes again. The others send their heartbeats at once, so the times
// are those of the server and of this program, not of the interval.
func (c *consumerCrowd) change() error {
	others, one := c.members[:len(c.members)-1], c.members[len(c.members)-1]
	for _, step := range []struct {
		do      func() error
		present []*consumer
	}{{one.leave, others}, {one.join, c.members}} {
		begun := time.Now()
		if err := step.do(); err != nil {
			return err
		}
		if err := c.settle(step.present); err != nil {
			return err
		}
		c.saw.RebalanceSeconds = append(c.saw.RebalanceSeconds, time.Since(begun).Seconds())
	}
	return nil
}
