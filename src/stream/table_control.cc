#include "stream/table_control.h"

#include "stream/flow_tables.h"
#include "stream/known_commit.h"
#include "stream/standing.h"

namespace st::stream {
namespace {

using ViewPtr = std::shared_ptr<const lake::View>;

std::optional<std::string> Reason(const lake::View& table) {
  auto reason = PausedReason(table);
  return reason.empty() ? std::nullopt : std::optional(std::move(reason));
}

}  // namespace

Result<std::optional<std::string>> Pause(const Dependencies& to,
                                         const dialect::spark::Definition& definition,
                                         const std::string& reason) {
  ST_TRY(const auto table, OpenTable(to, definition));
  ST_TRY_STATUS(ReadProgress(to.log, definition, *table));
  if (auto earlier = Reason(*table)) return earlier;
  const auto attempt = [&](const ViewPtr& now) -> Result<Tried> {
    if (Reason(*now)) return Tried{now};
    lake::Append pause{.table = table->name, .expected_version = now->version};
    pause.properties = {{kPausedProperty, reason}};
    return Tried{to.lake.Commit(pause)};
  };
  ST_TRY_STATUS(CommitUntilKnown(to.lake, table->name, attempt));
  return std::nullopt;
}

Result<std::optional<std::string>> Resume(const Dependencies& to,
                                          const dialect::spark::Definition& definition) {
  ST_TRY(const auto table, OpenTable(to, definition));
  ST_TRY_STATUS(ReadProgress(to.log, definition, *table));
  const auto reason = Reason(*table);
  if (!reason) return std::nullopt;
  const auto attempt = [&](const ViewPtr& now) -> Result<Tried> {
    if (!Reason(*now)) return Tried{now};
    lake::Append resume{.table = table->name, .expected_version = now->version};
    resume.removed_properties = {kPausedProperty};
    return Tried{to.lake.Commit(resume)};
  };
  ST_TRY_STATUS(CommitUntilKnown(to.lake, table->name, attempt));
  return reason;
}

}  // namespace st::stream
