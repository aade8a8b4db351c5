#include "project/recorded_state.h"

#include "format/record/record_batch.h"
#include "log/partition_choice.h"

namespace st::project {
namespace {

constexpr std::uint64_t kReadBytes = 4 << 20;
constexpr std::uint64_t kMaxDecodedBytes = 64 << 20;

std::map<std::string, event::Offsets> EndsOf(const log::LogContents& log) {
  std::map<std::string, event::Offsets> all;
  for (const auto& topic : log.Topics()) {
    auto& ends = all[topic.name];
    for (std::int32_t p = 0; p < topic.partitions; ++p) {
      ends[p] = log.EndOffset({.topic = topic.id, .partition = PartitionId(p)}).value();
    }
  }
  return all;
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
  out.topics = EndsOf(log);
  const auto topic = log.FindTopic(kDeclarationsTopic);
  if (!topic) return out;
  const auto tp = log::PartitionOfSequence(*topic);
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

Result<RecordedFiles> ReadRecordedFiles(os::FileSystem& fs, const std::string& log_dir,
                                        const log::LogFiles::Records& wanted,
                                        const log::DumpVisitor& also) {
  RecordedFiles out;
  Status decoded;
  const auto visit = [&](const std::string& file, std::uint64_t position,
                         const log::EntryHeader& entry, std::string_view topic,
                         std::string_view payload) {
    if (also) also(file, position, entry, topic, payload);
    const bool is_versions = entry.type == log::EntryType::kBatch && topic == kDeclarationsTopic;
    if (!is_versions || !decoded) return;
    decoded = AddVersions(payload, fmt::format("{}: the batch at byte {}", file, position),
                          out.state.versions);
  };
  ST_TRY(out.log, log::LogFiles::Read(fs, log_dir, wanted, visit));
  ST_TRY_STATUS(decoded);
  out.state.topics = EndsOf(*out.log);
  return out;
}

}  // namespace st::project
