#include "jobs/transform_codec.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/ascii.h"
#include "jobs/file_codec.h"
#include "jobs/json.h"
#include "jobs/limits.h"

namespace st::jobs {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kLogSegments = "log_segments";

std::unexpected<Error> NotUnderstood(std::string_view what) {
  return Fail(ErrorCode::kUnsupported,
              "the message's {} is not understood: are steelthread and steelthread-sql of one "
              "version?",
              what);
}

bool IsArrayOf(const Json& json, std::size_t size) {
  return json.is_array() && json.size() == size;
}

template <typename T>
bool IsIn(const Json& json) {
  if (!json.is_number_integer()) return false;
  if (json.is_number_unsigned()) return std::in_range<T>(json.get<std::uint64_t>());
  return std::in_range<T>(json.get<std::int64_t>());
}

Json OffsetsToJson(const LogSegments& source) {
  Json all = Json::array();
  for (const auto& [tp, range] : source.range.offsets) {
    const auto topic = std::ranges::find(source.topics, tp.topic, &SourceTopic::id);
    all.push_back({topic - source.topics.begin(), tp.partition.value(), range.from.value(),
                   range.to.value()});
  }
  return all;
}

Json ToJson(const LogSegments& source) {
  const LsnRange lsns = source.range.lsns.value_or(LsnRange());
  return {{"kind", kLogSegments},
          {"lsns", {lsns.from.value(), lsns.to.value()}},
          {"topics", ArrayOf(source.topics,
                             [](const SourceTopic& topic) {
                               return Json::array({topic.id.ToString(), topic.name});
                             })},
          {"offsets", OffsetsToJson(source)},
          {"files", source.files},
          {"extents", ArrayOf(source.extents, [](const LogSegments::Extent& extent) {
             return Json::array({extent.file, extent.position, extent.length});
           })}};
}

Result<OffsetRanges> OffsetsFrom(const Json& json, const std::vector<SourceTopic>& topics) {
  OffsetRanges offsets;
  if (!json.is_array()) return NotUnderstood("offsets");
  for (const auto& one : json) {
    const bool is_whole = IsArrayOf(one, 4) && IsIn<std::uint32_t>(one[0]) &&
                          IsIn<std::int32_t>(one[1]) && IsIn<std::int64_t>(one[2]) &&
                          IsIn<std::int64_t>(one[3]);
    if (!is_whole || one[0].get<std::size_t>() >= topics.size()) return NotUnderstood("offsets");
    offsets[{.topic = topics[one[0].get<std::size_t>()].id,
             .partition = PartitionId(one[1].get<std::int32_t>())}] = {
        .from = Offset(one[2].get<std::int64_t>()), .to = Offset(one[3].get<std::int64_t>())};
  }
  return offsets;
}

Result<std::vector<SourceTopic>> TopicsFrom(const Json& json) {
  std::vector<SourceTopic> topics;
  if (!json.is_array()) return NotUnderstood("topics");
  for (const auto& one : json) {
    const bool is_pair = IsArrayOf(one, 2) && one[0].is_string() && one[1].is_string();
    const auto id = is_pair ? Uuid::Parse(one[0].get<std::string>()) : std::nullopt;
    if (!id) return NotUnderstood("topics");
    topics.push_back({.id = TopicId(*id), .name = one[1].get<std::string>()});
  }
  return topics;
}

Result<LogSegments> LogSegmentsFrom(const Json& json) {
  LogSegments source;
  const Json& lsns = ValueAt(json, "lsns");
  if (!IsArrayOf(lsns, 2) || !IsIn<std::uint64_t>(lsns[0]) || !IsIn<std::uint64_t>(lsns[1])) {
    return NotUnderstood("lsns");
  }
  source.range.lsns =
      LsnRange{.from = Lsn(lsns[0].get<std::uint64_t>()), .to = Lsn(lsns[1].get<std::uint64_t>())};
  ST_TRY(source.topics, TopicsFrom(ValueAt(json, "topics")));
  ST_TRY(source.range.offsets, OffsetsFrom(ValueAt(json, "offsets"), source.topics));
  const Json& files = ValueAt(json, "files");
  source.files = StringsFrom(files);
  if (!files.is_array() || files.size() != source.files.size()) return NotUnderstood("files");
  const Json& extents = ValueAt(json, "extents");
  if (!extents.is_array()) return NotUnderstood("extents");
  source.extents.reserve(extents.size());
  for (const auto& one : extents) {
    const bool is_whole = IsArrayOf(one, 3) && IsIn<std::uint32_t>(one[0]) &&
                          IsIn<std::uint64_t>(one[1]) && IsIn<std::uint32_t>(one[2]);
    if (!is_whole || one[0].get<std::size_t>() >= source.files.size()) {
      return NotUnderstood("extents");
    }
    source.extents.push_back({.file = one[0].get<std::uint32_t>(),
                              .position = one[1].get<std::uint64_t>(),
                              .length = one[2].get<std::uint32_t>()});
  }
  return source;
}

Json SourcesToJson(const std::vector<Source>& sources) {
  return ArrayOf(sources, [](const Source& source) {
    return std::visit([](const auto& one) { return ToJson(one); }, source);
  });
}

Result<std::vector<Source>> SourcesFrom(const Json& json) {
  std::vector<Source> sources;
  if (!json.is_array()) return NotUnderstood("list of sources");
  for (const auto& one : json) {
    const std::string kind = StringAt(one, "kind");
    if (kind != kLogSegments) return NotUnderstood(fmt::format("source of kind '{}'", kind));
    ST_TRY(auto source, LogSegmentsFrom(one));
    sources.emplace_back(std::move(source));
  }
  return sources;
}

Json ToJson(const RecordId& id) {
  return Json::array({id.tp.topic.ToString(), id.tp.partition.value(), id.offset.value()});
}

std::optional<RecordId> RecordIdFrom(const Json& json) {
  if (!IsArrayOf(json, 3) || !json[0].is_string() || !IsIn<std::int32_t>(json[1]) ||
      !IsIn<std::int64_t>(json[2])) {
    return std::nullopt;
  }
  const auto topic = Uuid::Parse(json[0].get<std::string>());
  if (!topic) return std::nullopt;
  return RecordId{
      .tp = {.topic = TopicId(*topic), .partition = PartitionId(json[1].get<std::int32_t>())},
      .offset = Offset(json[2].get<std::int64_t>())};
}

Json DeadToJson(const std::vector<DeadRecord>& dead) {
  return ArrayOf(dead, [](const DeadRecord& one) {
    return Json::array({ToJson(one.id), one.code, one.reason});
  });
}

Result<std::vector<DeadRecord>> DeadFrom(const Json& json) {
  std::vector<DeadRecord> dead;
  if (!json.is_array()) return NotUnderstood("list of dead records");
  for (const auto& one : json) {
    const bool is_whole = IsArrayOf(one, 3) && one[1].is_string() && one[2].is_string();
    const auto id = is_whole ? RecordIdFrom(one[0]) : std::nullopt;
    if (!id) return NotUnderstood("list of dead records");
    dead.push_back(
        {.id = *id, .code = one[1].get<std::string>(), .reason = one[2].get<std::string>()});
  }
  return dead;
}

bool IsStateName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxStateNameBytes && ConsistsOf(name, "_-");
}

Json StateToJson(const std::vector<StateFile>& files) {
  return ArrayOf(files, [](const StateFile& file) { return Json::array({file.name, file.path}); });
}

// A missing list means no state files.
Result<std::vector<StateFile>> StateFrom(const Json& json, std::string_view what) {
  std::vector<StateFile> files;
  if (json.is_null()) return files;
  if (!json.is_array() || json.size() > kMaxStateFiles) return NotUnderstood(what);
  std::set<std::string> names;
  for (const auto& one : json) {
    if (!IsArrayOf(one, 2) || !one[0].is_string() || !one[1].is_string()) {
      return NotUnderstood(what);
    }
    StateFile file{.name = one[0].get<std::string>(), .path = one[1].get<std::string>()};
    if (!IsStateName(file.name) || !file.path.starts_with('/') || !names.insert(file.name).second) {
      return NotUnderstood(fmt::format("{}: '{}' at '{}'", what, file.name, file.path));
    }
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace

Json ToJson(const TransformJob& job) {
  return {{"sql", job.sql},
          {"sources", SourcesToJson(job.sources)},
          {"is_json", job.is_json},
          {"require", job.require},
          {"event_rules", job.event_rules},
          {"output_path", job.output_path},
          {"layout", ToJson(job.layout)},
          {"bad_output_path", job.bad_output_path},
          {"pipeline", job.pipeline},
          {"flow", job.flow},
          {"columns", ToJson(job.columns)},
          {"dead", DeadToJson(job.dead)},
          {"state_in", StateToJson(job.state_in)},
          {"state_out", StateToJson(job.state_out)}};
}

Result<TransformJob> TransformJobFrom(const Json& json) {
  TransformJob job;
  job.sql = StringAt(json, "sql");
  ST_TRY(job.sources, SourcesFrom(ValueAt(json, "sources")));
  job.is_json = BoolAt(json, "is_json");
  job.require = StringsFrom(ValueAt(json, "require"));
  job.event_rules = StringAt(json, "event_rules");
  job.output_path = StringAt(json, "output_path");
  const auto layout = LayoutFrom(ValueAt(json, "layout"));
  if (!layout) return NotUnderstood("layout");
  job.layout = *layout;
  job.bad_output_path = StringAt(json, "bad_output_path");
  job.pipeline = StringAt(json, "pipeline");
  job.flow = StringAt(json, "flow");
  job.columns = TableColumnsFrom(ValueAt(json, "columns"));
  ST_TRY(job.dead, DeadFrom(ValueAt(json, "dead")));
  ST_TRY(job.state_in, StateFrom(ValueAt(json, "state_in"), "list of state files to read"));
  ST_TRY(job.state_out, StateFrom(ValueAt(json, "state_out"), "list of state files to write"));
  return job;
}

Json ToJson(const TransformResult& result) {
  Json json = {{"records_read", result.records_read}, {"state_out", StateToJson(result.state_out)}};
  json["outputs"] = ArrayOf(result.outputs, [](const WrittenFile& file) { return ToJson(file); });
  json["has_too_many_partitions"] = result.has_too_many_partitions;
  if (result.bad_output) json["bad_output"] = ToJson(*result.bad_output);
  return json;
}

Result<TransformResult> TransformResultFrom(const Json& json) {
  TransformResult result;
  result.records_read = IntegerAt(json, "records_read");
  ForEach(ValueAt(json, "outputs"),
          [&](const Json& file) { result.outputs.push_back(WrittenFileFrom(file)); });
  result.has_too_many_partitions = BoolAt(json, "has_too_many_partitions");
  if (const Json& bad = ValueAt(json, "bad_output"); bad.is_object()) {
    result.bad_output = WrittenFileFrom(bad);
  }
  ST_TRY(result.state_out, StateFrom(ValueAt(json, "state_out"), "list of written state files"));
  return result;
}

Json ToJson(const FailingRecords& failing) {
  Json json = {{"records", DeadToJson(failing.records)}};
  if (failing.end) json["end"] = ToJson(*failing.end);
  return json;
}

Result<FailingRecords> FailingRecordsFrom(const Json& json) {
  FailingRecords failing;
  ST_TRY(failing.records, DeadFrom(ValueAt(json, "records")));
  if (const Json& end = ValueAt(json, "end"); !end.is_null()) {
    failing.end = RecordIdFrom(end);
    if (!failing.end) return NotUnderstood("end of a search");
  }
  return failing;
}

Json ToJson(const std::vector<ColumnInfo>& columns) {
  return ArrayOf(columns, [](const ColumnInfo& c) { return Json::array({c.name, c.duckdb_type}); });
}

std::vector<ColumnInfo> ColumnInfosFrom(const Json& json) {
  std::vector<ColumnInfo> columns;
  ForEach(json, [&](const Json& c) {
    if (IsArrayOf(c, 2) && c[0].is_string() && c[1].is_string()) {
      columns.push_back({c[0].get<std::string>(), c[1].get<std::string>()});
    }
  });
  return columns;
}

}  // namespace st::jobs
