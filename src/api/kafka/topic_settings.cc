#include "api/kafka/topic_settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "base/text.h"
#include "format/kafka/limits.h"
#include "log/limits.h"

namespace st::api {

using kafka::DescribedSetting;
using kafka::ErrorCode;
using kafka::SettingOperation;
using kafka::SettingSource;
using kafka::SettingType;

namespace {

constexpr std::int64_t kNoLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kNoMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMaxInt = std::numeric_limits<std::int32_t>::max();

struct Row {
  std::string_view name;
  SettingType type = SettingType::kString;
  std::string_view value;   // that holds where none is set
  std::string_view broker;  // the broker's setting that gives it; "": none
  std::int64_t least = kNoLeast;
  std::int64_t most = kNoMost;
  std::string_view choices = "";  // of a text or a list, separated by ", "
  SettingSource source = SettingSource::kDefault;
};

constexpr std::string_view kLargest = "9223372036854775807";

// By name. The broker's own are what holds here and is not Kafka's default.
constexpr std::array kRows = {
    Row{.name = "cleanup.policy",
        .type = SettingType::kList,
        .value = "delete",
        .broker = "log.cleanup.policy",
        .choices = "compact, delete"},
    Row{"compression.gzip.level", SettingType::kInt, "-1", "compression.gzip.level", -1, 9},
    Row{"compression.lz4.level", SettingType::kInt, "9", "compression.lz4.level", 1, 17},
    Row{.name = "compression.type",
        .value = "producer",
        .broker = "compression.type",
        .choices = "uncompressed, zstd, lz4, snappy, gzip, producer"},
    Row{"compression.zstd.level", SettingType::kInt, "3", "compression.zstd.level", -131'072, 22},
    Row{"delete.retention.ms", SettingType::kLong, "86400000", "log.cleaner.delete.retention.ms",
        0},
    Row{"file.delete.delay.ms", SettingType::kLong, "60000", "log.segment.delete.delay.ms", 0},
    Row{"flush.messages", SettingType::kLong, kLargest, "log.flush.interval.messages", 1},
    Row{"flush.ms", SettingType::kLong, kLargest, "", 0},
    Row{"follower.replication.throttled.replicas", SettingType::kList, "", ""},
    Row{"index.interval.bytes", SettingType::kInt, "4096", "log.index.interval.bytes", 0},
    Row{"leader.replication.throttled.replicas", SettingType::kList, "", ""},
    Row{"local.retention.bytes", SettingType::kLong, "-2", "log.local.retention.bytes", -2},
    Row{"local.retention.ms", SettingType::kLong, "-2", "log.local.retention.ms", -2},
    Row{"max.compaction.lag.ms", SettingType::kLong, kLargest, "log.cleaner.max.compaction.lag.ms",
        1},
    Row{"max.message.bytes", SettingType::kInt, "1048588", "message.max.bytes", 0},
    Row{"message.timestamp.after.max.ms", SettingType::kLong, "3600000",
        "log.message.timestamp.after.max.ms", 0},
    Row{"message.timestamp.before.max.ms", SettingType::kLong, kLargest,
        "log.message.timestamp.before.max.ms", 0},
    Row{.name = "message.timestamp.type",
        .value = "CreateTime",
        .broker = "log.message.timestamp.type",
        .choices = "CreateTime, LogAppendTime"},
    Row{"min.cleanable.dirty.ratio", SettingType::kDouble, "0.5", "log.cleaner.min.cleanable.ratio",
        0, 1},
    Row{"min.compaction.lag.ms", SettingType::kLong, "0", "log.cleaner.min.compaction.lag.ms", 0},
    Row{.name = "min.insync.replicas",
        .type = SettingType::kInt,
        .value = "1",
        .broker = "min.insync.replicas",
        .least = 1,
        .source = SettingSource::kDefaultBroker},
    Row{"preallocate", SettingType::kBoolean, "false", "log.preallocate"},
    Row{"remote.log.copy.disable", SettingType::kBoolean, "false", ""},
    Row{"remote.log.delete.on.disable", SettingType::kBoolean, "false", ""},
    Row{"remote.storage.enable", SettingType::kBoolean, "false", ""},
    Row{"retention.bytes", SettingType::kLong, "-1", "log.retention.bytes"},
    Row{.name = "retention.ms",
        .type = SettingType::kLong,
        .value = "-1",
        .least = -1,
        .source = SettingSource::kBroker},
    Row{"segment.bytes", SettingType::kInt, "1073741824", "log.segment.bytes", 1 << 20},
    Row{"segment.index.bytes", SettingType::kInt, "10485760", "log.index.size.max.bytes", 4},
    Row{"segment.jitter.ms", SettingType::kLong, "0", "", 0},
    Row{"segment.ms", SettingType::kLong, "604800000", "", 1},
    Row{"unclean.leader.election.enable", SettingType::kBoolean, "false",
        "unclean.leader.election.enable"}};
static_assert(std::ranges::is_sorted(kRows, {}, &Row::name));

const Row* FindRow(std::string_view name) {
  const auto row = std::ranges::lower_bound(kRows, name, {}, &Row::name);
  return row == kRows.end() || row->name != name ? nullptr : &*row;
}

using Checked = std::expected<std::string, SettingRefusal>;

std::unexpected<SettingRefusal> Refuse(std::string message,
                                       ErrorCode error = ErrorCode::kInvalidConfig) {
  return std::unexpected(SettingRefusal{error, std::move(message)});
}

std::unexpected<SettingRefusal> Invalid(const Row& row, std::string_view value,
                                        std::string_view why) {
  return Refuse(fmt::format("Invalid value {} for configuration {}: {}", value, row.name, why));
}

std::vector<std::string_view> ItemsOf(std::string_view list) {
  std::vector<std::string_view> items;
  if (Trim(list).empty()) return items;
  for (const auto item : Split(list, ',')) items.push_back(Trim(item));
  return items;
}

Checked CheckRange(const Row& row, double number, std::string text) {
  if (number < static_cast<double>(row.least)) {
    return Invalid(row, text, fmt::format("Value must be at least {}", row.least));
  }
  if (number > static_cast<double>(row.most)) {
    return Invalid(row, text, fmt::format("Value must be no more than {}", row.most));
  }
  return text;
}

Checked CheckNumber(const Row& row, std::string_view value) {
  auto digits = value;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  const auto number = ParseInt64(digits);
  const bool is_int = row.type == SettingType::kInt;
  if (!number || (is_int && (*number > kMaxInt || *number < -kMaxInt - 1))) {
    return Invalid(row, value, is_int ? "Not a number of type INT" : "Not a number of type LONG");
  }
  return CheckRange(row, static_cast<double>(*number), std::to_string(*number));
}

Checked CheckDouble(const Row& row, std::string_view value) {
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size()) {
    return Invalid(row, value, "Not a number of type DOUBLE");
  }
  auto text = fmt::format("{}", number);
  if (text.find_first_not_of("-0123456789") == text.npos) text += ".0";
  return CheckRange(row, number, std::move(text));
}

Checked CheckBoolean(const Row& row, std::string_view value) {
  const auto lower = AsciiLower(value);
  if (lower == "true" || lower == "false") return lower;
  return Invalid(row, value, "Expected value to be either true or false");
}

bool IsReplica(std::string_view item) {
  const auto colon = item.find(':');
  const auto is_digits = [](std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
  };
  return item.empty() || (colon != item.npos && is_digits(item.substr(0, colon)) &&
                          is_digits(item.substr(colon + 1)));
}

Checked CheckList(const Row& row, std::string_view value) {
  const auto items = ItemsOf(value);
  if (row.choices.empty()) {
    if (value == "*" || std::ranges::all_of(items, IsReplica)) {
      return fmt::format("{}", fmt::join(items, ","));
    }
    return Invalid(row, fmt::format("[{}]", fmt::join(items, ", ")),
                   fmt::format("{} must be the literal '*' or a list of replicas in the following "
                               "format: [partitionId]:[brokerId],[partitionId]:[brokerId],...",
                               row.name));
  }
  const auto choices = ItemsOf(row.choices);
  for (const auto item : items) {
    if (std::ranges::count(choices, item) > 0) continue;
    return Invalid(row, item, fmt::format("String must be one of: {}", row.choices));
  }
  return fmt::format("{}", fmt::join(items, ","));
}

Checked CheckText(const Row& row, std::string_view value) {
  if (std::ranges::count(ItemsOf(row.choices), value) > 0) return std::string(value);
  return Invalid(row, value, fmt::format("String must be one of: {}", row.choices));
}

Checked CheckType(const Row& row, std::string_view value) {
  switch (row.type) {
    case SettingType::kBoolean:
      return CheckBoolean(row, value);
    case SettingType::kString:
      return CheckText(row, value);
    case SettingType::kInt:
    case SettingType::kLong:
      return CheckNumber(row, value);
    case SettingType::kDouble:
      return CheckDouble(row, value);
    case SettingType::kList:
      return CheckList(row, value);
    case SettingType::kShort:
    case SettingType::kClass:
    case SettingType::kPassword:
      break;  // no topic has one
  }
  return Invalid(row, value, "no such type");
}

// Why a value that is right is not served; "": it is, or it changes nothing where there is one
// node.
std::string Unserved(std::string_view name, std::string_view value) {
  if (name == "cleanup.policy" && value != "delete") return "only \"delete\": nothing is compacted";
  if (name == "compression.type" && value != "producer") {
    return "only \"producer\": batches are kept as they are sent";
  }
  if (name == "min.insync.replicas" && value != "1") return "only 1: there is one node";
  if (name == "remote.storage.enable" && value != "false") {
    return "only \"false\": there is no remote storage";
  }
  if (name == "compression.gzip.level" && value == "0") return "Value must be -1, or 1 to 9";
  if (name == "max.message.bytes" &&
      ParseInt64(value).value_or(0) > static_cast<std::int64_t>(log::kMaxBatchBytes)) {
    return fmt::format("at most {}: no batch is larger here", log::kMaxBatchBytes);
  }
  return "";
}

// The value with what is to be added to it or removed from it.
Checked Merged(const Row& row, std::string_view now, const kafka::AlteredSetting& change) {
  const bool adds = change.operation == SettingOperation::kAppend;
  if (row.type != SettingType::kList) {
    return Refuse(fmt::format("Can't {} to key {} because its type is not LIST.",
                              adds ? "APPEND" : "SUBTRACT", row.name));
  }
  auto items = ItemsOf(now);
  for (const auto item : ItemsOf(*change.value)) {
    if (!adds) std::erase(items, item);
    if (adds && std::ranges::count(items, item) == 0) items.push_back(item);
  }
  return fmt::format("{}", fmt::join(items, ","));
}

std::int64_t NumberOf(const log::TopicSettings& settings, std::string_view name,
                      std::int64_t otherwise) {
  const auto found = settings.find(name);
  return found == settings.end() ? otherwise : ParseInt64(found->second).value_or(otherwise);
}

}  // namespace

TopicPolicy PolicyOf(const log::TopicInfo& topic) {
  TopicPolicy policy;
  if (topic.settings == nullptr) return policy;
  const auto& settings = *topic.settings;
  policy.max_message_bytes = NumberOf(settings, "max.message.bytes", policy.max_message_bytes);
  const auto type = settings.find("message.timestamp.type");
  policy.is_log_append_time = type != settings.end() && type->second == "LogAppendTime";
  policy.timestamp_before_max_ms =
      NumberOf(settings, "message.timestamp.before.max.ms", policy.timestamp_before_max_ms);
  policy.timestamp_after_max_ms =
      NumberOf(settings, "message.timestamp.after.max.ms", policy.timestamp_after_max_ms);
  return policy;
}

log::RetentionPolicy RetentionOf(const log::TopicInfo& topic) {
  log::RetentionPolicy policy;
  if (topic.settings == nullptr) return policy;
  const auto age_ms = NumberOf(*topic.settings, "retention.ms", -1);
  const auto bytes = NumberOf(*topic.settings, "retention.bytes", -1);
  if (age_ms >= 0) policy.max_age_ms = age_ms;
  if (bytes >= 0) policy.max_bytes = static_cast<std::uint64_t>(bytes);
  return policy;
}

std::expected<std::string, SettingRefusal> CheckSetting(std::string_view name,
                                                        std::string_view value) {
  const Row* const row = FindRow(name);
  if (row == nullptr) {
    return Refuse(
        fmt::format("Unknown topic config name: {}", name.substr(0, kafka::kMaxTopicNameBytes)));
  }
  if (value.size() > log::kMaxTopicSettingsBytes) {
    return Refuse(fmt::format("{}: a value of {} bytes; the settings of a topic have at most {}",
                              name, value.size(), log::kMaxTopicSettingsBytes));
  }
  auto checked = CheckType(*row, Trim(value));
  if (!checked) return checked;
  const auto why = Unserved(name, *checked);
  if (!why.empty()) return Invalid(*row, *checked, why);
  return checked;
}

std::expected<log::TopicSettings, SettingRefusal> AlterSettings(
    const log::TopicSettings& now, const std::vector<kafka::AlteredSetting>& changes,
    bool is_incremental) {
  std::set<std::string_view> names;
  for (const auto& change : changes) {
    if (names.insert(change.name).second) continue;
    return Refuse("Error due to duplicate config keys", ErrorCode::kInvalidRequest);
  }
  auto settings = is_incremental ? now : log::TopicSettings();
  for (const auto& change : changes) {
    if (change.operation < SettingOperation::kSet ||
        change.operation > SettingOperation::kSubtract) {
      return Refuse("", ErrorCode::kUnknownServerError);  // as Kafka
    }
    const std::string name(change.name);
    if (change.operation == SettingOperation::kDelete) {
      settings.erase(name);
      continue;
    }
    if (!change.value) {
      return Refuse(fmt::format("Null value not supported for : {}",
                                name.substr(0, kafka::kMaxTopicNameBytes)),
                    ErrorCode::kInvalidRequest);
    }
    auto value = Checked(std::string(*change.value));
    const Row* const row = FindRow(name);
    if (row != nullptr && change.operation != SettingOperation::kSet) {
      const auto set = settings.find(name);
      value = Merged(*row, set == settings.end() ? row->value : set->second, change);
      if (!value) return std::unexpected(value.error());
    }
    value = CheckSetting(name, *value);
    if (!value) return std::unexpected(value.error());
    settings[name] = *std::move(value);
  }
  return settings;
}

std::vector<kafka::DescribedSetting> DescribeSettings(const log::TopicSettings* set) {
  std::vector<DescribedSetting> described;
  for (const auto& row : kRows) {
    DescribedSetting setting{.name = std::string(row.name),
                             .value = std::string(row.value),
                             .type = row.type,
                             .source = row.source};
    const auto found = set == nullptr ? log::TopicSettings::const_iterator() : set->find(row.name);
    if (set != nullptr && found != set->end()) {
      setting.value = found->second;
      setting.source = SettingSource::kTopic;
      setting.synonyms.push_back({setting.name, setting.value, SettingSource::kTopic});
    }
    const std::string broker(row.broker);
    if (!broker.empty()) setting.synonyms.push_back({broker, std::string(row.value), row.source});
    if (row.source == SettingSource::kDefaultBroker) {
      setting.synonyms.push_back({broker, std::string(row.value), SettingSource::kDefault});
    }
    described.push_back(std::move(setting));
  }
  return described;
}

}  // namespace st::api
