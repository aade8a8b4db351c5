#include "cli/words.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.h"

namespace st::cli {
namespace {

CLI::App* Below(CLI::App& command, const std::string& name) {
  for (auto* below : command.get_subcommands([](const CLI::App*) { return true; })) {
    if (below->check_name(name)) return below;
  }
  return nullptr;
}

const CLI::Option* OptionOf(const CLI::App& command, const std::string& name) {
  for (const auto* option : command.get_options()) {
    if (option->nonpositional() && option->check_name(name)) return option;
  }
  return nullptr;
}

// An option is one word without blanks. A file or a statement may begin with a dash, too.
bool IsOption(const std::string& word) {
  return word.size() > 1 && word[0] == '-' && word.find_first_of(" \t\n") == std::string::npos;
}

std::string Meant(const std::string& name, const std::vector<std::string>& known) {
  const auto nearest = NearestName(name, known);
  return nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : std::string();
}

// The one long option that begins with the letter of a short one.
std::string MeantByLetter(const std::string& name, const std::vector<std::string>& known) {
  std::vector<std::string> fit;
  const std::string begin = AsciiLower("-" + name);
  for (const auto& option : known) {
    if (option.starts_with(begin)) fit.push_back(option);
  }
  return fit.size() == 1 ? fmt::format("; did you mean \"{}\"?", fit[0]) : std::string();
}

class Reader {
 public:
  explicit Reader(CLI::App& root) { reached_.command = &root; }

  Reached Read(std::span<const std::string> words) {
    for (const auto& word : words) {
      const bool is_value = reached_.option != nullptr &&
                            (reached_.option->get_items_expected_min() > 0 || !IsOption(word));
      if (is_value) Remember(*reached_.option, word);
      reached_.option = nullptr;
      if (is_value) continue;
      if (is_over_ || !IsOption(word)) {
        ReadPlain(word);
      } else if (word == "--") {
        if (!CommandNames(*reached_.command).empty()) {
          Mistake("-- stands before a command; write it before the command's values");
        }
        is_over_ = true;
      } else {
        ReadOption(word);
      }
    }
    return std::move(reached_);
  }

 private:
  void Mistake(const std::string& text) {
    if (reached_.mistake) return;
    reached_.mistake = Error(ErrorCode::kInvalidArgument,
                             fmt::format("{}; see `{} --help`", text, PathOf(*reached_.command)));
  }

  void Remember(const CLI::Option& option, const std::string& value) {
    if (option.check_name("--project")) reached_.project = value;
    if (option.check_name("--data")) reached_.data = value;
  }

  void ReadPlain(const std::string& word) {
    if (auto* below = Below(*reached_.command, word); below != nullptr) {
      reached_.command = below;
      return;
    }
    ++reached_.values;
    const auto names = CommandNames(*reached_.command);
    if (names.empty()) return;
    const auto meant = Meant(word, names);
    Mistake(
        fmt::format("\"{}\" is no command of {}{}", word, PathOf(*reached_.command),
                    meant.empty() ? fmt::format("; there are {}", fmt::join(names, ", ")) : meant));
  }

  void ReadOption(const std::string& word) {
    const bool is_long = word.starts_with("--");
    const auto equals = word.find('=');
    // "-Cdir" names -C.
    const std::string name = is_long ? word.substr(0, equals) : word.substr(0, 2);
    const auto* option = OptionOf(*reached_.command, name);
    if (option == nullptr) {
      const auto known = OptionNames(*reached_.command);
      Mistake(fmt::format("{} is no option of {}{}", name, PathOf(*reached_.command),
                          is_long ? Meant(name, known) : MeantByLetter(name, known)));
      return;
    }
    const bool has_value = is_long ? equals != std::string::npos : word.size() > 2;
    if (option->get_items_expected_max() == 0) return;
    if (!has_value) {
      reached_.option = option;
    } else {
      Remember(*option, word.substr(is_long ? equals + 1 : 2));
    }
  }

  Reached reached_;
  bool is_over_ = false;  // after "--" no options follow
};

}  // namespace

Reached ReadWords(CLI::App& root, std::span<const std::string> words) {
  return Reader(root).Read(words);
}

std::string FolderHint(const CLI::ParseError& error, const Reached& reached) {
  const bool is_one_word =
      dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && reached.values == 1;
  if (!is_one_word || !reached.project.empty()) return "";
  return "; the project's folder stands behind -C";
}

std::string PathOf(const CLI::App& command) {
  const auto* parent = command.get_parent();
  return parent == nullptr ? "steelthread" : PathOf(*parent) + " " + command.get_name();
}

std::vector<std::string> CommandNames(CLI::App& command) {
  std::vector<std::string> names;
  for (auto* below : command.get_subcommands([](const CLI::App*) { return true; })) {
    if (below->get_group().empty()) continue;
    names.push_back(below->get_name());
    for (const auto& alias : below->get_aliases()) names.push_back(alias);
  }
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> OptionNames(const CLI::App& command) {
  std::vector<std::string> names;
  for (const auto* option : command.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    for (const auto& name : option->get_snames()) names.push_back("-" + name);
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace st::cli
