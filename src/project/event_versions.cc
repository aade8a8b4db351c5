#include "project/event_versions.h"

#include <fmt/ranges.h>

#include "base/mutex.h"
#include "format/record/record_batch.h"
#include "log/partition_choice.h"
#include "project/limits.h"

namespace st::project {
namespace {

constexpr std::chrono::seconds kRecordTimeout(60);

// Appends one batch and waits until it is durable.
Status AppendDurably(log::Log& log, TopicPartition tp, std::string batch) {
  struct Waiter {
    Mutex mu;
    CondVar done;
    std::optional<Status> outcome ST_GUARDED_BY(mu);
  };
  auto waiter = std::make_shared<Waiter>();
  log.Append(tp, std::move(batch), log::kFromThisServer,
             [waiter](const Result<log::AppendResult>& result) {
               MutexLock lock(waiter->mu);
               waiter->outcome = result ? Status() : Status(std::unexpected(result.error()));
               waiter->done.NotifyAll();
             });
  MutexLock lock(waiter->mu);
  while (!waiter->outcome && waiter->done.WaitFor(waiter->mu, kRecordTimeout)) {
  }
  if (waiter->outcome) return *waiter->outcome;
  return Fail(ErrorCode::kOutcomeUnknown,
              "topic {}: the log did not answer within {} s whether the declarations are stored; "
              "reload the project again",
              kDeclarationsTopic, kRecordTimeout.count());
}

}  // namespace

Result<std::vector<event::DeclaredVersion>> NewEventVersions(
    const RecordedState& recorded, const std::vector<event::Declaration>& declared) {
  std::vector<event::DeclaredVersion> added;
  std::vector<std::string> faults;
  for (const auto& event : declared) {
    const auto found = recorded.versions.find(event.name);
    if (found == recorded.versions.end()) {
      added.push_back({event, {}});  // a first version's table begins with the log
      continue;
    }
    const auto& latest = found->second.back().declaration;
    const auto compared = event::Compare(latest, event);
    if (compared.change == event::Change::kIncompatible) {
      faults.insert(faults.end(), compared.reasons.begin(), compared.reasons.end());
      faults.push_back(fmt::format(
          "{}: event \"{}\": only optional fields may be added; put the rest back, or declare "
          "version = {}, whose records go to a table of their own",
          event.name_place, event.name, latest.version + 1));
    } else if (compared.change != event::Change::kSame) {
      const auto ends = recorded.topics.find(event.topic);
      added.push_back({event, ends == recorded.topics.end() ? event::Offsets() : ends->second});
    }
  }
  if (faults.empty()) return added;
  return Fail(ErrorCode::kInvalidArgument, "{}", fmt::join(faults, "\n"));
}

std::vector<std::string> EncodeVersions(std::int64_t now_ms,
                                        const std::vector<event::DeclaredVersion>& added) {
  std::vector<std::string> batches;
  for (std::size_t next = 0; next < added.size();) {
    std::vector<std::string> values;
    const std::size_t first = next;
    for (std::size_t bytes = 0; next < added.size() && bytes < kMaxDeclarationsBytes; ++next) {
      values.push_back(event::EncodeVersion(added[next]));
      bytes += values.back().size();
    }
    std::vector<record::NewRecord> records;
    for (std::size_t i = 0; i < values.size(); ++i) {
      records.push_back({.key = added[first + i].declaration.name,
                         .value = values[i],
                         .timestamp_ms = now_ms,
                         .headers = {}});
    }
    batches.push_back(record::BuildBatch(records));
  }
  return batches;
}

Status RecordEventVersions(log::Log& log, std::int64_t now_ms,
                           const std::vector<event::DeclaredVersion>& added) {
  if (added.empty()) return {};
  auto topic = log.FindTopic(kDeclarationsTopic);
  if (!topic) {
    ST_TRY(topic, log.CreateTopic(kDeclarationsTopic, 1));
  }
  for (auto& batch : EncodeVersions(now_ms, added)) {
    ST_TRY_STATUS(AppendDurably(log, log::PartitionOfSequence(*topic), std::move(batch)));
  }
  return {};
}

}  // namespace st::project
