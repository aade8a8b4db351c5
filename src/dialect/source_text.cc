#include "dialect/source_text.h"

#include <algorithm>

namespace st::dialect {
namespace {

struct Line {
  std::size_t number = 1;
  std::size_t start = 0;
  std::size_t end = 0;
};

Line LineOf(std::string_view text, std::size_t position) {
  Line line;
  const std::string_view before = text.substr(0, position);
  line.number = 1 + static_cast<std::size_t>(std::ranges::count(before, '\n'));
  const auto newline = before.rfind('\n');
  line.start = newline == std::string_view::npos ? 0 : newline + 1;
  line.end = std::min(text.find('\n', line.start), text.size());
  return line;
}

std::size_t CodePoints(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (c & '\xC0') != '\x80'; }));
}

}  // namespace

std::string SourceText::PlaceOf(std::size_t position) const {
  position = std::min(position, text_.size());
  const Line line = LineOf(text_, position);
  const auto before = text().substr(line.start, position - line.start);
  return fmt::format("{}:{}:{}", path_, line.number, CodePoints(before) + 1);
}

std::string SourceText::ExcerptAt(std::size_t position) const {
  position = std::min(position, text_.size());
  const Line line = LineOf(text_, position);
  std::string shown(text().substr(line.start, line.end - line.start));
  if (shown.ends_with('\r')) shown.pop_back();
  // A tab is kept as a tab, so that the caret is under its place whatever a tab's width.
  std::string indent;
  for (const char c : text().substr(line.start, position - line.start)) {
    if (c == '\t') {
      indent += '\t';
    } else if ((c & '\xC0') != '\x80') {
      indent += ' ';
    }
  }
  return fmt::format("\n  {}\n  {}^", shown, indent);
}

Error SourceText::At(std::size_t position, std::string_view message) const {
  return {ErrorCode::kInvalidArgument,
          fmt::format("{}: {}{}", PlaceOf(position), message, ExcerptAt(position))};
}

}  // namespace st::dialect
