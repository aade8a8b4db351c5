#include "app/stores.h"

#include "app/version.h"

namespace st::app {
namespace {

MetricRegistry::Samples EndOffsets(const log::Log& log) {
  MetricRegistry::Samples samples;
  for (const auto& topic : log.Topics()) {
    for (std::int32_t p = 0; p < topic.partitions; ++p) {
      const auto end = log.EndOffset({topic.id, PartitionId(p)});
      samples.emplace_back(fmt::format("topic=\"{}\",partition=\"{}\"", topic.name, p),
                           static_cast<double>(end.value()));
    }
  }
  return samples;
}

group::Settings GroupSettingsFor(const Config& config) {
  constexpr std::int64_t kMsPerMinute = 60'000;
  return {.initial_rebalance_delay_ms = config.group_initial_rebalance_delay_ms,
          .min_session_timeout_ms = config.group_min_session_timeout_ms,
          .max_session_timeout_ms = config.group_max_session_timeout_ms,
          .max_size = config.group_max_size,
          .consumer_session_timeout_ms = config.group_consumer_session_timeout_ms,
          .consumer_heartbeat_interval_ms = config.group_consumer_heartbeat_interval_ms,
          .offsets_retention_ms = config.group_offsets_retention_minutes * kMsPerMinute};
}

}  // namespace

log::LogOptions LogOptionsFor(const Config& config) {
  return {.dir = os::JoinPath(config.data_dir, "log"),
          .segment_bytes = config.log_segment_bytes,
          .reserve_bytes = config.log_reserve_bytes,
          .program = kVersion};
}

Result<std::unique_ptr<Stores>> Stores::Open(const os::Env& env, const Config& config) {
  auto stores = std::unique_ptr<Stores>(new Stores());
  ST_TRY(stores->data_, DataDir::Open(env.fs, config.data_dir));
  stores->env_.emplace(stores->data_->fs(), env.clock, env.random, env.metrics);
  const os::Env& inner = stores->env();
  auto log = log::LocalLog::Open(inner, LogOptionsFor(config));
  if (!log) return std::unexpected(AsDamage(log.error()));
  stores->log_ = std::move(*log);
  ST_TRY(stores->keys_,
         idempotency::KeyStore::Open(inner, *stores->log_, {.dir = stores->data_->answers_dir()}));
  auto groups = group::Coordinator::Open(inner, *stores->log_, GroupSettingsFor(config));
  if (!groups) return std::unexpected(AsDamage(groups.error()));
  stores->groups_ = std::move(*groups);
  auto lake = lake::Lake::Open(inner, {.warehouse = stores->data_->warehouse_dir()});
  if (!lake) return std::unexpected(AsDamage(lake.error()));
  stores->lake_ = std::move(*lake);
  if (env.metrics != nullptr) {
    env.metrics
        ->Gauge("steelthread_log_cut_tail_bytes",
                "Bytes truncated from the log's end at this start.")
        .Set(stores->log_->cut_tail() ? static_cast<std::int64_t>(stores->log_->cut_tail()->bytes)
                                      : 0);
    env.metrics->Collected("steelthread_log_end_offset", "Durable end of each partition.", "gauge",
                           [log = stores->log_.get()] { return EndOffsets(*log); });
  }
  return stores;
}

void Stores::Stop() {
  if (log_) log_->Stop();
  if (keys_) keys_->Stop();
}

}  // namespace st::app
