#include "app/topic_operations.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "api/kafka/topic_settings.h"
#include "app/await.h"
#include "app/partition_description.h"
#include "app/topic_uses.h"
#include "base/text.h"
#include "format/kafka/alter_configs.h"
#include "log/log.h"

namespace st::app {
namespace {

using Json = nlohmann::json;
using kafka::SettingOperation;

// What is kept for the server's own topics is not for what a person asks for.
constexpr log::Origin kByAPerson{.is_server = false};

struct Setting {
  std::string value;
  bool is_set = false;
};
using Settings = std::map<std::string, Setting>;

// All settings of a topic that has set these.
Settings SettingsOf(const log::TopicSettings* set) {
  Settings settings;
  for (auto& one : api::DescribeSettings(set)) {
    settings[one.name] = {.value = std::move(one.value),
                          .is_set = one.source == kafka::SettingSource::kTopic};
  }
  return settings;
}

// The changes that an alteration names; they view its texts.
class Changes {
 public:
  static Result<Changes> Read(const Json& arguments) {
    Changes changes;
    const auto set = arguments.value("set", Json::object());
    for (const auto& [key, value] : set.items()) {
      changes.texts_.emplace_back(key, value.get<std::string>());
    }
    for (const auto& key : arguments.value("unset", Json::array())) {
      changes.texts_.emplace_back(key.get<std::string>(), std::nullopt);
    }
    for (const auto& [key, value] : changes.texts_) ST_TRY_STATUS(CheckKey(key));
    return changes;
  }

  bool empty() const { return texts_.empty(); }
  const auto& texts() const { return texts_; }

  Result<log::TopicSettings> ApplyTo(const log::TopicSettings& now) const {
    std::vector<kafka::AlteredSetting> altered;
    for (const auto& [key, value] : texts_) {
      altered.push_back({.name = key,
                         .operation = value ? SettingOperation::kSet : SettingOperation::kDelete,
                         .value = value ? std::optional<std::string_view>(*value) : std::nullopt});
    }
    auto settings = api::AlterSettings(now, altered, /*is_incremental=*/true);
    if (settings) return *std::move(settings);
    return Fail(ErrorCode::kInvalidArgument, "{}", settings.error().message);
  }

 private:
  static Status CheckKey(const std::string& key) {
    std::vector<std::string> known;
    for (const auto& [name, setting] : SettingsOf(nullptr)) known.push_back(name);
    if (std::ranges::count(known, key) > 0) return {};
    const auto nearest = NearestName(key, known);
    return Fail(ErrorCode::kInvalidArgument, "a topic has no setting \"{}\"{}", key,
                nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : "");
  }

  std::vector<std::pair<std::string, std::optional<std::string>>> texts_;  // nullopt: the default
};

}  // namespace

Result<log::TopicInfo> TopicOperations::Find(const std::string& name) const {
  if (auto topic = stores_.log().FindTopic(name)) return *std::move(topic);
  return Fail(ErrorCode::kNotFound, "no topic \"{}\"; `steelthread topic ls` lists them", name);
}

Result<Json> TopicOperations::Describe(const std::string& name) const {
  ST_TRY(const auto topic, Find(name));
  auto settings = Json::array();
  for (const auto& [key, setting] : SettingsOf(topic.settings.get())) {
    settings.push_back({{"name", key}, {"value", setting.value}, {"is_set", setting.is_set}});
  }
  return Json{{"topic", topic.name},
              {"id", topic.id.ToString()},
              {"partitions", DescribePartitions(stores_.log(), topic, record_keeping_.Holds())},
              {"settings", std::move(settings)}};
}

Result<Json> TopicOperations::Alter(const std::string& name, const Json& arguments) const {
  ST_TRY(const auto topic, Find(name));
  ST_TRY_STATUS(CheckMayChange(topic.name));
  ST_TRY(const auto changes, Changes::Read(arguments));
  log::TopicChange change{.only_check = arguments.value("is_dry", false)};
  if (const auto partitions = arguments.find("partitions"); partitions != arguments.end()) {
    // More than a topic can have is refused by the log, with the limit.
    change.partitions = static_cast<std::int32_t>(
        std::clamp<std::int64_t>(partitions->get<std::int64_t>(), 0, INT32_MAX));
  }
  if (!change.partitions && changes.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                "nothing to alter: name partitions, or settings to set or unset");
  }
  // What the settings were, and what they are made.
  const auto settings = std::make_shared<std::pair<Settings, Settings>>();
  if (!changes.empty()) {
    change.settings = [changes, settings](const log::TopicSettings& now) {
      auto made = changes.ApplyTo(now);
      if (made) *settings = {SettingsOf(&now), SettingsOf(&*made)};
      return made;
    };
  }
  ST_TRY(const auto altered, Await<Result<log::TopicInfo>>([&](auto done) {
           stores_.log().ChangeTopic(topic.id, change, kByAPerson, std::move(done));
         }));
  auto moves = Json::array();
  for (const auto& [key, value] : changes.texts()) {
    const auto& to = settings->second[key];
    moves.push_back({{"name", key},
                     {"from", settings->first[key].value},
                     {"to", to.value},
                     {"is_set", to.is_set}});
  }
  return Json{{"topic", topic.name},
              {"partitions", {{"from", topic.partitions}, {"to", altered.partitions}}},
              {"settings", std::move(moves)}};
}

Result<Json> TopicOperations::Delete(const std::string& name, const Json& arguments) const {
  ST_TRY(const auto topic, Find(name));
  const auto served = serving_.now();
  ST_TRY_STATUS(arguments.value("force", false) ? CheckMayChange(topic.name)
                                                : CheckNobodyNeeds(*served, topic.name));
  std::int64_t records = 0;
  for (std::int32_t p = 0; p < topic.partitions; ++p) {
    const TopicPartition tp{topic.id, PartitionId(p)};
    records += stores_.log().EndOffset(tp).value() - stores_.log().StartOffset(tp).value();
  }
  const auto groups = std::ranges::count_if(stores_.groups().List(), [&](const auto& group) {
    return std::ranges::any_of(stores_.groups().OffsetsOf(group.id),
                               [&](const auto& offset) { return offset.first.topic == topic.id; });
  });
  if (!arguments.value("is_dry", false)) {
    ST_TRY_STATUS(
        Await<Status>([&](auto done) { stores_.log().DeleteTopic(topic.id, std::move(done)); }));
  }
  return Json{{"topic", topic.name},
              {"partitions", topic.partitions},
              {"records", records},
              {"groups", groups},
              {"breaks", BrokenByDeletion(*served, topic.name)}};
}

}  // namespace st::app
