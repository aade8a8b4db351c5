// Where the values of a TOML file stand in its text, and what they say as JSON. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/toml.h"

namespace st::trial {

// One line of a text that is a value.
struct TomlLine {
  std::string text;        // without spaces around it
  std::size_t number = 0;  // of the file's line, from 1
};

class TomlText {
 public:
  explicit TomlText(std::string_view text);

  // The byte at a place; the text's end for one behind it.
  std::size_t PositionOf(const toml::source_position& at) const;
  // The byte behind the line of a place.
  std::size_t LineBehind(const toml::source_position& at) const;
  // The lines of a value that are not empty.
  std::vector<TomlLine> LinesOf(const toml::value<std::string>& value) const;

 private:
  const std::string_view text_;
  std::vector<std::size_t> lines_;  // where each begins
};

// The text of a string, or of a date and time as TOML writes it.
std::string TextOf(const toml::node& node);
// Dates and times become texts.
nlohmann::ordered_json JsonOf(const toml::node& node);

}  // namespace st::trial
