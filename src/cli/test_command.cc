#include "cli/test_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <set>

#include "app/project.h"
#include "base/text.h"
#include "cli/counted.h"
#include "cli/exit_code.h"
#include "cli/interrupts.h"
#include "os/clock.h"
#include "os/paths.h"
#include "os/process.h"
#include "os/random.h"
#include "os/text_file.h"
#include "project/served_project.h"
#include "trial/test_file.h"
#include "trial/test_run.h"
#include "trial/workbench.h"

namespace st::cli {
namespace {

constexpr std::string_view kEnding = ".toml";

void Say(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

std::string Indented(std::string_view text) {
  std::string out;
  for (const auto line : Split(text, '\n')) out += fmt::format("  {}\n", line);
  return out;
}

// "sword_purchases", of ".../sword_purchases.toml"
std::string StemOf(const std::string& path) {
  const auto name = path.substr(path.rfind('/') + 1);
  return name.substr(0, name.size() - kEnding.size());
}

// The names by which a test may be asked for.
std::vector<std::string> NamesOf(const trial::TestFile& file, const trial::TestCase& test) {
  std::vector<std::string> names = {test.name, StemOf(file.path)};
  names.insert(names.end(), test.pipelines.begin(), test.pipelines.end());
  for (const auto& expectation : test.expectations) {
    if (expectation.kind == trial::Expectation::Kind::kTable) names.push_back(expectation.of);
  }
  return names;
}

Result<std::vector<std::string>> TestPaths(os::FileSystem& fs, const app::Config& config) {
  const auto folder = os::JoinPath(config.project, "tests");
  std::vector<std::string> paths;
  ST_TRY(const bool exists, fs.Exists(folder));
  if (exists) {
    ST_TRY(const auto names, fs.List(folder));
    for (const auto& name : names) {
      if (name.ends_with(kEnding) && !name.starts_with('.')) {
        paths.push_back(os::JoinPath(folder, name));
      }
    }
  }
  if (!paths.empty()) return paths;
  return Fail(ErrorCode::kNotFound,
              "{} has no tests: write one in {}/NAME.toml, as docs/testing.md says", config.project,
              folder);
}

// The project's definitions as a first start would serve them.
Result<std::vector<dialect::spark::Definition>> DefinitionsOf(os::FileSystem& fs,
                                                              const app::Config& config) {
  ST_TRY(auto files, app::LoadProject(fs, config.project));
  std::vector<std::string> warnings;  // `steelthread check` shows them
  ST_TRY(auto served, project::MakeServedProject(std::move(files), {}, warnings));
  return std::move(served.pipelines);
}

// One run of the command.
class Testing {
 public:
  Testing(os::FileSystem& fs, trial::Workbench& bench,
          const std::vector<dialect::spark::Definition>& definitions, const TestOptions& options)
      : fs_(fs), run_(bench, definitions), options_(options) {
    for (const auto& name : options.names) unused_.insert(AsciiLower(name));
  }

  Status RunFile(const std::string& path) {
    ST_TRY(const auto text, os::ReadTextFile(fs_, path));
    const auto file = trial::ParseTestFile(path, text);
    if (!file) {
      // A file with a mistake may have the tests that are meant.
      ++failed_;
      has_broken_file_ = true;
      Say(fmt::format("FAILED {}\n{}", path, Indented(file.error().message())));
      return {};
    }
    std::vector<trial::Edit> edits;
    for (const auto& test : file->tests) {
      if (IsAskedFor(*file, test)) ST_TRY_STATUS(RunTest(test, edits));
    }
    if (edits.empty()) return {};
    return Update(*file, std::move(edits));
  }

  Result<int> End() const {
    if (!unused_.empty() && !has_broken_file_) {
      const auto near = NearestName(*unused_.begin(), {known_.begin(), known_.end()});
      return Fail(ErrorCode::kNotFound, "no test, test file or tested pipeline is called \"{}\"{}",
                  *unused_.begin(),
                  near ? fmt::format("; did you mean \"{}\"?", *near) : std::string());
    }
    Say(fmt::format("{} passed, {} failed{}\n", passed_, failed_,
                    updated_ == 0 ? "" : fmt::format("; updated {}", Counted(updated_, "test"))));
    return failed_ == 0 ? 0 : kExitFailed;
  }

 private:
  bool IsAskedFor(const trial::TestFile& file, const trial::TestCase& test) {
    bool is_asked = options_.names.empty();
    for (const auto& name : NamesOf(file, test)) {
      known_.push_back(name);
      for (const auto& asked : options_.names) {
        if (!EqualsIgnoreCase(asked, name)) continue;
        is_asked = true;
        unused_.erase(AsciiLower(asked));
      }
    }
    return is_asked;
  }

  Status RunTest(const trial::TestCase& test, std::vector<trial::Edit>& edits) {
    ST_TRY(const auto outcome, run_.Run(test));
    const bool is_updated = options_.is_update && !outcome.edits.empty() &&
                            outcome.edits.size() == outcome.faults.size();
    if (is_updated) edits.insert(edits.end(), outcome.edits.begin(), outcome.edits.end());
    const bool passes = outcome.faults.empty() || is_updated;
    ++(passes ? passed_ : failed_);
    if (is_updated) ++updated_;
    Say(fmt::format("{} {}: {}\n",
                    is_updated ? "updated"
                    : passes   ? "ok"
                               : "FAILED",
                    test.place, test.name));
    if (passes) return {};
    for (const auto& fault : outcome.faults) Say(Indented(fault));
    return {};
  }

  // Keeps the ends of lines and the mark of byte order that an editor wrote.
  Status Update(const trial::TestFile& file, std::vector<trial::Edit> edits) {
    ST_TRY(const auto bytes, os::ReadWholeFile(fs_, file.path, os::kMaxTextFileBytes));
    std::string text = trial::Edited(file.text, std::move(edits));
    if (bytes.contains("\r\n")) {
      std::string with_returns;
      for (const char c : text) with_returns += c == '\n' ? "\r\n" : std::string(1, c);
      text = std::move(with_returns);
    }
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    if (bytes.starts_with(kMark)) text.insert(0, kMark);
    return os::WriteFileAtomically(fs_, file.path, text);
  }

  os::FileSystem& fs_;
  trial::TestRun run_;
  const TestOptions& options_;
  std::vector<std::string> known_;
  std::set<std::string> unused_;  // names that were asked for and not met, in lower case
  bool has_broken_file_ = false;
  std::int64_t passed_ = 0;
  std::int64_t failed_ = 0;
  std::int64_t updated_ = 0;
};

Result<int> Run(const app::Config& config, const TestOptions& options, os::FileSystem& fs,
                trial::Workbench& bench) {
  ST_TRY(const auto paths, TestPaths(fs, config));
  ST_TRY(const auto definitions, DefinitionsOf(fs, config));
  Testing testing(fs, bench, definitions, options);
  for (const auto& path : paths) ST_TRY_STATUS(testing.RunFile(path));
  return testing.End();
}

}  // namespace

int RunTests(const app::Config& config, const TestOptions& options) {
  os::BlockTerminationSignals();
  const auto fs = os::MakePosixFileSystem();
  const auto clock = os::MakeSystemClock();
  const auto random = os::MakeSystemRandom();
  auto bench = trial::Workbench::Open({*fs, *clock, *random},
                                      {.memory_limit_bytes = config.worker_memory_bytes});
  if (!bench) return ExitFor(bench.error());
  const Interrupts interrupts([&] { (*bench)->Cancel(); }, [&] { (*bench)->RemoveFolder(); });
  const auto code = Run(config, options, *fs, **bench);
  if (code) return *code;
  if (interrupts.interrupted()) {
    std::fprintf(stderr, "steelthread: interrupted\n");
    return kExitInterrupted;
  }
  return ExitFor(code.error());
}

}  // namespace st::cli
