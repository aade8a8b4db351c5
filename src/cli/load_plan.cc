#include "cli/load_plan.h"

#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/project.h"
#include "base/text.h"
#include "cli/duration.h"
#include "client/load/event_script.h"
#include "client/load/game_script.h"
#include "client/load/limits.h"
#include "game/catalogue.h"
#include "os/file_system.h"

namespace st::cli {
namespace {

namespace load = client::load;

constexpr std::uint32_t kDefaultClients = 64;

Result<std::vector<std::string>> ItemsOf(os::FileSystem& fs, const std::string& project) {
  constexpr std::uint64_t kMostBytes = 1 << 20;
  const auto path = os::JoinPath(project, "game.toml");
  ST_TRY(const bool exists, fs.Exists(path));
  std::vector<std::string> items;
  if (!exists) return items;
  ST_TRY(const auto text, os::ReadWholeFile(fs, path, kMostBytes));
  ST_TRY(const auto catalogue, game::ParseCatalogue(text, path));
  for (const auto& [name, item] : catalogue.items) items.push_back(name);
  return items;
}

constexpr std::string_view kDeclaredRate = "declared";
constexpr double kLeastRate = 0.001;

Result<double> ParseRate(const std::string& text) {
  if (text.empty()) return 0;
  double rate = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), rate);
  const bool is_number = read.ec == std::errc() && read.ptr == text.data() + text.size();
  if (is_number && rate >= kLeastRate && rate <= load::kMaxRate) return rate;
  return Fail(ErrorCode::kInvalidArgument,
              "--rate: '{}' is no number of requests a second from {} to {}, nor '{}'", text,
              kLeastRate, load::kMaxRate, kDeclaredRate);
}

// Plans each declared route at its own rate.
Result<LoadPlan> PlanOfRates(std::vector<event::Declaration> events) {
  const double rate = load::DeclaredRate(events);
  if (rate > 0 && (rate < kLeastRate || rate > load::kMaxRate)) {
    return Fail(ErrorCode::kInvalidArgument,
                "--rate declared: the events' rates sum up to {}; want {} to {}", rate, kLeastRate,
                load::kMaxRate);
  }
  ST_TRY(auto script, load::MakeEventScript(std::move(events), load::Share::kRate));
  return LoadPlan{.script = std::move(script), .rate = rate};
}

std::unexpected<Error> NothingToSend(const app::Config& config,
                                     const client::ServerDescription& target,
                                     const LoadOptions& options) {
  const auto because = [](const std::string& text) {
    return Fail(ErrorCode::kInvalidArgument, "nothing to send: {}", text);
  };
  if (options.mix == "commands" && !target.has_game) {
    return because(
        "--mix commands needs a server with a game.toml, and the target has no game; "
        "--mix events sends the events that the project declares");
  }
  if (options.mix == "commands") {
    return because(
        fmt::format("--mix commands needs the items of a game.toml, and {} has none; "
                    "name the target's project with -C",
                    config.project));
  }
  const auto no_route = fmt::format("no event of {} has a route", config.project);
  if (options.mix == "events") {
    return because(no_route + (target.has_game ? "; --mix commands sends the game's commands"
                                               : "; name the target's project with -C"));
  }
  return because(no_route + (target.has_game
                                 ? ", and it has no game.toml; name the target's project with -C"
                                 : ", and the target has no game; name its project with -C"));
}

Result<LoadPlan> MakePlan(const app::Config& config, const client::ServerDescription& target,
                          const LoadOptions& options) {
  const auto fs = os::MakePosixFileSystem();
  if (options.rate == kDeclaredRate) {
    ST_TRY(auto project, app::LoadProject(*fs, config.project));
    return PlanOfRates(std::move(project.events));
  }
  std::unique_ptr<load::Script> commands;
  std::unique_ptr<load::Script> events;
  if (options.mix != "events" && target.has_game) {
    ST_TRY(auto items, ItemsOf(*fs, config.project));
    if (!items.empty()) commands = load::MakeGameScript(std::move(items));
  }
  if (options.mix != "commands") {
    ST_TRY(auto project, app::LoadProject(*fs, config.project));
    auto made = load::MakeEventScript(std::move(project.events), load::Share::kWeight);
    if (made) events = std::move(*made);
  }
  if (!commands && !events) return NothingToSend(config, target, options);
  return LoadPlan{.script = load::MakeMixedScript(std::move(commands), std::move(events))};
}

// Checks that the target serves the events that the load sends.
Status CheckServes(const client::ServerDescription& target,
                   const std::vector<client::ledger::RequestKind>& kinds,
                   const std::string& project) {
  if (!target.is_steelthread) return {};
  for (const auto& kind : kinds) {
    if (kind.topic.empty()) continue;  // a command of the game, or a read
    const auto found = target.events.find(kind.name);
    if (found != target.events.end() && found->second.topic == kind.topic &&
        found->second.table == kind.table) {
      continue;
    }
    return Fail(
        ErrorCode::kInvalidArgument,
        "{} serves another project than {}: it declares no event \"{}\" of topic \"{}\" and "
        "table \"{}\"; name its folder with -C",
        target.url, project, kind.name, kind.topic, kind.table);
  }
  return {};
}

}  // namespace

Result<load::RunOptions> ReadRunOptions(const LoadOptions& options) {
  load::RunOptions run{.clients = options.clients > 0 ? options.clients : kDefaultClients,
                       .most_requests = options.requests};
  ST_TRY(run.duration_us, ParseDuration("--duration", options.duration));
  if (run.duration_us == 0) {
    return Fail(ErrorCode::kInvalidArgument, "--duration: '{}' is no time; want more than 0",
                options.duration);
  }
  ST_TRY(run.think_us, ParseDuration("--think", options.think));
  if (options.rate != kDeclaredRate) {
    ST_TRY(run.rate, ParseRate(options.rate));
  } else if (options.mix == "commands") {
    return Fail(ErrorCode::kInvalidArgument,
                "--rate declared: events declare rates, commands do not; leave --mix commands out");
  }
  return run;
}

Result<LoadPlan> MakeLoadPlan(const app::Config& config, const client::ServerDescription& target,
                              const LoadOptions& options) {
  ST_TRY(auto plan, MakePlan(config, target, options));
  ST_TRY_STATUS(CheckServes(target, plan.script->kinds(), config.project));
  return plan;
}

}  // namespace st::cli
