// Reads the words of a command line against the tree of commands, as far as they go: for mistakes
// with the nearest name, for help, and for completion.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace st::cli {

struct Reached {
  CLI::App* command = nullptr;          // the deepest command that was named
  const CLI::Option* option = nullptr;  // the last word is an option that still lacks its value
  std::size_t values = 0;               // words that are no command, option or option's value
  std::string project;                  // values of -C and --data; "": not given
  std::string data;
  std::optional<Error> mistake;  // the first word that names nothing
};
Reached ReadWords(CLI::App& root, std::span<const std::string> words);

// Ends the message for one word too many, which may be meant as the project's folder; else "".
std::string FolderHint(const CLI::ParseError& error, const Reached& reached);

// "steelthread topic create"
std::string PathOf(const CLI::App& command);
// Names of the commands below one, with their other names; without those that are hidden.
std::vector<std::string> CommandNames(CLI::App& command);
// "--data", "-C", … of a command.
std::vector<std::string> OptionNames(const CLI::App& command);

}  // namespace st::cli
