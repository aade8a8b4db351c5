#include "api/kafka/broker_settings.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "base/text.h"

namespace st::api {

using kafka::DescribedSetting;
using kafka::SettingSource;
using kafka::SettingType;

namespace {

constexpr std::string_view kNull = "\\N";
constexpr std::string_view kTrue = "1";

// Places of the fields in a line.
constexpr std::size_t kName = 0;
constexpr std::size_t kType = 1;
constexpr std::size_t kReadOnly = 2;
constexpr std::size_t kSensitive = 3;
constexpr std::size_t kSource = 4;
constexpr std::size_t kDefault = 5;
constexpr std::size_t kFields = 6;

std::int8_t NumberIn(std::string_view field) {
  const auto number = ParseInt64(field);
  ST_CHECK(number.has_value());
  return static_cast<std::int8_t>(*number);
}

DescribedSetting SettingIn(std::string_view line) {
  const auto fields = Split(line, '\t');
  ST_CHECK(fields.size() == kFields);
  const bool is_null = fields[kDefault] == kNull;
  DescribedSetting setting{.name = std::string(fields[kName]),
                           .value = is_null ? "" : std::string(fields[kDefault]),
                           .type = static_cast<SettingType>(NumberIn(fields[kType])),
                           .source = static_cast<SettingSource>(NumberIn(fields[kSource])),
                           .is_null = is_null,
                           .is_read_only = fields[kReadOnly] == kTrue,
                           .is_sensitive = fields[kSensitive] == kTrue};
  if (is_null) return setting;
  setting.synonyms.push_back({setting.name, setting.value, setting.source});
  if (setting.source != SettingSource::kDefault) {
    setting.synonyms.push_back({setting.name, setting.value, SettingSource::kDefault});
  }
  return setting;
}

}  // namespace

std::vector<DescribedSetting> DescribeBroker(const OwnSettings& own) {
  std::vector<DescribedSetting> settings;
  std::size_t owned = 0;
  auto text = BrokerSettingsText();
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto setting = SettingIn(text.substr(0, end));
    text.remove_prefix(std::min(end, text.size() - 1) + 1);
    const auto ours = own.find(setting.name);
    if (ours != own.end()) ++owned;
    if (ours != own.end() && (setting.is_null || ours->second != setting.value)) {
      setting.value = ours->second;
      setting.source = SettingSource::kBroker;
      setting.is_null = false;
      setting.is_read_only = true;
      setting.synonyms.insert(setting.synonyms.begin(),
                              {setting.name, setting.value, SettingSource::kBroker});
    }
    settings.push_back(std::move(setting));
  }
  ST_CHECK(owned == own.size());
  return settings;
}

std::vector<DescribedSetting> SettingsOfEveryBroker(
    const std::vector<DescribedSetting>& of_broker) {
  std::vector<DescribedSetting> settings;
  for (const auto& setting : of_broker) {
    const auto& synonyms = setting.synonyms;
    const auto found = std::ranges::find(synonyms, SettingSource::kDefaultBroker,
                                         &DescribedSetting::Synonym::source);
    if (found == synonyms.end()) continue;
    auto& of_every = settings.emplace_back(setting);
    of_every.value = found->value;
    of_every.source = SettingSource::kDefaultBroker;
    of_every.synonyms = {*found};
  }
  return settings;
}

}  // namespace st::api
