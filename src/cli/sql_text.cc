#include "cli/sql_text.h"

#include "base/text.h"
#include "cli/table_format.h"
#include "dialect/tokens.h"

namespace st::cli {

std::vector<std::string> SplitStatements(std::string_view text) {
  std::vector<std::string> statements;
  std::size_t begin = 0;
  bool has_words = false;
  for (const dialect::Token& token : dialect::Tokenize(text)) {
    const bool is_end = token.kind == dialect::Token::Kind::kEnd;
    if (!is_end && !token.IsSign(';')) {
      has_words = true;
      continue;
    }
    if (has_words) statements.emplace_back(Trim(text.substr(begin, token.offset - begin)));
    begin = is_end ? token.offset : token.offset + 1;
    has_words = false;
  }
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
