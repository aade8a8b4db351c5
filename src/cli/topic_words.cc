#include "cli/topic_words.h"

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "api/kafka/topic_settings.h"
#include "base/text.h"
#include "cli/command_line.h"
#include "cli/usage.h"
#include "event/timestamp.h"

namespace st::cli {
namespace {

constexpr std::int32_t kMostPartition = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kMostRecords = std::numeric_limits<std::int64_t>::max();

// The keys of a topic's settings, each with `end`.
std::vector<std::string> SettingKeys(const std::string& end) {
  std::vector<std::string> keys;
  for (const auto& setting : api::DescribeSettings(nullptr)) keys.push_back(setting.name + end);
  return keys;
}

// What `delete-records` takes as the first record that stays.
CLI::Validator IsFirstKept() {
  const auto check = [](std::string& text) {
    const auto offset = ParseInt64(text);
    const bool is_right = offset ? *offset >= 0 : event::ParseTimestamp(text).has_value();
    if (is_right || text == "end") return std::string();
    return fmt::format(
        "\"{}\" is no offset such as 1000, no time such as 2026-11-30T05:40:00Z, and not \"end\"",
        text);
  };
  return CLI::Validator(check, "");
}

}  // namespace

void TopicWords::AddTo(CommandLine& line) {
  auto* topic =
      line.Group("topic", "create, list, change, fill and read topics",
                 {"topic ls", "topic create events --if-not-exists", "topic consume events"});
  AddCreate(line, *topic);
  line.Add(*topic, "ls", "names of all topics", {"topic ls"}, ListTopics)->alias("list");
  auto* describe =
      line.Add(*topic, "describe", "partitions with their offsets, size, times and holds; settings",
               {"topic describe events", "topic describe events --format json"},
               [this](const auto& config) { return DescribeTopic(config, describe_); });
  describe->add_option("name", describe_.name, "the topic")->required();
  line.AddFormat(*describe, describe_.format);
  AddChanges(line, *topic);
  AddRemovals(line, *topic);
  AddProduce(line, *topic);
  AddReading(line, *topic);
}

void TopicWords::AddCreate(CommandLine& line, CLI::App& topic) {
  auto* create =
      line.Add(topic, "create", "make a topic",
               {"topic create events --if-not-exists", "topic create clicks --partitions 4",
                "topic create clicks --set max.message.bytes=100000"},
               [this](const auto& config) { return CreateTopic(config, create_); });
  create->add_option("name", create_.name, "its name")->required();
  create->add_option("--partitions", create_.partitions, "how many (default 1)");
  create->add_option("--replication-factor", create_.replication, "1: there is one node");
  create->add_flag("--if-not-exists", create_.if_not_exists, "no error if it exists");
  line.FreeSet(*create);
  line.Suggest(create->add_option("--set", create_.settings, "key=value, a setting of the topic")
                   ->allow_extra_args(false),
               SettingKeys("="));
}

void TopicWords::AddChanges(CommandLine& line, CLI::App& topic) {
  auto* alter = line.Add(topic, "alter",
                         "give a topic more partitions or other settings, all of it or nothing",
                         {"topic alter clicks --partitions 4",
                          "topic alter clicks --set max.message.bytes=100000 --unset "
                          "message.timestamp.type --dry-run"},
                         [this](const auto& config) { return AlterTopic(config, alter_); });
  alter->add_option("name", alter_.name, "the topic")->required();
  alter->add_option("--partitions", alter_.partitions, "how many in all, more than it has")
      ->check(Between(1, kMostPartition));
  line.FreeSet(*alter);
  line.Suggest(alter->add_option("--set", alter_.set, "key=value, a setting of the topic")
                   ->allow_extra_args(false),
               SettingKeys("="));
  line.Suggest(alter->add_option("--unset", alter_.unset, "key, back to its default")
                   ->allow_extra_args(false),
               SettingKeys(""));
  alter->add_flag("--dry-run", alter_.is_dry, "say what would be, and change nothing");
}

void TopicWords::AddRemovals(CommandLine& line, CLI::App& topic) {
  auto* remove =
      line.Add(topic, "delete", "delete topics, with their records and committed offsets",
               {"topic delete clicks --yes", "topic delete clicks taps --yes --force"},
               [this](const auto& config) { return DeleteTopics(config, delete_); });
  remove->add_option("name", delete_.names, "the topics")->required();
  remove->add_flag("--yes", delete_.is_sure,
                   "without it nothing is changed: it says what would be, with exit code 2");
  remove->add_flag("--force", delete_.force,
                   "also a topic that has an event or that a pipeline reads; says what breaks");
  auto* records =
      line.Add(topic, "delete-records", "delete the oldest records of a topic",
               {"topic delete-records clicks --before 2026-11-30T05:40:00Z",
                "topic delete-records clicks:0 --before 1000 --yes",
                "topic delete-records clicks --partition 1 --before end --yes",
                "topic delete-records clicks --before end --yes --force"},
               [this](const auto& config) { return DeleteRecords(config, delete_records_); });
  records
      ->add_option("name", delete_records_.place,
                   "the topic, or TOPIC:PARTITION; without a partition all of them")
      ->required();
  line.Suggest(records
                   ->add_option("--before", delete_records_.before,
                                "the first record that stays: an offset, a time such as\n"
                                "2026-11-30T05:40:00Z, or end: none stays")
                   ->required()
                   ->check(IsFirstKept()),
               {"end"});
  records->add_option("--partition", delete_records_.partition, "default: all")
      ->check(Between(0, kMostPartition));
  records->add_flag("--yes", delete_records_.is_sure,
                    "without it nothing is changed: it says what would be, with exit code 2");
  records->add_flag("--force", delete_records_.force,
                    "also records that a hold keeps; says what breaks");
}

void TopicWords::AddProduce(CommandLine& line, CLI::App& topic) {
  auto* produce =
      line.Add(topic, "produce", "append the lines of stdin, a record each",
               {"topic produce clicks < lines.txt", "topic produce clicks --key-separator :"},
               [this](const auto& config) { return ProduceLines(config, produce_); });
  produce->add_option("name", produce_.topic, "the topic")->required();
  produce
      ->add_option("--partition", produce_.partition,
                   "default: by the key; without one 256 KiB of lines\n"
                   "to each in turn")
      ->check(Between(0, kMostPartition));
  produce
      ->add_option("--key-separator", produce_.key_separator,
                   "what ends a line's key, which chooses the\n"
                   "partition as Kafka's clients do")
      ->check(NamesA("separator"));
}

void TopicWords::AddReadingWords(CommandLine& line, CLI::App& command, ConsumeOptions& options) {
  command.add_option("name", options.topic, "the topic")->required();
  command.add_option("-p,--partition", options.partition, "default: all")
      ->check(Between(0, kMostPartition));
  line.Suggest(command.add_option("-o,--from", options.from,
                                  fmt::format("beginning, end, an offset, -N: the last N records, "
                                              "or s@TIME: milliseconds\nsince 1970, or a time such "
                                              "as 2026-11-30T05:40:00Z (default {})",
                                              options.from)),
               {"beginning", "end"});
  command.add_option("-c,--max", options.max_records, "stop after so many")
      ->check(Between(std::int64_t{0}, kMostRecords));
  auto* position = command.add_flag("--with-position", options.with_position,
                                    "partition, offset, time in ms and key before each value");
  command
      .add_option("-f,--format-string", options.format,
                  "kcat's: %s value, %S its bytes, %R the same as 4 bytes, %k key,\n"
                  "%K its bytes, %T time in ms, %t topic, %p partition, %o offset,\n"
                  "%h headers, %% a percent sign, \\n \\r \\t \\NNN \\xNN characters\n"
                  "(default %s\\n)")
      ->excludes(position)
      ->check(NamesA("format"));
  command.add_flag_callback(
      "-e", [&options] { options.follow = false; },
      "end at the end, as it is when the command begins");
}

void TopicWords::AddReading(CommandLine& line, CLI::App& topic) {
  auto* consume =
      line.Add(topic, "consume", "print the records up to the end, the value of each on a line",
               {"topic consume events", "topic consume events --follow --from end",
                "topic consume events -o -10 -f '%t [%p] %o: %k %s\\n'",
                "topic consume events --from s@2026-11-30T05:40:00Z --max 10 --with-position"},
               [this](const auto& config) { return ConsumeTopic(config, consume_); });
  AddReadingWords(line, *consume, consume_);
  auto* follow = consume->add_flag("--follow", consume_.follow, "wait for more until interrupted");
  consume->get_option("-e")->excludes(follow);
  auto* tail = line.Add(topic, "tail", "print the records that come, until interrupted",
                        {"topic tail events", "topic tail events -o -10 -f '%o %s\\n'"},
                        [this](const auto& config) { return ConsumeTopic(config, tail_); });
  AddReadingWords(line, *tail, tail_);
}

}  // namespace st::cli
