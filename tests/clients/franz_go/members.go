// Many members of one classic group, each on a connection of its own, for bench/groups.py.
//
//	franz_go members HOST:PORT PID COUNT SECONDS
//
// PID is the server's, whose processor time is read while the members do nothing but heartbeats.
package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	membersGroup      = "crowd"
	membersTopic      = "crowd"
	heartbeatInterval = 3 * time.Second // the default of Kafka's clients
	ticksPerSecond    = 100             // of /proc/PID/stat
	rounds            = 5               // of a member that leaves and comes back
	groupVersion      = 5               // of JoinGroup and SyncGroup
)

type membersSaw struct {
	JoinSeconds      float64   // from the first JoinGroup to the last assignment
	RebalanceSeconds []float64 // after one left, then after it came, and so on
	heartbeatsSaw
}

type heartbeatsSaw struct {
	HeartbeatCPUPercent float64 // of one core, of the server
	HeartbeatsPerSecond float64
	HeartbeatMillis     [3]float64 // median, 99th of a hundred, largest
}

type crowd struct {
	members []*crowdMember
	saw     membersSaw
}

type crowdMember struct {
	*wire
	id         string
	generation int32
	partitions int
}

func members(address string, words []string) (*membersSaw, error) {
	pid, count, seconds, err := crowdWords(words)
	if err != nil {
		return nil, err
	}
	c := &crowd{}
	for range count {
		w, err := dial(address)
		if err != nil {
			return nil, err
		}
		w.isTrusted = true
		c.members = append(c.members, &crowdMember{wire: w})
	}
	begun := time.Now()
	if err := each(c.members, func(m *crowdMember) error { return m.join(count) }); err != nil {
		return nil, err
	}
	c.saw.JoinSeconds = time.Since(begun).Seconds()
	if err := c.check(c.members); err != nil {
		return nil, err
	}
	var heartbeats []func() error
	for _, m := range c.members {
		heartbeats = append(heartbeats, m.heartbeat)
	}
	cost, err := beat(pid, time.Duration(seconds)*time.Second, heartbeatInterval, heartbeats)
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

// PID COUNT SECONDS
func crowdWords(words []string) (pid, count, seconds int, err error) {
	if len(words) != 3 {
		return 0, 0, 0, fmt.Errorf("many members want PID COUNT SECONDS")
	}
	for i, to := range []*int{&pid, &count, &seconds} {
		if *to, err = strconv.Atoi(words[i]); err != nil {
			return 0, 0, 0, err
		}
	}
	return pid, count, seconds, nil
}

// Runs `do` for all members at once; the first error.
func each[Member any](members []Member, do func(Member) error) error {
	errors := make([]error, len(members))
	var wait sync.WaitGroup
	for i, m := range members {
		wait.Add(1)
		go func() {
			defer wait.Done()
			errors[i] = do(m)
		}()
	}
	wait.Wait()
	for _, err := range errors {
		if err != nil {
			return err
		}
	}
	return nil
}

// Joins, for the first time or again, and waits for the assignment. The leader gives each member
// one of the `partitions`, and the rest to the first one.
func (m *crowdMember) join(partitions int) error {
	for {
		answer, err := m.ask(joinRequest(membersGroup, m.id), groupVersion)
		if err != nil {
			return err
		}
		joined := answer.(*kmsg.JoinGroupResponse)
		if joined.ErrorCode == kerr.MemberIDRequired.Code {
			m.id = joined.MemberID
			continue
		}
		if joined.ErrorCode != 0 {
			return fmt.Errorf("JoinGroup: %w", kerr.ErrorForCode(joined.ErrorCode))
		}
		m.id, m.generation = joined.MemberID, joined.Generation
		if err = m.sync(joined, partitions); err != error(kerr.RebalanceInProgress) {
			return err
		}
	}
}

func (m *crowdMember) sync(joined *kmsg.JoinGroupResponse, partitions int) error {
	request := kmsg.NewPtrSyncGroupRequest()
	request.Group, request.Generation, request.MemberID = membersGroup, m.generation, m.id
	kind, name := "consumer", "range"
	request.ProtocolType, request.Protocol = &kind, &name
	for i, one := range joined.Members { // of the leader alone has any
		given := kmsg.NewSyncGroupRequestGroupAssignment()
		given.MemberID = one.MemberID
		given.MemberAssignment = assignment(i, len(joined.Members), partitions)
		request.GroupAssignment = append(request.GroupAssignment, given)
	}
	answer, err := m.ask(request, groupVersion)
	if err != nil {
		return err
	}
	synced := answer.(*kmsg.SyncGroupResponse)
	if synced.ErrorCode != 0 {
		return kerr.ErrorForCode(synced.ErrorCode)
	}
	var own kmsg.ConsumerMemberAssignment
	if err := own.ReadFrom(synced.MemberAssignment); err != nil {
		return err
	}
	m.partitions = 0
	for _, topic := range own.Topics {
		m.partitions += len(topic.Partitions)
	}
	return nil
}

func assignment(member, members, partitions int) []byte {
	topic := kmsg.NewConsumerMemberAssignmentTopic()
	topic.Topic = membersTopic
	for p := member; p < partitions; p += members {
		topic.Partitions = append(topic.Partitions, int32(p))
	}
	made := kmsg.NewConsumerMemberAssignment()
	made.Topics = append(made.Topics, topic)
	return made.AppendTo(nil)
}

// Requires one generation, and that each partition has one member.
func (c *crowd) check(present []*crowdMember) error {
	partitions := 0
	for _, m := range present {
		if m.generation != present[0].generation {
			return fmt.Errorf("members of generations %d and %d", m.generation, present[0].generation)
		}
		partitions += m.partitions
	}
	if partitions != len(c.members) {
		return fmt.Errorf("%d partitions are assigned, want %d", partitions, len(c.members))
	}
	return nil
}

func (m *crowdMember) heartbeat() error {
	request := kmsg.NewPtrHeartbeatRequest()
	request.Group, request.Generation, request.MemberID = membersGroup, m.generation, m.id
	answer, err := m.ask(request, 4)
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(answer.(*kmsg.HeartbeatResponse).ErrorCode)
}

// All send heartbeats for so long, each at its own moment of the interval.
func beat(pid int, long, interval time.Duration, heartbeats []func() error) (*heartbeatsSaw, error) {
	var mu sync.Mutex
	var took []time.Duration
	begun := time.Now()
	end := begun.Add(interval + long) // the first interval warms up
	failed := make(chan error, 1)
	one := func(i int) error {
		at := begun.Add(interval * time.Duration(i) / time.Duration(len(heartbeats)))
		for ; at.Before(end); at = at.Add(interval) {
			time.Sleep(time.Until(at))
			sent := time.Now()
			if err := heartbeats[i](); err != nil {
				return err
			}
			mu.Lock()
			if sent.Sub(begun) > interval {
				took = append(took, time.Since(sent))
			}
			mu.Unlock()
		}
		return nil
	}
	go func() { failed <- each(numbers(len(heartbeats)), one) }()
	time.Sleep(interval)
	used, err := processorSeconds(pid)
	if err != nil {
		return nil, err
	}
	time.Sleep(time.Until(end))
	usedAtEnd, err := processorSeconds(pid)
	if err != nil {
		return nil, err
	}
	if err = <-failed; err != nil {
		return nil, err
	}
	slices.Sort(took)
	millis := func(share float64) float64 {
		return took[int(share*float64(len(took)-1))].Seconds() * 1000
	}
	return &heartbeatsSaw{
		HeartbeatCPUPercent: (usedAtEnd - used) / long.Seconds() * 100,
		HeartbeatsPerSecond: float64(len(took)) / long.Seconds(),
		HeartbeatMillis:     [3]float64{millis(0.5), millis(0.99), millis(1)},
	}, nil
}

// 0 to n-1.
func numbers(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// User and system time of a process.
func processorSeconds(pid int) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// The name, which may hold blanks, ends with the last parenthesis; 14 and 15 are the times.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	ticks := 0
	for _, field := range fields[11:13] {
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return float64(ticks) / ticksPerSecond, nil
}

// The last member leaves, and comes again. The others learn of each by a heartbeat that they send
// at once, so the times are those of the server and of this program, not of the interval.
func (c *crowd) change() error {
	others, one := c.members[:len(c.members)-1], c.members[len(c.members)-1]
	begun := time.Now()
	if err := one.leave(); err != nil {
		return err
	}
	if err := c.rejoin(others); err != nil {
		return err
	}
	c.saw.RebalanceSeconds = append(c.saw.RebalanceSeconds, time.Since(begun).Seconds())
	if err := c.check(others); err != nil {
		return err
	}

	begun = time.Now()
	came := make(chan error, 1)
	go func() { came <- one.join(len(c.members)) }()
	if err := c.rejoin(others); err != nil {
		return err
	}
	if err := <-came; err != nil {
		return err
	}
	c.saw.RebalanceSeconds = append(c.saw.RebalanceSeconds, time.Since(begun).Seconds())
	return c.check(c.members)
}

func (m *crowdMember) leave() error {
	request := kmsg.NewPtrLeaveGroupRequest()
	request.Group = membersGroup
	one := kmsg.NewLeaveGroupRequestMember()
	one.MemberID = m.id
	request.Members = append(request.Members, one)
	answer, err := m.ask(request, 5)
	if err != nil {
		return err
	}
	m.id = ""
	left := answer.(*kmsg.LeaveGroupResponse).Members
	if len(left) != 1 || left[0].ErrorCode != 0 {
		return fmt.Errorf("LeaveGroup is answered with %v", left)
	}
	return nil
}

// Waits until the group rebalances, then has these members learn of it and join again.
func (c *crowd) rejoin(others []*crowdMember) error {
	for {
		err := others[0].heartbeat()
		if err == error(kerr.RebalanceInProgress) {
			break
		}
		if err != nil {
			return err
		}
		time.Sleep(time.Millisecond)
	}
	return each(others, func(m *crowdMember) error {
		if err := m.heartbeat(); err != error(kerr.RebalanceInProgress) {
			return fmt.Errorf("a heartbeat is answered with %v during a rebalance", err)
		}
		return m.join(len(c.members))
	})
}
