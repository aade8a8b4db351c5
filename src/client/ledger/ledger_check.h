// Compares a run's ledger with the log and the tables of the server: `steelthread load --verify`.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "client/discovery.h"
#include "client/kafka_client.h"
#include "client/kafka_consumer.h"
#include "client/ledger/ledger.h"
#include "client/ledger/matcher.h"
#include "client/ledger/request_kind.h"

namespace st::client::ledger {

// Asks the server's own Kafka, SQL and catalog ports. Begin before the run, Count after it.
//
// Threads: owned by one thread; blocks.
// Owner:   all references must outlive it.
// Limits:  waits at most kPatienceUs at a time for a server that is away, and for the tables.
// Errors:  kShutdown a signal ended the waiting.
class LedgerCheck {
 public:
  LedgerCheck(ServerDescription server, Ledger& ledger, const std::vector<RequestKind>& kinds);
  // Remembers the ends of the log, so that only later records are read.
  Status Begin();
  // Waits until the tables have come to the log's end, then reads them and the log.
  // Errors: kDeadline the tables did not reach the log's end; matcher() has the result up to there.
  // After any other error matcher() has no result.
  Status Count();
  const Matcher& matcher() const { return matcher_; }

 private:
  using Ends = std::map<std::string, std::vector<std::int64_t>>;  // by topic and partition
  // Asks again while the server cannot answer: it may just be starting, with other ports.
  template <typename F>
  auto Patiently(F&& ask) const;
  // Waits so long; kShutdown on a signal.
  static Status Pause(std::int64_t us);
  Result<KafkaClient> ConnectKafka() const;
  Result<Ends> ReadEnds() const;
  // The next offset that the table will take of each partition; empty while there is no table.
  Result<std::map<std::int32_t, std::int64_t>> Progress(const std::string& table) const;
  Status WaitForTables(const Ends& ends) const;
  Result<bool> HasReached(const std::string& table, const std::vector<std::int64_t>& ends) const;
  Status ReadTable(const std::string& table, const std::vector<std::int64_t>& ends);
  Status ReadRows(const std::string& table, std::int32_t partition, const std::string& sql);
  Status ReadPartition(const std::string& topic, std::int32_t partition, std::int64_t end);
  void AddRecord(const std::string& topic, const KafkaRecord& record);
  std::int64_t StartOf(const std::string& topic, std::size_t partition) const;

  mutable ServerDescription server_;
  Ledger& ledger_;
  const std::vector<RequestKind>& kinds_;
  Matcher matcher_;
  std::set<std::string> topics_;
  std::map<std::string, std::string> tables_;  // with their topics
  Ends starts_;
};

}  // namespace st::client::ledger
