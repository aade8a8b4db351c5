// The checks of what is about records.
package main

import (
	"encoding/binary"
	"hash/crc32"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	recordTime = 1_000_000 // in ms since the epoch, of each record
	value      = "seen by franz-go"
)

// A batch of one record; producer -1 is none.
func batch(producer int64, epoch int16, sequence int32) []byte {
	record := kmsg.Record{Value: []byte(value)}
	record.Length = int32(len(record.AppendTo(nil)) - 1) // behind the byte of the length itself
	records := record.AppendTo(nil)
	made := kmsg.RecordBatch{Magic: 2, FirstTimestamp: recordTime, MaxTimestamp: recordTime,
		ProducerID: producer, ProducerEpoch: epoch, FirstSequence: sequence, NumRecords: 1,
		Records: records}
	const lengthEnd, crcEnd = 12, 21
	bytes := made.AppendTo(nil)
	binary.BigEndian.PutUint32(bytes[8:], uint32(len(bytes)-lengthEnd))
	sum := crc32.Checksum(bytes[crcEnd:], crc32.MakeTable(crc32.Castagnoli))
	binary.BigEndian.PutUint32(bytes[17:], sum)
	return bytes
}

func produceRequest(topic string, id [16]byte, partition int32, records []byte) *kmsg.ProduceRequest {
	request := kmsg.NewPtrProduceRequest()
	request.Acks = -1
	one := kmsg.NewProduceRequestTopic()
	one.Topic, one.TopicID = topic, id
	part := kmsg.NewProduceRequestTopicPartition()
	part.Partition, part.Records = partition, records
	one.Partitions = append(one.Partitions, part)
	request.Topics = append(request.Topics, one)
	return request
}

func producedPart(answer *kmsg.ProduceResponse) kmsg.ProduceResponseTopicPartition {
	return need("partitions", need("topics", answer.Topics, 1)[0].Partitions, 1)[0]
}

// The base offset of a new record.
func (t *trial) produce(topic string, partition int32) int64 {
	answer := askIn[*kmsg.ProduceResponse](t,
		produceRequest(topic, [16]byte{}, partition, batch(-1, -1, -1)), plainProduce)
	part := producedPart(answer)
	t.wantError("the error of Produce", part.ErrorCode, nil)
	return part.BaseOffset
}

func checkProduce(t *trial) {
	if t.version < 3 { // offered for librdkafka's sake, and refused as Kafka does
		t.expectClose(produceRequest(versionsTopic, t.topicID, 0, batch(-1, -1, -1)))
		return
	}
	topic := t.own("topic")
	t.makeTopic(topic, 1)
	for offset := range 2 {
		answer := ask[*kmsg.ProduceResponse](t, produceRequest(topic, t.idOf(topic), 0, batch(-1, -1, -1)))
		part := producedPart(answer)
		t.wantError("the error", part.ErrorCode, nil)
		t.want("the base offset", part.BaseOffset, offset)
		t.want("the append time", part.LogAppendTime, -1)
		if t.version >= 5 {
			t.want("the start of the log", part.LogStartOffset, 0)
		}
	}
	unknown := kerr.UnknownTopicOrPartition
	if t.version >= 13 {
		unknown = kerr.UnknownTopicID
	}
	missing := produceRequest("nowhere", [16]byte{7}, 0, batch(-1, -1, -1))
	t.wantError("the error of an unknown topic",
		producedPart(ask[*kmsg.ProduceResponse](t, missing)).ErrorCode, unknown)
	damaged := batch(-1, -1, -1)
	damaged[len(damaged)-1]++
	part := producedPart(ask[*kmsg.ProduceResponse](t, produceRequest(topic, t.idOf(topic), 0, damaged)))
	t.wantError("the error of a damaged batch", part.ErrorCode, kerr.CorruptMessage)
	if t.version >= 8 {
		t.want("whether it has a text", part.ErrorMessage != nil, true)
	}
}

func fetchRequest(id [16]byte, partition int32, offset int64) *kmsg.FetchRequest {
	request := kmsg.NewPtrFetchRequest()
	request.MaxWaitMillis, request.MinBytes, request.MaxBytes = 10, 1, 1<<20
	topic := kmsg.NewFetchRequestTopic()
	topic.Topic, topic.TopicID = versionsTopic, id
	part := kmsg.NewFetchRequestTopicPartition()
	part.Partition, part.FetchOffset, part.PartitionMaxBytes = partition, offset, 1<<20
	topic.Partitions = append(topic.Partitions, part)
	request.Topics = append(request.Topics, topic)
	return request
}

func checkFetch(t *trial) {
	answer := ask[*kmsg.FetchResponse](t, fetchRequest(t.topicID, 1, 1))
	t.wantError("the error of all", answer.ErrorCode, nil)
	t.want("the session", answer.SessionID, 0)
	part := need("partitions", need("topics", answer.Topics, 1)[0].Partitions, 1)[0]
	t.wantError("the error", part.ErrorCode, nil)
	t.want("the high watermark", part.HighWatermark, versionsRecords)
	t.want("the last stable offset", part.LastStableOffset, versionsRecords)
	if t.version >= 5 {
		t.want("the start of the log", part.LogStartOffset, 0)
	}
	one := len(batch(-1, -1, -1))
	t.want("the bytes of records", len(part.RecordBatches), (versionsRecords-1)*one)
	t.want("the first offset", binary.BigEndian.Uint64(append(part.RecordBatches, make([]byte, 8)...)), 1)
	t.want("the records", strings.Count(string(part.RecordBatches), value), versionsRecords-1)
	beyond := ask[*kmsg.FetchResponse](t, fetchRequest(t.topicID, 1, 99))
	t.wantError("the error behind the end",
		need("partitions", need("topics", beyond.Topics, 1)[0].Partitions, 1)[0].ErrorCode,
		kerr.OffsetOutOfRange)
	if t.version >= 7 {
		checkFetchSession(t)
	}
}

// A session of two partitions at their ends: it tells nothing of them, forgets one, then ends.
func checkFetchSession(t *trial) {
	first := fetchRequest(t.topicID, 0, versionsRecords)
	second := fetchRequest(t.topicID, 1, versionsRecords)
	first.Topics[0].Partitions = append(first.Topics[0].Partitions, second.Topics[0].Partitions...)
	first.SessionEpoch = 0
	began := ask[*kmsg.FetchResponse](t, first)
	t.wantError("the error of a new session", began.ErrorCode, nil)
	need("partitions", need("topics", began.Topics, 1)[0].Partitions, 2)
	if began.SessionID == 0 {
		panic(failure("no session was begun"))
	}
	next := func(epoch int32, forgotten ...int32) *kmsg.FetchRequest {
		request := kmsg.NewPtrFetchRequest()
		request.MaxBytes, request.SessionID, request.SessionEpoch = 1<<20, began.SessionID, epoch
		if len(forgotten) > 0 {
			topic := kmsg.NewFetchRequestForgottenTopic()
			topic.Topic, topic.TopicID, topic.Partitions = versionsTopic, t.topicID, forgotten
			request.ForgottenTopics = append(request.ForgottenTopics, topic)
		}
		return request
	}
	idle := ask[*kmsg.FetchResponse](t, next(1, 1))
	t.wantError("the error of the next fetch", idle.ErrorCode, nil)
	t.want("its session", idle.SessionID, began.SessionID)
	need("topics with news", idle.Topics, 0)
	early := ask[*kmsg.FetchResponse](t, next(3))
	t.wantError("the error of a wrong epoch", early.ErrorCode, kerr.InvalidFetchSessionEpoch)
	last := next(2)
	last.Topics = fetchRequest(t.topicID, 0, versionsRecords-1).Topics
	news := ask[*kmsg.FetchResponse](t, last)
	part := need("partitions", need("topics with news", news.Topics, 1)[0].Partitions, 1)[0]
	t.want("the partition with news", part.Partition, 0)
	t.want("its bytes of records", len(part.RecordBatches), len(batch(-1, -1, -1)))
	end := ask[*kmsg.FetchResponse](t, next(3, 0))
	t.want("the session once all is forgotten", end.SessionID, 0)
	gone := ask[*kmsg.FetchResponse](t, next(4))
	t.wantError("the error of a session that ended", gone.ErrorCode, kerr.FetchSessionIDNotFound)
}

func checkListOffsets(t *trial) {
	const earliest, latest, largest = -2, -1, -3
	answers := map[int64]int64{earliest: 0, latest: versionsRecords, recordTime: 0}
	if t.version >= 7 {
		answers[largest] = 0 // the first one of equal times
	}
	for time, offset := range answers {
		request := kmsg.NewPtrListOffsetsRequest()
		topic := kmsg.NewListOffsetsRequestTopic()
		topic.Topic = versionsTopic
		part := kmsg.NewListOffsetsRequestTopicPartition()
		part.Partition, part.Timestamp, part.MaxNumOffsets = 1, time, 1
		topic.Partitions = append(topic.Partitions, part)
		request.Topics = append(request.Topics, topic)
		answer := ask[*kmsg.ListOffsetsResponse](t, request)
		found := need("partitions", need("topics", answer.Topics, 1)[0].Partitions, 1)[0]
		t.wantError("the error", found.ErrorCode, nil)
		if t.version == 0 {
			t.want("the old offsets", found.OldStyleOffsets, []int64{offset})
			continue
		}
		t.want("the offset", found.Offset, offset)
		if time >= 0 || time == largest {
			t.want("the time", found.Timestamp, recordTime)
		} else {
			t.want("the time", found.Timestamp, -1)
		}
	}
}

func checkDeleteRecords(t *trial) {
	topic := t.own("topic")
	t.makeTopic(topic, 1)
	t.produce(topic, 0)
	t.produce(topic, 0)
	remove := func(offset int64) kmsg.DeleteRecordsResponseTopicPartition {
		request := kmsg.NewPtrDeleteRecordsRequest()
		one := kmsg.NewDeleteRecordsRequestTopic()
		one.Topic = topic
		part := kmsg.NewDeleteRecordsRequestTopicPartition()
		part.Offset = offset
		one.Partitions = append(one.Partitions, part)
		request.Topics = append(request.Topics, one)
		answer := ask[*kmsg.DeleteRecordsResponse](t, request)
		return need("partitions", need("topics", answer.Topics, 1)[0].Partitions, 1)[0]
	}
	done := remove(1)
	t.wantError("the error", done.ErrorCode, nil)
	t.want("the low watermark", done.LowWatermark, 1)
	t.wantError("the error behind the end", remove(9).ErrorCode, kerr.OffsetOutOfRange)
}

func checkInitProducerID(t *trial) {
	given := ask[*kmsg.InitProducerIDResponse](t, kmsg.NewPtrInitProducerIDRequest())
	t.wantError("the error", given.ErrorCode, nil)
	t.want("whether there is an id", given.ProducerID >= 0, true)
	t.want("the epoch", given.ProducerEpoch, 0)
	another := ask[*kmsg.InitProducerIDResponse](t, kmsg.NewPtrInitProducerIDRequest())
	t.want("whether a second one differs", another.ProducerID != given.ProducerID, true)
}

func checkOffsetForLeaderEpoch(t *trial) {
	request := kmsg.NewPtrOffsetForLeaderEpochRequest()
	topic := kmsg.NewOffsetForLeaderEpochRequestTopic()
	topic.Topic = versionsTopic
	part := kmsg.NewOffsetForLeaderEpochRequestTopicPartition()
	part.Partition, part.CurrentLeaderEpoch, part.LeaderEpoch = 1, -1, t.leaderEpoch()
	topic.Partitions = append(topic.Partitions, part)
	request.Topics = append(request.Topics, topic)
	answer := ask[*kmsg.OffsetForLeaderEpochResponse](t, request)
	found := need("partitions", need("topics", answer.Topics, 1)[0].Partitions, 1)[0]
	t.wantError("the error", found.ErrorCode, nil)
	t.want("the epoch", found.LeaderEpoch, part.LeaderEpoch)
	t.want("the end", found.EndOffset, versionsRecords)
}

func checkDescribeProducers(t *trial) {
	topic := t.own("topic")
	t.makeTopic(topic, 1)
	given := askIn[*kmsg.InitProducerIDResponse](t, kmsg.NewPtrInitProducerIDRequest(), 2)
	sent := produceRequest(topic, [16]byte{}, 0, batch(given.ProducerID, 0, 0))
	t.wantError("the error of Produce",
		producedPart(askIn[*kmsg.ProduceResponse](t, sent, plainProduce)).ErrorCode, nil)
	request := kmsg.NewPtrDescribeProducersRequest()
	one := kmsg.NewDescribeProducersRequestTopic()
	one.Topic, one.Partitions = topic, []int32{0}
	request.Topics = append(request.Topics, one)
	answer := ask[*kmsg.DescribeProducersResponse](t, request)
	part := need("partitions", need("topics", answer.Topics, 1)[0].Partitions, 1)[0]
	t.wantError("the error", part.ErrorCode, nil)
	found := need("producers", part.ActiveProducers, 1)[0]
	t.want("the id", found.ProducerID, given.ProducerID)
	t.want("the sequence", found.LastSequence, 0)
	t.want("the time", found.LastTimestamp, recordTime)
}
