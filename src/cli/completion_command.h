// `steelthread completion SHELL` prints a shell's script for completing our words; the script then
// asks `steelthread __complete WORDS…`, a line a candidate.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "app/config.h"

namespace st::cli {

// Prints the script for "bash", "zsh" or "fish".
int PrintCompletion(const std::string& shell);

struct CompletionContext {
  CLI::App& root;
  // Values of options and arguments that are one of a few words.
  const std::map<const CLI::Option*, std::vector<std::string>>& choices;
  // Settings of the project that the words so far name.
  std::function<Result<app::Config>(const std::string& project, const std::string& data)> settings;
};
// Candidates for the last of `words`, which may be empty: commands, options, values, and names of
// topics, pipelines, events and tables of the running server or, without one, of the project.
// Sorted. Errors give no candidate: a shell that completes shows none.
std::vector<std::string> Candidates(const CompletionContext& context,
                                    std::vector<std::string> words);

}  // namespace st::cli
