#include "cli/sql_text.h"

#include <algorithm>

#include "base/text.h"
#include "cli/table_format.h"

namespace st::cli {
namespace {

// Position after the quoted text or comment that begins at `at`; `at` itself if none does.
std::size_t SkipQuoted(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  std::size_t end = std::string_view::npos;
  std::size_t closing = 1;
  if (rest.front() == '\'' || rest.front() == '"') {
    end = rest.find(rest.front(), 1);
  } else if (rest.starts_with("--")) {
    end = rest.find('\n');
  } else if (rest.starts_with("/*")) {
    end = rest.find("*/", 2);
    closing = 2;
  } else {
    return at;
  }
  return end == std::string_view::npos ? text.size() : at + end + closing;
}

bool IsComment(std::string_view text, std::size_t at) {
  return text.substr(at).starts_with("--") || text.substr(at).starts_with("/*");
}

}  // namespace

std::vector<std::string> SplitStatements(std::string_view text) {
  std::vector<std::string> statements;
  std::size_t begin = 0;
  bool has_words = false;
  const auto end_at = [&](std::size_t end) {
    if (has_words) statements.emplace_back(Trim(text.substr(begin, end - begin)));
    begin = end + 1;
    has_words = false;
  };
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t after = SkipQuoted(text, i);
    if (after != i) {
      has_words = has_words || !IsComment(text, i);
      i = after;
      continue;
    }
    if (text[i] == ';') {
      end_at(i);
    } else if (!Trim(text.substr(i, 1)).empty()) {
      has_words = true;
    }
    ++i;
  }
  end_at(text.size());
  return statements;
}

std::string ErrorText(const statement::Failure& failure, std::string_view sql) {
  std::string text = failure.message + "\n";
  if (!failure.location) return text;
  const auto lines = Split(sql, '\n');
  const auto line_index = static_cast<std::size_t>(failure.location->line - 1);
  if (failure.location->line < 1 || line_index >= lines.size()) return text;
  const std::string_view line = lines[line_index];
  std::string indent;
  int column = 1;
  for (std::size_t i = 0; i < line.size() && column < failure.location->column;) {
    std::size_t next = i + 1;
    while (next < line.size() && (static_cast<unsigned char>(line[next]) & 0xC0) == 0x80) ++next;
    const std::string_view letter = line.substr(i, next - i);
    indent += letter == "\t" ? std::string("\t") : std::string(DisplayWidth(letter), ' ');
    i = next;
    ++column;
  }
  return text + std::string(line) + "\n" + indent + "^\n";
}

}  // namespace st::cli
