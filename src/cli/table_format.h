// Rows of a statement as text: table, json, ndjson, csv, markdown.
//
// Threads: owned by one thread.
// Limits:  a table measures its columns on the first kMeasuredRows rows and then streams: a longer
//          value later only shifts its own line.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/statement/query_results.h"

namespace st::cli {

inline constexpr std::size_t kMeasuredRows = 1000;

enum class RowFormat { kTable, kJson, kNdjson, kCsv, kMarkdown };
std::optional<RowFormat> ParseRowFormat(std::string_view name);

// Columns on a terminal that UTF-8 text takes: combining marks none, wide letters and emoji two.
std::size_t DisplayWidth(std::string_view text);

// One value as a person reads it; nullopt for null. Lists, maps and rows stay JSON.
std::optional<std::string> CellText(std::string_view json);

class RowPrinter {
 public:
  using Write = std::function<void(std::string_view)>;
  RowPrinter(RowFormat format, Write write);
  // Once, before the first rows.
  void SetColumns(const std::vector<statement::Column>& columns);
  // "[[1,"a"],…]". kInvalidArgument: not rows, or not as many values as columns.
  Status AddRows(std::string_view rows_json);
  // After the last rows; a statement without columns prints nothing.
  void End();
  std::int64_t row_count() const { return row_count_; }

 private:
  using Cells = std::vector<std::optional<std::string>>;
  void PrintObject(const statement::Row& row);
  void PrintCsv(const Cells& cells);
  void PrintMarkdown(const Cells& cells);
  void PrintTableRow(const std::vector<std::string>& cells, bool is_head);
  void FlushMeasured();
  void PrintTable(Cells cells);

  const RowFormat format_;
  const Write write_;
  std::vector<std::string> names_;
  std::vector<bool> is_number_;
  std::vector<std::size_t> widths_;
  std::vector<std::vector<std::string>> measured_;  // rows that wait for the widths
  bool is_measured_ = false;
  std::int64_t row_count_ = 0;
};

}  // namespace st::cli
