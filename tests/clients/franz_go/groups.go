// Two members of a group that share a topic, by each protocol that franz-go has.
package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

type protocol struct {
	name    string
	options []kgo.GroupOpt
	isNew   bool // KIP-848
}

var (
	eager = protocol{name: "eager", options: []kgo.GroupOpt{kgo.Balancers(kgo.RangeBalancer())}}
	// The name says how partitions move: one by one, while the others are read.
	cooperative = protocol{name: "cooperative",
		options: []kgo.GroupOpt{kgo.Balancers(kgo.CooperativeStickyBalancer())}}
	serverSide = protocol{name: "server-side", isNew: true,
		options: []kgo.GroupOpt{kgo.Balancers(kgo.StickyBalancer()), kgo.ServerSideBalancer()}}
)

// What a group looked like while two members shared the topic, and after they left.
type groupSaw struct {
	Type, Protocol, State string
	Members               int
	Assigned              []int // numbers of partitions, of each member
	Read                  int   // records, each of them once
	Repeated              []string
	Committed             map[int32]int64
	Lag                   int64
	StateAfter            string
}

type member struct {
	client *kgo.Client
	mu     sync.Mutex
	owned  map[int32]bool
}

func (m *member) partitions() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.owned)
}

func (m *member) own(partitions map[string][]int32, is bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range partitions[lifeTopic] {
		if is {
			m.owned[p] = true
		} else {
			delete(m.owned, p)
		}
	}
}

func (l *lives) join(p protocol) (*member, error) {
	m := &member{owned: map[int32]bool{}}
	given := func(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
		m.own(partitions, true)
	}
	taken := func(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
		m.own(partitions, false)
	}
	options := []kgo.Opt{kgo.ConsumerGroup(p.name), kgo.ConsumeTopics(lifeTopic),
		kgo.DisableAutoCommit(), kgo.HeartbeatInterval(200 * time.Millisecond),
		kgo.OnPartitionsAssigned(given), kgo.OnPartitionsRevoked(taken), kgo.OnPartitionsLost(taken)}
	for _, one := range p.options {
		options = append(options, one)
	}
	var err error
	m.client, err = l.client(options...)
	return m, err
}

// Polls the members in turns until `done`, and counts what they read by value.
func (l *lives) poll(members []*member, read map[string]int, done func() bool) error {
	for !done() {
		for _, m := range members {
			ctx, cancel := context.WithTimeout(l.ctx, 100*time.Millisecond)
			fetched := m.client.PollFetches(ctx)
			cancel()
			if l.ctx.Err() != nil {
				return fmt.Errorf("read %d records by the deadline: %w", len(read), l.ctx.Err())
			}
			for _, one := range fetched.Errors() {
				if one.Err != context.DeadlineExceeded {
					return one.Err
				}
			}
			fetched.EachRecord(func(record *kgo.Record) { read[string(record.Value)]++ })
		}
	}
	return nil
}

// One member reads all, a second one joins and both read more, the first one leaves and the second
// reads the rest. Everything is committed before a member comes or goes, so nothing is read twice.
func (l *lives) consume(p protocol) (*groupSaw, error) {
	saw, read := &groupSaw{Committed: map[int32]int64{}}, map[string]int{}
	first, err := l.join(p)
	if err != nil {
		return saw, err
	}
	defer first.client.Close()
	members := []*member{first}
	step := func(what string, done func() bool) error {
		if err := l.poll(members, read, done); err != nil {
			return fmt.Errorf("%s, %s: %w", p.name, what, err)
		}
		for _, m := range members {
			if err := m.client.CommitUncommittedOffsets(l.ctx); err != nil {
				return fmt.Errorf("%s, %s: commit: %w", p.name, what, err)
			}
		}
		return nil
	}
	hasAll := func() bool { return len(read) == l.sent }
	if err := step("alone", hasAll); err != nil {
		return saw, err
	}
	second, err := l.join(p)
	if err != nil {
		return saw, err
	}
	defer second.client.Close()
	members = append(members, second)
	if err := step("two", func() bool {
		return second.partitions() > 0 && first.partitions()+second.partitions() == lifePartitions
	}); err != nil {
		return saw, err
	}
	if err := l.describe(p, saw); err != nil {
		return saw, err
	}
	if _, err := l.produce(kgo.NoCompression()); err != nil {
		return saw, err
	}
	if err := step("both", hasAll); err != nil {
		return saw, err
	}
	first.client.Close()
	members = members[1:]
	if err := step("alone again", func() bool {
		return second.partitions() == lifePartitions
	}); err != nil {
		return saw, err
	}
	if _, err := l.produce(kgo.NoCompression()); err != nil {
		return saw, err
	}
	if err := step("left", hasAll); err != nil {
		return saw, err
	}
	second.client.Close()
	saw.Read = len(read)
	for value, times := range read {
		if times > 1 {
			saw.Repeated = append(saw.Repeated, value)
		}
	}
	return saw, l.outcome(p, saw)
}

func (l *lives) describe(p protocol, saw *groupSaw) error {
	listed, err := l.admin.ListGroups(l.ctx)
	if err != nil {
		return err
	}
	saw.Type = listed[p.name].GroupType
	if p.isNew {
		described, err := l.admin.DescribeConsumerGroups(l.ctx, p.name)
		if err != nil {
			return err
		}
		group := described[p.name]
		saw.State, saw.Protocol, saw.Members = group.State, group.AssignorName, len(group.Members)
		for _, one := range group.Members {
			saw.Assigned = append(saw.Assigned, len(one.Assignment[lifeTopic]))
		}
		return group.Err
	}
	described, err := l.admin.DescribeGroups(l.ctx, p.name)
	if err != nil {
		return err
	}
	group := described[p.name]
	saw.State, saw.Protocol, saw.Members = group.State, group.Protocol, len(group.Members)
	for _, one := range group.Members {
		if assigned, ok := one.Assigned.AsConsumer(); ok {
			for _, topic := range assigned.Topics {
				saw.Assigned = append(saw.Assigned, len(topic.Partitions))
			}
		}
	}
	return group.Err
}

func (l *lives) outcome(p protocol, saw *groupSaw) error {
	committed, err := l.admin.FetchOffsets(l.ctx, p.name)
	if err != nil {
		return err
	}
	for _, one := range committed.Sorted() {
		saw.Committed[one.Partition] = one.At
	}
	if p.isNew { // kadm computes the lag of classic groups only
		described, err := l.admin.DescribeConsumerGroups(l.ctx, p.name)
		if err != nil {
			return err
		}
		saw.StateAfter = described[p.name].State
		return described[p.name].Err
	}
	lag, err := l.admin.Lag(l.ctx, p.name)
	if err != nil {
		return err
	}
	group := lag[p.name]
	saw.Lag, saw.StateAfter = group.Lag.Total(), group.State
	return group.Error()
}
