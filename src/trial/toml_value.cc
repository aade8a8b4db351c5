#include "trial/toml_value.h"

#include <algorithm>
#include <sstream>

#include "base/text.h"

namespace st::trial {

TomlText::TomlText(std::string_view text) : text_(text), lines_{0} {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') lines_.push_back(i + 1);
  }
}

std::size_t TomlText::PositionOf(const toml::source_position& at) const {
  if (at.line == 0 || at.line > lines_.size()) return text_.size();
  std::size_t position = lines_[at.line - 1];
  // A column is a character, not a byte.
  for (std::size_t column = 1; column < at.column && position < text_.size(); ++column) {
    ++position;
    while (position < text_.size() && (static_cast<unsigned char>(text_[position]) & 0xC0) == 0x80)
      ++position;
  }
  return position;
}

std::size_t TomlText::LineBehind(const toml::source_position& at) const {
  return at.line < lines_.size() ? lines_[at.line] : text_.size();
}

std::vector<TomlLine> TomlText::LinesOf(const toml::value<std::string>& value) const {
  const auto& source = value.source();
  const auto raw = text_.substr(PositionOf(source.begin));
  const bool is_long = raw.starts_with("'''") || raw.starts_with("\"\"\"");
  // A line feed right behind the quotes is no part of the value.
  std::size_t number = source.begin.line + (is_long && raw.substr(3).starts_with('\n') ? 1 : 0);
  std::vector<TomlLine> lines;
  for (const auto line : Split(value.get(), '\n')) {
    const auto text = Trim(line);
    if (!text.empty()) lines.push_back({.text = std::string(text), .number = number});
    if (is_long) number = std::min<std::size_t>(number + 1, source.end.line);
  }
  return lines;
}

std::string TextOf(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  std::ostringstream out;
  node.visit([&](const auto& one) {
    using Node = std::remove_cvref_t<decltype(one)>;
    if constexpr (toml::is_date<Node> || toml::is_time<Node> || toml::is_date_time<Node>) {
      out << one.get();
    }
  });
  return out.str();
}

nlohmann::ordered_json JsonOf(const toml::node& node) {
  if (const auto* table = node.as_table()) {
    auto json = nlohmann::ordered_json::object();
    for (const auto& [key, value] : *table) json[std::string(key.str())] = JsonOf(value);
    return json;
  }
  if (const auto* array = node.as_array()) {
    auto json = nlohmann::ordered_json::array();
    for (const auto& value : *array) json.push_back(JsonOf(value));
    return json;
  }
  if (const auto* number = node.as_integer()) return number->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* truth = node.as_boolean()) return truth->get();
  return TextOf(node);
}

}  // namespace st::trial
