#include "cli/group_words.h"

#include <cstdint>
#include <limits>
#include <vector>

#include "cli/command_line.h"
#include "cli/usage.h"

namespace st::cli {

void GroupWords::AddTo(CommandLine& line) {
  auto* group =
      line.Group("group", "consumer groups: their committed offsets, lag and members",
                 {"group ls", "group describe shop", "group reset-offsets shop --to-earliest"});
  auto* list = line.Add(*group, "ls", "the groups with their state and lag",
                        {"group ls", "group ls --format json"},
                        [this](const auto& config) { return ListGroups(config, group_); });
  list->alias("list");
  const std::vector<std::string> formats = {"table", "json", "ndjson", "csv", "markdown"};
  line.AddFormat(*list, group_.format, formats);
  auto* describe =
      line.Add(*group, "describe",
               "a group's committed offsets, their lag, and who is assigned which partition",
               {"group describe shop"},
               [this](const auto& config) { return DescribeGroup(config, group_); });
  describe->add_option("name", group_.name, "the group")->required();
  line.AddFormat(*describe, group_.format, formats);
  auto* reset =
      line.Add(*group, "reset-offsets",
               "set the committed offsets of a group without members; may create it",
               {"group reset-offsets shop --to-earliest",
                "group reset-offsets shop --topic events --shift-by -100 --yes"},
               [this](const auto& config) { return ResetOffsets(config, reset_offsets_); });
  reset->add_option("name", reset_offsets_.name, "the group")->required();
  reset
      ->add_option(
          "--topic", reset_offsets_.topic,
          "of all partitions of this topic; without it, of those that the group has offsets of")
      ->check(NamesA("topic"));
  reset->add_flag("--to-earliest", reset_offsets_.to_earliest,
                  "to the first record of each partition");
  reset->add_flag("--to-latest", reset_offsets_.to_latest, "to the end of each partition");
  reset
      ->add_option("--to-offset", reset_offsets_.to_offset,
                   "to this offset, or the nearest one that the partition has")
      ->check(Between<std::int64_t>(0, std::numeric_limits<std::int64_t>::max()));
  reset
      ->add_option(
          "--to-datetime", reset_offsets_.to_datetime,
          "to the first record at or after a time, such as 2026-11-30T05:40:00Z; else to the end")
      ->check(IsTime());
  reset->add_option("--shift-by", reset_offsets_.shift_by,
                    "by so many records, forward or with a minus back, within the partition");
  reset->add_flag("--yes", reset_offsets_.is_sure,
                  "without it nothing is changed: it says what would be, with exit code 2");
  auto* remove =
      line.Add(*group, "delete", "delete a group without members, with its committed offsets",
               {"group delete shop"},
               [this](const auto& config) { return DeleteGroup(config, delete_group_); });
  remove->add_option("name", delete_group_.name, "the group")->required();
}

}  // namespace st::cli
