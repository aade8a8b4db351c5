// The data folder, the log, its idempotency keys and the lake of one project: opened in this order,
// closed in reverse.
//
// Threads: Open and Stop from one thread; the stores themselves from any.
// Errors:  as theirs.
#pragma once

#include <memory>

#include "app/config.h"
#include "app/data_dir.h"
#include "base/metrics.h"
#include "idempotency/key_store.h"
#include "lake/lake.h"
#include "log/local_log.h"
#include "os/clock.h"
#include "os/file_system.h"
#include "os/random.h"

namespace st::app {

// The environment of the stores, which must outlive them. `metrics` may be null.
struct Machine {
  os::FileSystem& fs;
  os::Clock& clock;
  os::Random& random;
  MetricRegistry* metrics = nullptr;
};

class Stores {
 public:
  static Result<std::unique_ptr<Stores>> Open(const Machine& machine, const Config& config);
  ~Stores() { Stop(); }
  DataDir& data() { return *data_; }
  log::LocalLog& log() { return *log_; }
  lake::Lake& lake() { return *lake_; }
  idempotency::KeyStore& answers() { return *answers_; }
  // Makes the log's queue durable. Idempotent.
  void Stop();

 private:
  Stores() = default;

  std::unique_ptr<DataDir> data_;
  std::unique_ptr<lake::Lake> lake_;
  std::unique_ptr<log::LocalLog> log_;
  std::unique_ptr<idempotency::KeyStore> answers_;
};

}  // namespace st::app
