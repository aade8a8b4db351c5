// Verifies every byte of a data folder's log and tables by checksums. It changes nothing, and a
// server may use the folder meanwhile.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/diagnosis.h"
#include "log/end_mark.h"
#include "os/clock.h"
#include "os/file_system.h"

namespace st::cli {

class Integrity {
 public:
  // All must outlive it.
  Integrity(os::FileSystem& fs, os::Clock& clock, std::string data_dir)
      : fs_(fs), clock_(clock), data_dir_(std::move(data_dir)) {}
  // A server runs on the folder. `end`: how far its log is durable; nullopt: it does not say.
  void BesideServer(const std::optional<log::EndMark>& end) {
    is_live_ = true;
    live_end_ = end;
  }

  std::vector<Diagnosis> CheckLog();
  std::vector<Diagnosis> CheckTables();

 private:
  std::string Since(std::int64_t began_us) const;

  os::FileSystem& fs_;
  os::Clock& clock_;
  const std::string data_dir_;
  bool is_live_ = false;
  std::optional<log::EndMark> live_end_;
};

}  // namespace st::cli
