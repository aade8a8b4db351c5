#include "format/statement/slices.h"

namespace st::statement {
namespace {

void SkipSpace(std::string_view& text) {
  const auto start = text.find_first_not_of(" \t\r\n");
  text.remove_prefix(start == std::string_view::npos ? text.size() : start);
}

// Returns the position behind the string that begins at `at`; npos if the string does not end.
std::size_t StringEnd(std::string_view text, std::size_t at) {
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

std::size_t ValueEnd(std::string_view text) {
  if (text.front() == '"') return StringEnd(text, 0);
  if (text.front() != '[' && text.front() != '{') {
    const auto end = text.find_first_of(",]} \t\r\n");
    return end == std::string_view::npos ? text.size() : end;
  }
  int depth = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '"') {
      i = StringEnd(text, i);
      if (i == std::string_view::npos) return i;
      continue;
    }
    if (text[i] == '[' || text[i] == '{') ++depth;
    if ((text[i] == ']' || text[i] == '}') && --depth == 0) return i + 1;
    ++i;
  }
  return std::string_view::npos;
}

}  // namespace

std::string_view TakeValue(std::string_view& text) {
  SkipSpace(text);
  if (text.empty()) return {};
  const std::size_t end = ValueEnd(text);
  if (end == std::string_view::npos) return {};
  const std::string_view value = text.substr(0, end);
  text.remove_prefix(end);
  return value;
}

bool TakeChar(std::string_view& text, char c) {
  SkipSpace(text);
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace st::statement
