#include "worker/transform/failing_records.h"

#include <algorithm>

#include "worker/transform/limits.h"

namespace st::worker::transform {

Result<RecordedRange> RecordedRange::Read(CheckedRecords& records) {
  RecordedRange range;
  std::size_t bytes = 0;
  CheckedRecord record;
  while (true) {
    ST_TRY(const bool is_one, records.Next(record));
    if (!is_one) return range;
    if (record.is_dead) continue;
    bytes += record.value.value_or("").size() + record.key.value_or("").size();
    if (range.size() > 0 && (range.size() == kMaxSearchRecords || bytes > kMaxSearchBytes)) {
      range.end_ = record.id;
      return range;
    }
    range.Add(record);
  }
}

void RecordedRange::Add(const CheckedRecord& record) {
  const bool is_same_text =
      record.text && record.value && record.text->data() == record.value->data();
  Recorded& to = records_.emplace_back(
      Recorded{.record = record,
               .key = std::string(record.key.value_or("")),
               .value = std::string(record.value.value_or("")),
               .text = std::string(is_same_text ? "" : record.text.value_or(""))});
  if (to.record.key) to.record.key = to.key;
  if (to.record.value) to.record.value = to.value;
  if (to.record.text) to.record.text = is_same_text ? to.value : to.text;
}

Result<jobs::FailingRecords> FindFailingRecords(
    const RecordedRange& range, const std::function<Status(const RecordedPart& part)>& run,
    std::size_t limit) {
  jobs::FailingRecords found{.records = {}, .end = range.end()};
  std::size_t piece = std::max<std::size_t>(range.size() / 2, 1);
  for (std::size_t at = 0; at < range.size();) {
    const std::size_t end = std::min(at + piece, range.size());
    const auto done = run({.range = &range, .begin = at, .end = end});
    if (done) {
      at = end;
      piece *= 2;
      continue;
    }
    if (done.error().code() != ErrorCode::kInvalidArgument) return std::unexpected(done.error());
    if (end - at > 1) {
      piece = (end - at) / 2;
      continue;
    }
    found.records.push_back(
        {.id = range.at(at).id, .code = "sql_error", .reason = done.error().message()});
    ++at;
    if (found.records.size() == limit) {
      if (at < range.size()) found.end = range.at(at).id;
      break;
    }
    piece = 1;
  }
  return found;
}

}  // namespace st::worker::transform
