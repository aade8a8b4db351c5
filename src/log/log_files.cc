#include "log/log_files.h"

#include "log/segment_writer.h"

namespace st::log {

Result<std::unique_ptr<LogFiles>> LogFiles::Read(os::FileSystem& fs, const std::string& dir,
                                                 const Records& wanted, const DumpVisitor& visit) {
  auto files = std::unique_ptr<LogFiles>(new LogFiles(fs));
  ST_TRY(const bool exists, fs.Exists(dir));
  if (!exists) return files;
  Status applied;  // damage makes later entries contradict the state
  const auto apply = [&](const std::string& file, std::uint64_t position, const EntryHeader& entry,
                         std::string_view topic, std::string_view payload) {
    if (applied) {
      applied = files->Apply(wanted, entry, payload);
      if (!applied) {
        applied = std::unexpected(
            applied.error().WithContext(fmt::format("{}: byte {}", file, position)));
      }
    }
    visit(file, position, entry, topic, payload);
  };
  ST_TRY(const auto report, VerifyLog(fs, dir, apply));
  for (const auto& finding : report.findings) {
    if (!finding.is_damage) continue;
    return Fail(ErrorCode::kCorruption, "{}: byte {}: {}; `steelthread log verify` lists all",
                finding.file, finding.position, finding.reason);
  }
  ST_TRY_STATUS(applied);
  files->id_ = report.log_id;
  files->end_ = report.last_segment;
  return files;
}

Status LogFiles::Apply(const Records& wanted, const EntryHeader& entry, std::string_view payload) {
  ST_TRY_STATUS(state_.Apply(entry, payload));
  if (!HoldsBatch(entry.type)) return {};
  const TopicPartition tp{.topic = entry.topic, .partition = PartitionId(entry.partition)};
  const auto offsets = wanted.find(tp);
  if (offsets == wanted.end()) return {};
  const std::int64_t end = entry.base_offset + entry.records;
  for (auto at = offsets->second.lower_bound(entry.base_offset);
       at != offsets->second.end() && *at < end; ++at) {
    ST_TRY(const auto stored, ReadStoredBatch(entry, payload));
    crcs_[tp][*at] = stored.identity.crc;
  }
  return {};
}

std::vector<TopicInfo> LogFiles::Topics() const {
  std::map<std::string, TopicInfo> by_name;
  for (const auto& [id, topic] : state_.topics().all()) by_name[topic.info.name] = topic.info;
  std::vector<TopicInfo> topics;
  for (const auto& [name, info] : by_name) topics.push_back(info);
  return topics;
}

std::optional<TopicInfo> LogFiles::FindTopic(const std::string& name) const {
  const auto* topic = state_.topics().FindByName(name);
  return topic == nullptr ? std::nullopt : std::optional(topic->info);
}

std::optional<TopicInfo> LogFiles::FindTopic(TopicId id) const {
  const auto* topic = state_.topics().Find(id);
  return topic == nullptr ? std::nullopt : std::optional(topic->info);
}

OffsetRange LogFiles::RangeOf(TopicPartition tp) const {
  const auto* range = state_.topics().Range(tp);
  return range == nullptr ? OffsetRange() : *range;
}

Result<std::uint32_t> LogFiles::EntryCrc(TopicPartition tp, Offset at) const {
  if (const auto of = crcs_.find(tp); of != crcs_.end()) {
    if (const auto crc = of->second.find(at.value()); crc != of->second.end()) return crc->second;
  }
  const auto [start, end] = RangeOf(tp);
  if (at.value() >= start && at.value() < end) {
    return Fail(ErrorCode::kNotFound, "the record of offset {} is lost", at);
  }
  return Fail(ErrorCode::kInvalidArgument, "no record has offset {}", at);
}

Status LogFiles::CheckRoom(const LogOptions& options,
                           std::span<const std::uint64_t> payload_bytes) const {
  if (end_.sequence > 0 && payload_bytes.empty()) return {};
  LogOptions at = options;
  if (end_.sequence == 0) {
    ST_TRY(at.dir, os::NearestFolder(fs_, options.dir));
  }
  SegmentWriter writer(fs_, at);
  if (end_.sequence > 0) ST_TRY_STATUS(writer.Resume(end_));
  std::uint64_t bytes = EntryBound(options.program.size());  // the epoch of the opening
  for (const auto payload : payload_bytes) bytes += EntryBound(payload);
  return writer.CheckRoom(bytes);
}

}  // namespace st::log
