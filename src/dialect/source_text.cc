#include "dialect/source_text.h"

#include <algorithm>

namespace st::dialect {
namespace {

// Of a line that an excerpt shows, the place in its middle.
constexpr std::size_t kMaxExcerptBytes = 200;

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
  Line line = LineOf(text_, position);
  if (line.end > line.start && text_[line.end - 1] == '\r') --line.end;
  // Of a long line what is around the place.
  std::size_t begin = line.start;
  if (position - begin > kMaxExcerptBytes / 2) begin = position - kMaxExcerptBytes / 2;
  std::size_t end = std::min(line.end, begin + kMaxExcerptBytes);
  const auto is_inside = [&](std::size_t at) { return (text_[at] & '\xC0') == '\x80'; };
  while (begin < position && begin > line.start && is_inside(begin)) ++begin;
  while (end > position && end < line.end && is_inside(end)) --end;
  const std::string_view before = begin > line.start ? "…" : "";
  const std::string_view behind = end < line.end ? "…" : "";
  // A tab is kept as a tab, so that the caret is under its place whatever a tab's width.
  std::string indent(before.empty() ? 0 : 1, ' ');
  for (const char c : text().substr(begin, position - begin)) {
    if (c == '\t') {
      indent += '\t';
    } else if ((c & '\xC0') != '\x80') {
      indent += ' ';
    }
  }
  return fmt::format("\n  {}{}{}\n  {}^", before, text().substr(begin, end - begin), behind,
                     indent);
}

Error SourceText::At(std::size_t position, std::string_view message) const {
  return {ErrorCode::kInvalidArgument,
          fmt::format("{}: {}{}", PlaceOf(position), message, ExcerptAt(position))};
}

}  // namespace st::dialect
