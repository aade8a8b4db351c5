// Kafka's protocol on the embedded log: producers, consumers and their groups.
//
// Threads: Start and Stop from one thread; requests run on the io threads of the listener, answers
//          to produce come from the log's commit thread.
// Owner:   `log`, its `inspection`, `groups` and what `env` names must outlive it; stop it
//          before the log.
//          Its stop stops `groups` too.
// Durable: produce is answered when its batches are durable, for every value of acks but 0, which
//          gets no answer.
// Limits:  limits.h; format/kafka's on a request, format/record's on the records of a batch.
// Metrics: steelthread_kafka_requests_total by api and version; steelthread_kafka_refused_total,
//          requests that are over a limit or not understood.
// Source:  Kafka protocol guide; the versions of each API stand in its header in format/kafka.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "api/kafka/broker_settings.h"
#include "api/kafka/log_dir.h"
#include "api/kafka/record_deletion.h"
#include "base/metrics.h"
#include "base/result.h"
#include "group/coordinator.h"
#include "log/inspection.h"
#include "log/log.h"
#include "net/budget.h"
#include "os/env.h"

namespace st::api {

struct KafkaOptions {
  std::string listen = "127.0.0.1:9092";
  int io_threads = 1;
  std::string advertise;            // "host:port"; empty: the address that the client dialled
  std::int32_t num_partitions = 1;  // of topics made by their first use
  bool auto_create_topics = true;   // whether their first use makes topics
  LogDir log_dir = {};              // as administrators are told of it
  OwnSettings settings = {};        // others of the broker's, as administrators are told of them
  net::ClientBudgets budgets;       // those of all listeners; empty: its own
  MetricRegistry* metrics = nullptr;
  // Called before a topic is created, by request or by first use; an error, which must be
  // kInvalidArgument, refuses it. May be empty. Runs on io threads.
  std::function<Status(const std::string& name)> may_create_topic;
  // Called first for a topic that is produced to, also for one that does not exist; an error
  // answers TOPIC_AUTHORIZATION_FAILED with its message. May be empty. Runs on io threads.
  std::function<Status(const std::string& name)> may_write_topic;
  // Called before a topic is deleted by request; an error refuses it with POLICY_VIOLATION and its
  // message. May be empty. Runs on io threads.
  std::function<Status(const std::string& name)> may_delete_topic;
  // Empty: DeleteRecords is not offered.
  DeleteRecords delete_records;
};

class KafkaApi {
 public:
  virtual ~KafkaApi() = default;
  // kInvalidArgument bad address; kUnavailable port busy.
  static Result<std::unique_ptr<KafkaApi>> Start(KafkaOptions options, log::Log& log,
                                                 log::Inspection& inspection,
                                                 group::Coordinator& groups, const os::Env& env);
  virtual const std::string& address() const = 0;
  virtual void Stop(std::int64_t grace_us) = 0;
};

}  // namespace st::api
