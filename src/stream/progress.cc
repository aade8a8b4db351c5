#include "stream/progress.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.h"

namespace st::stream {
namespace {

using Json = nlohmann::json;

Json EncodeFlow(const FlowProgress& flow) {
  Json topics = Json::object();
  for (const auto& [id, offsets] : flow.topics) {
    Json partitions = Json::object();
    for (const auto& [partition, next] : offsets) {
      Json& at = partitions[fmt::format("{}", partition)];
      at = {{"next", next}, {"replay_from", next}};
      const auto crc = flow.crcs.find({.topic = id, .partition = PartitionId(partition)});
      if (crc != flow.crcs.end()) at["crc"] = crc->second;
    }
    topics[id.ToString()] = std::move(partitions);
  }
  Json json = {{"topics", std::move(topics)}, {"watermark", nullptr}};
  if (flow.dead_letters != 0) json["dead_letters"] = flow.dead_letters;
  if (flow.timeline != 0) json["timeline"] = flow.timeline;
  if (!flow.made_by.empty()) json["made_by"] = flow.made_by;
  if (!flow.failing.empty()) {
    Json failing = Json::array();
    for (const auto& one : flow.failing) {
      Json& verdict = failing.emplace_back();
      verdict = {{"partition", one.id.tp.partition.value()},
                 {"offset", one.id.offset.value()},
                 {"code", one.code},
                 {"reason", one.reason}};
      if (flow.topics.size() > 1) verdict["topic"] = one.id.tp.topic.ToString();
    }
    json["judged"] = std::move(failing);
  }
  return json;
}

std::unexpected<Error> Wrong(std::string_view what) {
  return Fail(ErrorCode::kCorruption, "property {} is damaged: {}", kOffsetsProperty, what);
}

Status DecodePartitions(const Json& json, TopicId topic, FlowProgress& flow) {
  PartitionOffsets& offsets = flow.topics[topic];
  if (!json.is_object()) return Wrong("a topic's partitions");
  for (const auto& [key, value] : json.items()) {
    const auto partition = ParseInt64(key);
    const auto next = value.is_object() ? value.find("next") : value.end();
    if (!partition || *partition < 0 || *partition > INT32_MAX || next == value.end() ||
        !next->is_number_integer() || next->get<std::int64_t>() < 0) {
      return Wrong("partition " + key);
    }
    const auto number = static_cast<std::int32_t>(*partition);
    offsets[number] = next->get<std::int64_t>();
    const auto crc = value.find("crc");
    if (crc == value.end()) continue;
    if (!crc->is_number_unsigned() || crc->get<std::uint64_t>() > UINT32_MAX) {
      return Wrong("crc of partition " + key);
    }
    flow.crcs[{.topic = topic, .partition = PartitionId(number)}] = crc->get<std::uint32_t>();
  }
  return {};
}

// The topic of a dead record. It is written only where the flow has several topics.
std::optional<TopicId> TopicOf(const Json& verdict, const FlowProgress& flow) {
  const auto topic = verdict.find("topic");
  if (topic == verdict.end()) {
    if (flow.topics.size() != 1) return std::nullopt;
    return flow.topics.begin()->first;
  }
  const auto id = topic->is_string() ? Uuid::Parse(topic->get<std::string>()) : std::nullopt;
  if (!id) return std::nullopt;
  return TopicId(*id);
}

Result<jobs::DeadRecord> DecodeFailing(const Json& json, const FlowProgress& flow) {
  if (!json.is_object() || !json.contains("partition") || !json["partition"].is_number_integer() ||
      !json.contains("offset") || !json["offset"].is_number_integer() || !json.contains("code") ||
      !json["code"].is_string() || !json.contains("reason") || !json["reason"].is_string()) {
    return Wrong("a verdict");
  }
  const auto topic = TopicOf(json, flow);
  if (!topic) return Wrong("the topic of a verdict");
  return jobs::DeadRecord{
      .id = {.tp = {.topic = *topic, .partition = PartitionId(json["partition"].get<int>())},
             .offset = Offset(json["offset"].get<std::int64_t>())},
      .code = json["code"].get<std::string>(),
      .reason = json["reason"].get<std::string>()};
}

Result<FlowProgress> DecodeFlow(const Json& json) {
  FlowProgress flow;
  if (!json.is_object() || !json.contains("topics") || !json["topics"].is_object()) {
    return Wrong("a flow without topics");
  }
  for (const auto& [key, value] : json["topics"].items()) {
    const auto id = Uuid::Parse(key);
    if (!id) return Wrong("topic id " + key);
    ST_TRY_STATUS(DecodePartitions(value, TopicId(*id), flow));
  }
  for (const auto& [key, field] : {std::pair("dead_letters", &FlowProgress::dead_letters),
                                   std::pair("timeline", &FlowProgress::timeline)}) {
    const auto count = json.find(key);
    if (count == json.end()) continue;
    if (!count->is_number_integer()) return Wrong(key);
    flow.*field = count->get<std::int64_t>();
  }
  const auto made_by = json.find("made_by");
  if (made_by != json.end()) {
    if (!made_by->is_string()) return Wrong("made_by");
    flow.made_by = made_by->get<std::string>();
  }
  const auto failing = json.find("judged");
  if (failing != json.end()) {
    if (!failing->is_array()) return Wrong("judged");
    for (const auto& one : *failing) {
      ST_TRY(auto verdict, DecodeFailing(one, flow));
      flow.failing.push_back(std::move(verdict));
    }
  }
  return flow;
}

}  // namespace

std::string EncodeProgress(const Progress& progress) {
  Json flows = Json::object();
  for (const auto& [name, flow] : progress.flows) flows[name] = EncodeFlow(flow);
  const Json json = {{"log_id", progress.log_id.ToString()}, {"flows", std::move(flows)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Progress> DecodeProgress(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("log_id") || !json["log_id"].is_string() ||
      !json.contains("flows") || !json["flows"].is_object()) {
    return Wrong("no log_id and flows");
  }
  const auto id = Uuid::Parse(json["log_id"].get<std::string>());
  if (!id) return Wrong("log_id");
  Progress progress{.log_id = *id, .flows = {}};
  for (const auto& [name, flow] : json["flows"].items()) {
    ST_TRY(progress.flows[name], DecodeFlow(flow));
  }
  return progress;
}

}  // namespace st::stream
