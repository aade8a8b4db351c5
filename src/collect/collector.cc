#include "collect/collector.h"

#include "collect/limits.h"
#include "format/record/record_batch.h"

namespace st::collect {

Collector::Queue& Collector::FindQueue(const std::string& topic) {
  auto& slot = queues_[topic];
  if (!slot) {
    slot = std::make_unique<Queue>();
    slot->topic = topic;
  }
  return *slot;
}

void Collector::Collect(const std::string& topic, std::string value, const Collected& done) {
  Queue* queue = nullptr;
  bool is_first = false;
  {
    MutexLock lock(mu_);
    Queue& found = FindQueue(topic);
    if (found.bytes + value.size() <= kMaxQueuedBytes) {
      queue = &found;
      is_first = !found.in_flight;
      found.in_flight = true;
      found.bytes += value.size();
      found.waiting.push_back({std::move(value), clock_.NowUs() / 1000, done});
    }
  }
  if (queue == nullptr) {
    done(Fail(ErrorCode::kUnavailable, "topic {}: {} bytes of events wait already; retry later",
              topic, kMaxQueuedBytes));
  } else if (is_first) {
    SendNext(*queue);
  }
}

void Collector::SendNext(Queue& queue) {
  std::vector<Event> events;
  {
    MutexLock lock(mu_);
    if (queue.waiting.empty()) {
      queue.in_flight = false;
      return;
    }
    std::uint64_t bytes = 0;
    std::size_t n = 0;
    while (n < queue.waiting.size() && (n == 0 || bytes < kMaxBatchBytes)) {
      bytes += queue.waiting[n++].value.size();
    }
    queue.bytes -= bytes;
    const auto end = queue.waiting.begin() + static_cast<std::ptrdiff_t>(n);
    events.assign(std::make_move_iterator(queue.waiting.begin()), std::make_move_iterator(end));
    queue.waiting.erase(queue.waiting.begin(), end);
  }
  if (const auto topic = log_.FindTopic(queue.topic)) {
    return Append(queue, topic->id, std::move(events));
  }
  auto shared = std::make_shared<std::vector<Event>>(std::move(events));
  log_.CreateTopicAsync(queue.topic, 1, [this, &queue, shared](Result<log::TopicInfo> made) {
    const auto topic = made ? std::optional(*made) : log_.FindTopic(queue.topic);
    if (topic) return Append(queue, topic->id, std::move(*shared));
    Finish(queue, *shared, std::unexpected(made.error()));
  });
}

void Collector::Append(Queue& queue, TopicId topic, std::vector<Event> events) {
  std::vector<record::NewRecord> records;
  records.reserve(events.size());
  for (const auto& event : events) {
    records.push_back(
        {.key = std::nullopt, .value = event.value, .timestamp_ms = event.time_ms, .headers = {}});
  }
  std::string batch = record::BuildBatch(records);
  auto shared = std::make_shared<std::vector<Event>>(std::move(events));
  log_.Append({topic, PartitionId(0)}, std::move(batch),
              [this, &queue, shared](const Result<log::AppendResult>& result) {
                if (result) return Finish(queue, *shared, result->base_offset);
                Finish(queue, *shared, std::unexpected(result.error()));
              });
}

void Collector::Finish(Queue& queue, const std::vector<Event>& events, const Result<Offset>& base) {
  std::int64_t index = 0;
  for (const auto& event : events) event.done(base ? Result<Offset>(*base + index++) : base);
  SendNext(queue);
}

}  // namespace st::collect
