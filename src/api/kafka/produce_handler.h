// Handles produce requests: checks each batch before it is appended.
//
// Small requests are checked on their io thread. Others, and all compressed batches, are checked on
// the thread kafka-check, one request of a connection at a time and in order; a request that proves
// to be large goes on on the thread kafka-check-big, so that it delays no small one.
//
// Threads: Handle on io threads.
// Owner:   the adapter; `log` and `clock` must outlive it. Stop after the listener.
// Limits:  kInlineCheckBytes, kMaxSmallRecordBytes, kMaxRequestRecordBytes (limits.h).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "api/kafka/handler.h"
#include "format/kafka/produce.h"
#include "net/fair_thread.h"
#include "os/clock.h"

namespace st::api {

class ProduceHandler final : public Handler {
 public:
  // As KafkaOptions::may_write_topic.
  using MayWrite = std::function<Status(const std::string& topic)>;
  ProduceHandler(log::Log& log, os::Clock& clock, MayWrite may_write)
      : log_(log), clock_(clock), may_write_(std::move(may_write)) {}
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;
  void Stop() override;

 private:
  struct Work;

  // The error of the partition itself, which `finder` looked up last; kNone: its batch must be
  // checked.
  kafka::ErrorCode CheckPartition(kafka::ProducedPartition& part, const PartitionFinder& finder,
                                  bool is_found, const kafka::ProduceRequest& produce,
                                  bool is_transactional) const;
  void CheckOnThread(const std::shared_ptr<Work>& work);
  // Checks and appends one batch after the other; false where one decompresses to more than
  // `limit_bytes` allows: then nothing of it is decided.
  bool AppendAll(Work& work, std::uint64_t limit_bytes, std::string& scratch);

  log::Log& log_;
  os::Clock& clock_;
  const MayWrite may_write_;
  std::string small_scratch_;  // of the threads
  std::string large_scratch_;
  net::FairThread small_{"kafka-check"};
  net::FairThread large_{"kafka-check-big"};
};

}  // namespace st::api
