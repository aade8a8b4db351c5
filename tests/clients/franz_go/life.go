// What programs do with franz-go: a topic from its making to its end.
package main

import (
	"context"
	"fmt"
	"sort"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kversion"
)

const (
	recordsOfCodec = 100
	lifePartitions = 3
	lifeTimeout    = 50 * time.Second
	lifeTopic      = "gophers"
)

// The records and names of a life; tests/clients/test_franz_go.py compares them.
type lifeSaw struct {
	Again              string // what a second creation is told
	Brokers            []string
	Sent               map[string][]int64 // by codec: the number of records of each partition
	Groups             map[string]*groupSaw
	Ends               map[int32]int64
	LowWatermark       int64
	Starts             map[int32]int64
	Settings, Altered  map[string]string
	Source             string
	Partitions         int
	LogBytes           int64
	DeletedGroups      []string
	GroupsLeft, Topics []string
}

type lives struct {
	ctx     context.Context
	address string
	options []kgo.Opt
	admin   *kadm.Client
	sent    int
}

func life(address string, words []string) (*lifeSaw, error) {
	ctx, cancel := context.WithTimeout(context.Background(), lifeTimeout)
	defer cancel()
	l := &lives{ctx: ctx, address: address}
	if len(words) > 0 {
		release := kversion.FromString(words[0])
		if release == nil {
			return nil, fmt.Errorf("%q is no release of Kafka", words[0])
		}
		l.options = append(l.options, kgo.MaxVersions(release))
	}
	client, err := l.client()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	l.admin = kadm.NewClient(client)
	saw := &lifeSaw{Sent: map[string][]int64{}, Groups: map[string]*groupSaw{}}
	protocols := []protocol{eager, cooperative}
	if len(words) == 0 {
		protocols = append(protocols, serverSide)
	}
	steps := []func(*lifeSaw) error{l.makeTopic, l.produceAll}
	for _, p := range protocols {
		steps = append(steps, func(saw *lifeSaw) error {
			group, err := l.consume(p)
			saw.Groups[p.name] = group
			return err
		})
	}
	steps = append(steps, l.administer, l.alter, l.end)
	for _, step := range steps {
		if err := step(saw); err != nil {
			return nil, err
		}
	}
	return saw, nil
}

// A client of its own, with `more` beside what all clients of this life have.
func (l *lives) client(more ...kgo.Opt) (*kgo.Client, error) {
	options := []kgo.Opt{kgo.SeedBrokers(l.address), kgo.ClientID("shop"),
		kgo.FetchMaxWait(100 * time.Millisecond)}
	options = append(options, l.options...)
	return kgo.NewClient(append(options, more...)...)
}

func (l *lives) makeTopic(saw *lifeSaw) error {
	size := "50000"
	settings := map[string]*string{"max.message.bytes": &size}
	if _, err := l.admin.CreateTopic(l.ctx, lifePartitions, 1, settings, lifeTopic); err != nil {
		return err
	}
	again, err := l.admin.CreateTopics(l.ctx, lifePartitions, 1, nil, lifeTopic)
	if err != nil {
		return err
	}
	saw.Again = text(again[lifeTopic].Err)
	brokers, err := l.admin.ListBrokers(l.ctx)
	for _, one := range brokers {
		saw.Brokers = append(saw.Brokers, fmt.Sprintf("%d %s:%d", one.NodeID, one.Host, one.Port))
	}
	return err
}

// One idempotent producer for each codec.
func (l *lives) produceAll(saw *lifeSaw) error {
	codecs := map[string]kgo.CompressionCodec{"none": kgo.NoCompression(),
		"gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()}
	for name, codec := range codecs {
		counts, err := l.produce(codec)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		saw.Sent[name] = counts
	}
	return nil
}

// Produces the next recordsOfCodec records, each of a partition of its own choice; their number in
// each partition.
func (l *lives) produce(codec kgo.CompressionCodec) ([]int64, error) {
	producer, err := l.client(kgo.ProducerBatchCompression(codec), kgo.ProducerLinger(time.Millisecond))
	if err != nil {
		return nil, err
	}
	defer producer.Close()
	records := make([]*kgo.Record, recordsOfCodec)
	for i := range records {
		n := l.sent + i
		records[i] = &kgo.Record{Topic: lifeTopic, Key: []byte("k" + strconv.Itoa(n%7)),
			Value:   []byte("v" + strconv.Itoa(n)),
			Headers: []kgo.RecordHeader{{Key: "kind", Value: []byte("test")}}}
	}
	l.sent += len(records)
	counts := make([]int64, lifePartitions)
	for _, result := range producer.ProduceSync(l.ctx, records...) {
		if result.Err != nil {
			return nil, result.Err
		}
		counts[result.Record.Partition]++
	}
	return counts, nil
}

func (l *lives) administer(saw *lifeSaw) error {
	ends, err := l.admin.ListEndOffsets(l.ctx, lifeTopic)
	if err != nil {
		return err
	}
	saw.Ends = offsets(ends)
	to := make(kadm.Offsets)
	to.AddOffset(lifeTopic, 0, 10, -1)
	deleted, err := l.admin.DeleteRecords(l.ctx, to)
	if err != nil {
		return err
	}
	saw.LowWatermark = deleted[lifeTopic][0].LowWatermark
	starts, err := l.admin.ListStartOffsets(l.ctx, lifeTopic)
	if err != nil {
		return err
	}
	saw.Starts = offsets(starts)
	folders, err := l.admin.DescribeAllLogDirs(l.ctx, nil)
	if err != nil {
		return err
	}
	folders.Each(func(folder kadm.DescribedLogDir) {
		folder.Topics.Each(func(p kadm.DescribedLogDirPartition) {
			if p.Topic == lifeTopic {
				saw.LogBytes += p.Size
			}
		})
	})
	return nil
}

func (l *lives) alter(saw *lifeSaw) error {
	var err error
	if saw.Settings, saw.Source, err = l.settings(); err != nil {
		return err
	}
	day, size := "86400000", "60000"
	changes := []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "retention.ms", Value: &day},
		{Op: kadm.SetConfig, Name: "max.message.bytes", Value: &size}}
	for _, alter := range []func(context.Context, []kadm.AlterConfig, ...string) (
		kadm.AlterConfigsResponses, error){l.admin.AlterTopicConfigs, l.admin.AlterTopicConfigsState} {
		answers, err := alter(l.ctx, changes, lifeTopic)
		if err != nil {
			return err
		}
		if answers[0].Err != nil {
			return answers[0].Err
		}
		changes = changes[:1] // the second request says all that is set
	}
	if saw.Altered, _, err = l.settings(); err != nil {
		return err
	}
	if _, err = l.admin.UpdatePartitions(l.ctx, lifePartitions+1, lifeTopic); err != nil {
		return err
	}
	topics, err := l.admin.ListTopics(l.ctx, lifeTopic)
	saw.Partitions = len(topics[lifeTopic].Partitions)
	return err
}

// The settings that a life changes, and the source of max.message.bytes.
func (l *lives) settings() (map[string]string, string, error) {
	described, err := l.admin.DescribeTopicConfigs(l.ctx, lifeTopic)
	if err != nil {
		return nil, "", err
	}
	found, source := map[string]string{}, ""
	for _, one := range described[0].Configs {
		if one.Key == "max.message.bytes" {
			source = one.Source.String()
		} else if one.Key != "retention.ms" {
			continue
		}
		found[one.Key] = one.MaybeValue()
	}
	return found, source, described[0].Err
}

func (l *lives) end(saw *lifeSaw) error {
	names := make([]string, 0, len(saw.Groups))
	for name := range saw.Groups {
		names = append(names, name)
	}
	deleted, err := l.admin.DeleteGroups(l.ctx, names...)
	if err != nil {
		return err
	}
	for _, one := range deleted.Sorted() {
		if one.Err != nil {
			return one.Err
		}
		saw.DeletedGroups = append(saw.DeletedGroups, one.Group)
	}
	groups, err := l.admin.ListGroups(l.ctx)
	if err != nil {
		return err
	}
	saw.GroupsLeft = groups.Groups()
	if _, err := l.admin.DeleteTopic(l.ctx, lifeTopic); err != nil {
		return err
	}
	fresh, err := l.client() // the other one answers from its cache
	if err != nil {
		return err
	}
	defer fresh.Close()
	topics, err := kadm.NewClient(fresh).ListTopics(l.ctx)
	for _, one := range topics.Names() {
		if one == lifeTopic {
			saw.Topics = append(saw.Topics, one)
		}
	}
	sort.Strings(saw.Topics)
	return err
}

func offsets(listed kadm.ListedOffsets) map[int32]int64 {
	found := map[int32]int64{}
	listed.Each(func(one kadm.ListedOffset) { found[one.Partition] = one.Offset })
	return found
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
