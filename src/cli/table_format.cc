#include "cli/table_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace st::cli {
namespace {

// The code points of `text`; each byte that is not UTF-8 counts as one.
std::vector<char32_t> CodePoints(std::string_view text) {
  std::vector<char32_t> points;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) == 0x80 && !points.empty()) {
      points.back() = (points.back() << 6) | (byte & 0x3F);
    } else if (byte < 0x80) {
      points.push_back(byte);
    } else {
      points.push_back(byte & (byte >= 0xF0 ? 0x07 : byte >= 0xE0 ? 0x0F : 0x1F));
    }
  }
  return points;
}

struct Range {
  char32_t first;
  char32_t last;
};

// Characters of double width: East Asian letters and emoji (Unicode, East Asian Width W and F), in
// coarse ranges.
constexpr std::array kWide{
    Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},   Range{0x3041, 0x33FF},
    Range{0x3400, 0x4DBF},   Range{0x4E00, 0x9FFF},   Range{0xA000, 0xA4CF},
    Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE4F},
    Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},   Range{0x1F300, 0x1F64F},
    Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1F9FF}, Range{0x20000, 0x3FFFD}};
constexpr std::array kCombining{Range{0x0300, 0x036F}, Range{0x200B, 0x200F}, Range{0x20D0, 0x20FF},
                                Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F}};

template <std::size_t n>
bool IsIn(char32_t point, const std::array<Range, n>& ranges) {
  return std::ranges::any_of(
      ranges, [&](const Range& range) { return point >= range.first && point <= range.last; });
}

// Escapes line ends and everything else that moves a terminal's cursor.
std::string OnOneLine(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

std::string QuotedJson(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool IsNumberType(std::string_view type) {
  constexpr std::array<std::string_view, 6> kNumbers{"tinyint", "smallint", "integer",
                                                     "bigint",  "real",     "double"};
  return std::ranges::count(kNumbers, type) > 0 || type.starts_with("decimal");
}

std::string Spaces(std::size_t n) { return std::string(n, ' '); }

}  // namespace

std::optional<RowFormat> ParseRowFormat(std::string_view name) {
  if (name == "table") return RowFormat::kTable;
  if (name == "json") return RowFormat::kJson;
  if (name == "ndjson") return RowFormat::kNdjson;
  if (name == "csv") return RowFormat::kCsv;
  if (name == "markdown") return RowFormat::kMarkdown;
  return std::nullopt;
}

std::size_t DisplayWidth(std::string_view text) {
  std::size_t width = 0;
  for (const char32_t point : CodePoints(text)) {
    if (IsIn(point, kCombining)) continue;
    width += IsIn(point, kWide) ? 2 : 1;
  }
  return width;
}

std::optional<std::string> CellText(std::string_view json) {
  if (json == "null") return std::nullopt;
  if (!json.starts_with('"')) return std::string(json);
  const auto parsed = nlohmann::json::parse(json, nullptr, false);
  return parsed.is_string() ? parsed.get<std::string>() : std::string(json);
}

RowPrinter::RowPrinter(RowFormat format, Write write) : format_(format), write_(std::move(write)) {}

void RowPrinter::SetColumns(const std::vector<statement::Column>& columns) {
  for (const auto& column : columns) {
    names_.push_back(column.name);
    is_number_.push_back(IsNumberType(column.type));
    widths_.push_back(DisplayWidth(OnOneLine(column.name)));
  }
  if (names_.empty()) return;
  if (format_ == RowFormat::kCsv) PrintCsv({names_.begin(), names_.end()});
  if (format_ == RowFormat::kMarkdown) {
    PrintMarkdown({names_.begin(), names_.end()});
    std::string line = "|";
    for (const bool is_number : is_number_) line += is_number ? " ---: |" : " --- |";
    write_(line + "\n");
  }
  if (format_ == RowFormat::kJson || format_ == RowFormat::kNdjson) {
    // An object needs a unique name for each value.
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const std::string name = names_[i];
      for (int n = 2; std::count(names_.begin(), names_.begin() + static_cast<std::ptrdiff_t>(i),
                                 names_[i]) > 0;
           ++n) {
        names_[i] = fmt::format("{}_{}", name, n);
      }
    }
  }
}

Status RowPrinter::AddRows(std::string_view rows_json) {
  ST_TRY(const auto rows, statement::SplitRows(rows_json));
  for (const auto& row : rows) {
    if (row.size() != names_.size()) {
      return Fail(ErrorCode::kInvalidArgument, "a row of {} values under {} columns", row.size(),
                  names_.size());
    }
    if (format_ == RowFormat::kJson || format_ == RowFormat::kNdjson) {
      PrintObject(row);
    } else {
      Cells cells;
      for (const auto value : row) cells.push_back(CellText(value));
      if (format_ == RowFormat::kCsv) PrintCsv(cells);
      if (format_ == RowFormat::kMarkdown) PrintMarkdown(cells);
      if (format_ == RowFormat::kTable) PrintTable(std::move(cells));
    }
    ++row_count_;
  }
  return {};
}

void RowPrinter::End() {
  if (names_.empty()) return;
  if (format_ == RowFormat::kTable) FlushMeasured();
  if (format_ == RowFormat::kJson) write_(row_count_ == 0 ? "[]\n" : "\n]\n");
}

void RowPrinter::PrintObject(const statement::Row& row) {
  std::string text;
  if (format_ == RowFormat::kJson) text = row_count_ == 0 ? "[\n  " : ",\n  ";
  text += "{";
  for (std::size_t i = 0; i < row.size(); ++i) {
    text += fmt::format("{}{}: {}", i == 0 ? "" : ", ", QuotedJson(names_[i]), row[i]);
  }
  write_(text + (format_ == RowFormat::kJson ? "}" : "}\n"));
}

void RowPrinter::PrintCsv(const Cells& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += ',';
    if (!cells[i]) continue;  // null is empty, and an empty text is ""
    const std::string& text = *cells[i];
    if (!text.empty() && text.find_first_of(",\"\r\n") == std::string::npos) {
      line += text;
      continue;
    }
    line += '"';
    for (const char c : text) line += c == '"' ? std::string("\"\"") : std::string(1, c);
    line += '"';
  }
  write_(line + "\n");
}

void RowPrinter::PrintMarkdown(const Cells& cells) {
  std::string line = "|";
  for (const auto& cell : cells) {
    std::string text;
    for (const char c : cell.value_or("NULL")) {
      if (c == '|' || c == '\\') text += '\\';
      text += c == '\n' ? std::string("<br>") : std::string(1, c);
    }
    line += fmt::format(" {} |", OnOneLine(text));
  }
  write_(line + "\n");
}

void RowPrinter::PrintTable(Cells cells) {
  std::vector<std::string> texts;
  for (auto& cell : cells) texts.push_back(cell ? OnOneLine(*cell) : "NULL");
  if (is_measured_) return PrintTableRow(texts, false);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    widths_[i] = std::max(widths_[i], DisplayWidth(texts[i]));
  }
  measured_.push_back(std::move(texts));
  if (measured_.size() >= kMeasuredRows) FlushMeasured();
}

void RowPrinter::FlushMeasured() {
  if (is_measured_) return;
  is_measured_ = true;
  std::vector<std::string> head;
  std::string rule;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    head.push_back(OnOneLine(names_[i]));
    rule += (i == 0 ? "" : "+") + std::string(widths_[i] + 2, '-');
  }
  PrintTableRow(head, true);
  write_(rule + "\n");
  for (const auto& row : measured_) PrintTableRow(row, false);
  measured_.clear();
}

void RowPrinter::PrintTableRow(const std::vector<std::string>& cells, bool is_head) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::size_t width = DisplayWidth(cells[i]);
    const std::size_t free = widths_[i] > width ? widths_[i] - width : 0;
    std::size_t left = is_number_[i] ? free : 0;
    if (is_head) left = free / 2;
    line +=
        fmt::format("{} {}{}{} ", i == 0 ? "" : "|", Spaces(left), cells[i], Spaces(free - left));
  }
  write_(line + "\n");
}

}  // namespace st::cli
