#include "project/recorded_state.h"

#include "format/record/record_batch.h"
#include "log/verify.h"

namespace st::project {
namespace {

constexpr std::uint64_t kReadBytes = 4 << 20;
constexpr std::uint64_t kMaxDecodedBytes = 64 << 20;

event::Offsets EndsOf(const log::Log& log, const log::TopicInfo& topic) {
  event::Offsets ends;
  for (std::int32_t p = 0; p < topic.partitions; ++p) {
    ends[p] = log.EndOffset({.topic = topic.id, .partition = PartitionId(p)}).value();
  }
  return ends;
}

// Adds the versions of one batch of the topic; `place` names the batch in errors.
Status AddVersions(std::string_view batch, const std::string& place, EventVersions& versions) {
  std::string scratch;
  std::vector<record::Record> records;
  ST_TRY_STATUS(record::DecodeRecords(batch, kMaxDecodedBytes, scratch, records));
  for (const auto& record : records) {
    auto version = event::DecodeVersion(record.value.value_or(""));
    if (!version) {
      return Fail(ErrorCode::kCorruption, "{}, offset {}: the record {}", place, record.offset,
                  version.error().message());
    }
    auto& of_event = versions[version->declaration.name];
    of_event.push_back(std::move(*version));
  }
  return {};
}

}  // namespace

std::vector<std::string> RecordedState::TopicNames() const {
  std::vector<std::string> names;
  for (const auto& [name, ends] : topics) names.push_back(name);
  return names;
}

Result<RecordedState> ReadRecordedState(const log::Log& log) {
  RecordedState out;
  for (const auto& topic : log.Topics()) out.topics[topic.name] = EndsOf(log, topic);
  const auto topic = log.FindTopic(kDeclarationsTopic);
  if (!topic) return out;
  const TopicPartition tp{.topic = topic->id, .partition = PartitionId(0)};
  Offset at = log.StartOffset(tp);
  while (at < log.EndOffset(tp)) {
    ST_TRY(const auto read, log.Read(tp, at, kReadBytes));
    std::string_view left = read.batches;
    while (!left.empty()) {
      ST_TRY(const auto header, record::ParseHeader(left));
      ST_TRY_STATUS(AddVersions(left.substr(0, header.total_bytes()),
                                fmt::format("topic {}", kDeclarationsTopic), out.versions));
      at = Offset(header.base_offset + header.last_offset_delta + 1);
      left.remove_prefix(header.total_bytes());
    }
  }
  return out;
}

Result<RecordedState> ReadRecordedState(os::FileSystem& fs, const std::string& log_dir) {
  RecordedState out;
  ST_TRY(const bool exists, fs.Exists(log_dir));
  if (!exists) return out;
  Status decoded;
  const auto visit = [&](const std::string& file, std::uint64_t position,
                         const log::EntryHeader& entry, std::string_view topic,
                         std::string_view payload) {
    if (entry.type == log::EntryType::kTopic) out.topics[std::string(payload)];
    if (entry.type != log::EntryType::kBatch || topic.empty()) return;
    out.topics[std::string(topic)];
    if (topic != kDeclarationsTopic || !decoded) return;
    decoded =
        AddVersions(payload, fmt::format("{}: the batch at byte {}", file, position), out.versions);
  };
  ST_TRY(const auto report, log::VerifyLog(fs, log_dir, visit));
  ST_TRY_STATUS(decoded);
  for (const auto& finding : report.findings) {
    if (!finding.is_damage) continue;
    return Fail(ErrorCode::kCorruption, "{}: byte {}: {}; `steelthread log verify` lists all",
                finding.file, finding.position, finding.reason);
  }
  return out;
}

}  // namespace st::project
