#include "cli/json_rows.h"

#include <cstdio>
#include <string_view>

#include "cli/exit_code.h"
#include "cli/table_format.h"
#include "event/timestamp.h"

namespace st::cli {

std::vector<statement::Column> Columns(
    std::initializer_list<std::pair<const char*, const char*>> columns) {
  std::vector<statement::Column> out;
  for (const auto& [name, type] : columns) out.push_back({name, type, ""});
  return out;
}

nlohmann::json TimeOf(std::int64_t time_ms) {
  return time_ms == 0 ? nlohmann::json() : nlohmann::json(event::TimestampText(time_ms));
}

int PrintRows(const Rows& rows, const std::string& format) {
  RowPrinter printer(*ParseRowFormat(format), [](std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
  });
  printer.SetColumns(rows.columns);
  const auto added =
      printer.AddRows(rows.rows.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  printer.End();
  return added ? 0 : ExitFor(added.error());
}

}  // namespace st::cli
