// The command line of a worker process.
#pragma once

#include <cstdint>
#include <string>

namespace st::worker::engine {

struct WorkerSettings {
  bool is_query = false;  // --kind=query; else transform
  std::string warehouse;
  std::string output_folder;  // of a transform worker; "": it writes in the warehouse
  std::int64_t memory_limit_bytes = 1LL << 30;  // DuckDB's
  int threads = 1;
  std::int64_t idle_end_ms = 10'000;
};

}  // namespace st::worker::engine
