#include "cli/completion_command.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "app/project.h"
#include "base/text.h"
#include "cli/control_client.h"
#include "cli/words.h"
#include "os/file_system.h"

namespace st::cli {
namespace {

constexpr std::int64_t kAskTimeoutUs = 500'000;  // a user waits for the completion

// Each script asks the program that it completes, so that a build completes its own words.
constexpr std::string_view kBash = R"(# bash completion of steelthread
_steelthread() {
  local word="${COMP_WORDS[COMP_CWORD]}" line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("$line")
  done < <("$1" __complete "${COMP_WORDS[@]:1:COMP_CWORD-1}" "${word#[\"\']}" 2>/dev/null)
  if [[ "${COMPREPLY[0]}" == *= ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -o default -F _steelthread steelthread
)";
constexpr std::string_view kZsh = R"(#compdef steelthread
_steelthread() {
  local -a found
  found=("${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  local -a glue
  if [[ "${found[1]}" == *= ]]; then glue=(-S ""); fi
  if [[ -n "${found[*]}" ]]; then compadd "${glue[@]}" -a found; else _files; fi
}
if [[ "${funcstack[1]}" == _steelthread ]]; then
  _steelthread "$@"
else
  compdef _steelthread steelthread
fi
)";
constexpr std::string_view kFish = R"(# fish completion of steelthread
function __steelthread_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    set -l found ($program __complete $words (commandline -ct) 2>/dev/null)
    if set -q found[1]
        printf '%s\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c steelthread -f -a '(__steelthread_complete)'
)";

// The names that the project has.
struct Names {
  std::set<std::string> topics;
  std::set<std::string> pipelines;
  std::set<std::string> events;
  std::set<std::string> tables;
  std::set<std::string> groups;
};

// Whether every shell takes the text for one word. Clients choose the names of groups, and what is
// completed must not be a command of the shell.
bool IsPlainWord(std::string_view text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/+";
  return !text.empty() && text.front() != '-' &&
         text.find_first_not_of(kPlain) == std::string_view::npos;
}

Names NamesOf(const app::Config& config) {
  Names names;
  const auto fs = os::MakePosixFileSystem();
  if (const auto project = app::LoadProject(*fs, config.project)) {
    for (const auto& event : project->events) {
      names.events.insert(event.name);
      names.topics.insert(event.topic);
      if (event.table.empty()) continue;
      names.tables.insert(event.table);
      names.pipelines.insert(event.table);  // a table and its pipeline have one name
    }
    for (const auto& pipeline : project->pipelines) {
      names.pipelines.insert(pipeline.name);
      names.topics.insert(pipeline.topics.begin(), pipeline.topics.end());
      names.tables.insert(pipeline.name);
    }
    names.tables.insert("bad.rows");
  }
  const auto status = AskServer(config, {.target = "/status"}, kAskTimeoutUs);
  if (!status) return names;
  const auto none = nlohmann::json::array();
  for (const auto& topic : status->value("topics", none)) names.topics.insert(topic["name"]);
  for (const auto& one : status->value("pipelines", none)) names.pipelines.insert(one["name"]);
  for (const auto& table : status->value("tables", none)) {
    const std::string schema = table["schema"];
    const std::string name = table["name"];
    names.tables.insert(schema == "default" ? name : schema + "." + name);
  }
  for (const auto& group : status->value("groups", none)) {
    const std::string name = group["name"];
    if (IsPlainWord(name)) names.groups.insert(name);
  }
  return names;
}

// Completes the last name of a statement as a table's: "select * from sw".
std::vector<std::string> InStatement(const std::set<std::string>& tables, const std::string& text) {
  const auto end = text.find_last_of(" \t\n,(");
  const std::string before = end == std::string::npos ? "" : text.substr(0, end + 1);
  std::vector<std::string> found;
  for (const auto& table : tables) found.push_back(before + table);
  return found;
}

std::vector<std::string> NamesFor(const CompletionContext& context, const Reached& reached,
                                  const std::string& prefix) {
  const auto config = context.settings(reached.project, reached.data);
  if (!config) return {};
  const auto names = NamesOf(*config);
  const auto all = [](const std::set<std::string>& set) {
    return std::vector<std::string>(set.begin(), set.end());
  };
  const auto path = PathOf(*reached.command);
  const bool takes_name = std::ranges::any_of(
      reached.command->get_options(), [](const auto* one) { return one->get_positional(); });
  if (reached.option != nullptr) {
    return reached.option->check_name("--topic") ? all(names.topics) : std::vector<std::string>();
  }
  const bool takes_more = path == "steelthread topic delete";
  if ((reached.values > 0 && !takes_more) || !takes_name) return {};
  if (path.starts_with("steelthread topic ") && !path.ends_with("create")) return all(names.topics);
  if (path.starts_with("steelthread table ")) return all(names.tables);
  if (path.starts_with("steelthread pipeline ") || path == "steelthread test") {
    return all(names.pipelines);
  }
  if (path.starts_with("steelthread events ")) return all(names.events);
  if (path.starts_with("steelthread group ")) return all(names.groups);
  if (path == "steelthread sql") return InStatement(names.tables, prefix);
  return {};
}

// Splits an option's value into a word of its own. bash splits "--format=js" into three words, and
// other shells leave it whole. Returns the text before the value in the last word.
std::string SplitValue(std::vector<std::string>& words) {
  const auto is_long = [](const std::string& word) { return word.starts_with("--"); };
  const std::size_t last = words.size() - 1;
  if (last > 0 && words[last] == "=" && is_long(words[last - 1])) {
    words[last].clear();
    return "";
  }
  if (last > 1 && words[last - 1] == "=" && is_long(words[last - 2])) {
    words.erase(words.end() - 2);
    return "";
  }
  const auto equals = words[last].find('=');
  if (!is_long(words[last]) || equals == std::string::npos) return "";
  const std::string option = words[last].substr(0, equals);
  words[last].erase(0, equals + 1);
  words.insert(words.end() - 1, option);
  return option + "=";
}

}  // namespace

int PrintCompletion(const std::string& shell) {
  const auto script = shell == "bash" ? kBash : shell == "zsh" ? kZsh : kFish;
  std::fwrite(script.data(), 1, script.size(), stdout);
  return 0;
}

std::vector<std::string> Candidates(const CompletionContext& context,
                                    std::vector<std::string> words) {
  if (words.empty()) words.emplace_back();
  const std::string glued = SplitValue(words);
  const std::string prefix = words.back();
  words.pop_back();
  if (!words.empty() && words[0] == "help") words.erase(words.begin());
  const auto reached = ReadWords(context.root, words);
  std::vector<std::string> found;
  const auto choices = std::ranges::find_if(context.choices, [&](const auto& one) {
    if (reached.option != nullptr) return one.first == reached.option;
    const auto options = reached.command->get_options();
    return one.first->get_positional() && std::ranges::find(options, one.first) != options.end();
  });
  if (reached.option == nullptr && prefix.starts_with('-')) {
    found = OptionNames(*reached.command);
  } else if (choices != context.choices.end()) {
    found = choices->second;
  } else if (found = CommandNames(*reached.command); found.empty() || reached.option != nullptr) {
    found = NamesFor(context, reached, prefix);
  }
  std::erase_if(found, [&](const auto& one) { return !one.starts_with(prefix); });
  std::ranges::sort(found);
  for (auto& one : found) one.insert(0, glued);
  return found;
}

}  // namespace st::cli
