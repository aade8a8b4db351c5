// The stores of one project: the data folder, the log, the idempotency keys, the consumer groups
// and the lake. They are opened in this order and closed in reverse.
//
// Threads: Open and Stop from one thread; the stores themselves from any.
// Errors:  as theirs.
#pragma once

#include <memory>

#include "app/config.h"
#include "app/data_dir.h"
#include "group/coordinator.h"
#include "idempotency/key_store.h"
#include "lake/lake.h"
#include "log/local_log.h"
#include "os/env.h"

namespace st::app {

// The log of the data folder, as the settings have it.
log::LogOptions LogOptionsFor(const Config& config);

class Stores {
 public:
  static Result<std::unique_ptr<Stores>> Open(const os::Env& env, const Config& config);
  ~Stores() { Stop(); }
  DataDir& data() { return *data_; }
  // The environment of what stands in the data folder: its file system sees a folder that moved.
  const os::Env& env() const { return *env_; }
  log::LocalLog& log() { return *log_; }
  lake::Lake& lake() { return *lake_; }
  idempotency::KeyStore& keys() { return *keys_; }
  group::Coordinator& groups() { return *groups_; }
  // Makes the batches in the log's queue durable. Idempotent.
  void Stop();

 private:
  Stores() = default;

  std::unique_ptr<DataDir> data_;
  std::optional<os::Env> env_;
  std::unique_ptr<lake::Lake> lake_;
  std::unique_ptr<log::LocalLog> log_;
  std::unique_ptr<idempotency::KeyStore> keys_;
  std::unique_ptr<group::Coordinator> groups_;
};

}  // namespace st::app
