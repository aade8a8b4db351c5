// Validators of the words of a command line, and the messages for wrong words.
#pragma once

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace st::cli {

// A number from `least` to `most`; the validator adds no word to the help.
template <typename T>
CLI::Validator Between(T least, T most) {
  const auto check = [least, most](std::string& text) {
    T number{};
    if (CLI::detail::lexical_cast(text, number) && number >= least && number <= most) {
      return std::string();
    }
    return fmt::format("\"{}\" is no number from {} to {}", text, least, most);
  };
  return CLI::Validator(check, "");
}

// One of `names`.
CLI::Validator Among(std::vector<std::string> names);

// Any text but "", which a shell makes of a variable that is not set.
CLI::Validator NamesA(std::string what);

// A time as event::ParseTimestamp reads it.
CLI::Validator IsTime();

// The parser's error in words of ours.
std::string UsageText(const CLI::ParseError& error);

}  // namespace st::cli
