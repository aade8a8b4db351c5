#include "stream/losses.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "log/lost_records.h"
#include "stream/flow_tables.h"
#include "stream/known_commit.h"
#include "stream/standing.h"

namespace st::stream {
namespace {

using ViewPtr = std::shared_ptr<const lake::View>;

// The accepted losses of a table: the names of LossName, each followed by a blank.
constexpr const char* kAcceptedProperty = "steelthread.accepted-losses";

// Lsns come again where an older copy of the log is put back, so the time is part of the name.
std::string LossName(const log::LostRecords& one) {
  return fmt::format("{}@{} ", one.lsn, one.repaired_us);
}

bool IsAccepted(const lake::View& table, const log::LostRecords& one) {
  const auto property = table.properties.find(kAcceptedProperty);
  if (property == table.properties.end()) return false;
  return (" " + property->second).contains(" " + LossName(one));
}

struct Loss {
  log::LostRecords records;
  std::string text;
};

// Those that no person accepted.
std::vector<Loss> LossesOf(const log::LocalLog& log, const dialect::spark::Definition& definition,
                           const lake::View& table) {
  std::vector<Loss> losses;
  const auto topics = TopicsOf(log, definition);
  for (const auto& one : log::LostIn(log)) {
    const auto topic = std::ranges::find(topics, one.tp.topic, &log::TopicInfo::id);
    if (topic == topics.end() || IsAccepted(table, one)) continue;
    losses.push_back(
        {one, log::DescribeLost(topic->name, one.tp.partition.value(), one.from, one.to)});
  }
  return losses;
}

}  // namespace

Status CheckLosses(const log::LocalLog& log, const dialect::spark::Definition& definition,
                   const lake::View& table, const FlowProgress& at) {
  std::vector<std::string> unread;
  for (const auto& [records, text] : LossesOf(log, definition, table)) {
    if (records.to > NextOf(at, records.tp, 0)) unread.push_back(text);
  }
  if (unread.empty()) return {};
  constexpr std::size_t kMostNamed = 5;
  const auto named = std::min(unread.size(), kMostNamed);
  return Fail(ErrorCode::kInvalidArgument,
              "the log lost records that were not read yet, as its repair says: {}{}; bring back "
              "the log from a copy that has them, or go on without them by `steelthread pipeline "
              "accept {}`",
              fmt::join(unread.begin(), unread.begin() + static_cast<std::ptrdiff_t>(named), ", "),
              unread.size() > named ? fmt::format(" and {} more", unread.size() - named) : "",
              definition.name);
}

Result<std::vector<std::string>> AcceptLosses(const Dependencies& to,
                                              const dialect::spark::Definition& definition) {
  ST_TRY(const auto table, OpenTable(to, definition));
  ST_TRY_STATUS(ReadProgress(to.log, definition, *table));
  std::vector<std::string> accepted;
  const auto losses = LossesOf(to.log, definition, *table);
  if (losses.empty()) return accepted;
  const auto attempt = [&](const ViewPtr& now) -> Result<Tried> {
    std::string names;
    const auto before = now->properties.find(kAcceptedProperty);
    if (before != now->properties.end()) names = before->second;
    bool is_changed = false;
    for (const auto& [records, text] : losses) {
      if (IsAccepted(*now, records) || (" " + names).contains(" " + LossName(records))) continue;
      names += LossName(records);
      is_changed = true;
    }
    if (!is_changed) return Tried{now};
    lake::Append accept{.table = table->name, .expected_version = now->version};
    accept.properties = {{kAcceptedProperty, names}};
    return Tried{to.lake.Commit(accept)};
  };
  ST_TRY_STATUS(CommitUntilKnown(to.lake, table->name, attempt));
  for (const auto& loss : losses) accepted.push_back(loss.text);
  return accepted;
}

}  // namespace st::stream
