#include "format/iceberg/snapshot_summary.h"

#include <utility>

#include "base/json_text.h"

namespace st::iceberg {

SnapshotSummary::SnapshotSummary(Entries entries) {
  std::string json = "{";
  const char* between = "";
  for (const auto& [key, value] : entries) {
    json += between;
    AppendJsonString(key, json);
    json += ':';
    AppendJsonString(value, json);
    between = ",";
  }
  json += '}';
  shared_ = std::make_shared<const Shared>(std::move(entries), std::move(json));
}

}  // namespace st::iceberg
