// The settings of topics as Kafka names them: what a client may set, what holds, and how it is
// told.
//
// The log keeps the values that were set, as CheckSetting gives them. A value that would mean what
// is not done here is refused with the reason.
//
// Threads: pure functions.
// Source:  Kafka 4.1, "Topic-Level Configs".
#pragma once

#include <cstdint>
#include <expected>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "format/kafka/alter_configs.h"
#include "format/kafka/describe_configs.h"
#include "format/kafka/error_code.h"
#include "log/log_contents.h"
#include "log/retention.h"

namespace st::api {

inline constexpr std::int64_t kDefaultMaxMessageBytes = 1'048'588;
inline constexpr std::int64_t kDefaultTimestampAfterMaxMs = 3'600'000;

// The settings that decide how batches of clients are taken.
struct TopicPolicy {
  std::int64_t max_message_bytes = kDefaultMaxMessageBytes;  // of a whole batch
  bool is_log_append_time = false;
  // How far a record's time may be before and after the server's.
  std::int64_t timestamp_before_max_ms = std::numeric_limits<std::int64_t>::max();
  std::int64_t timestamp_after_max_ms = kDefaultTimestampAfterMaxMs;
};
TopicPolicy PolicyOf(const log::TopicInfo& topic);
log::RetentionPolicy RetentionOf(const log::TopicInfo& topic);

struct SettingRefusal {
  kafka::ErrorCode error = kafka::ErrorCode::kInvalidConfig;
  std::string message;
};
// The value as it is kept and told; or why it cannot be set.
std::expected<std::string, SettingRefusal> CheckSetting(std::string_view name,
                                                        std::string_view value);
// What a topic that has `now` has after an alteration.
std::expected<log::TopicSettings, SettingRefusal> AlterSettings(
    const log::TopicSettings& now, const std::vector<kafka::AlteredSetting>& changes,
    bool is_incremental);
// All settings, by name, of a topic that has set these; nullptr: none.
std::vector<kafka::DescribedSetting> DescribeSettings(const log::TopicSettings* set);

}  // namespace st::api
