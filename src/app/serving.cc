#include "app/serving.h"

#include <utility>

#include "app/check.h"
#include "app/project.h"
#include "project/event_versions.h"
#include "project/warnings.h"

namespace st::app {

Result<project::ServedProject> Serving::Make(project::Project files) const {
  auto warnings = project::UnreadWarnings(env_.fs, files.folder);
  ST_TRY(const auto recorded, project::ReadRecordedState(stores_.log()));
  ST_TRY(auto made, project::MakeServedProject(std::move(files), recorded, warnings));
  made.warnings = std::move(warnings);
  made.routes = make_routes_(made);
  return made;
}

Result<Serving::Served> Serving::MakeAndRecord(project::Project files) {
  ST_TRY(auto made, Make(std::move(files)));
  for (auto& setting : ChangedSettings(config_)) made.warnings.push_back(std::move(setting));
  ST_TRY_STATUS(project::RecordEventVersions(stores_.log(), env_.clock.NowUs() / 1000, made.added));
  return std::make_shared<const project::ServedProject>(std::move(made));
}

Status Serving::Start(project::Project files) {
  ST_TRY(auto served, MakeAndRecord(std::move(files)));
  served_.With([&](auto& now) { now = std::move(served); });
  return {};
}

Status Serving::Swap(const Restart& restart) {
  ST_TRY(auto files, LoadProject(env_.fs, config_.project));
  const bool has_game = now()->rules != nullptr;
  if (files.game.has_value() != has_game) {
    return Fail(ErrorCode::kInvalidArgument, "{}/game.toml {}: restart the server for that",
                config_.project, has_game ? "is gone" : "is new");
  }
  // A mistake of the project is found before anything stops.
  ST_TRY(const auto tried, Make(files));
  ST_TRY_STATUS(CheckTables(stores_.data().fs(), stores_.data().warehouse_dir(), tried.pipelines));
  std::vector<std::string> changed;
  for (const auto& version : tried.added) changed.push_back(version.declaration.name);
  std::unique_ptr<api::EventsApi::Change> change;
  Served served;
  ST_TRY_STATUS(restart([&]() -> Result<Served> {
    ST_TRY(change, events_.BeginChange(changed));
    ST_TRY(served, MakeAndRecord(std::move(files)));
    return served;
  }));
  served_.With([&](auto& now) { now = std::move(served); });
  change->Finish();
  return {};
}

Status Serving::Reload(const Restart& restart) {
  MutexLock lock(reload_mu_);
  if (is_stopping_) return Fail(ErrorCode::kShutdown, "the server is stopping");
  const auto done = Swap(restart);
  last_error_.With([&](auto& error) { error = done ? std::nullopt : std::optional(done.error()); });
  if (env_.metrics != nullptr) {
    env_.metrics
        ->Counter("steelthread_reloads_total", "Reloads of the project, by outcome.",
                  done ? "outcome=\"ok\"" : "outcome=\"refused\"")
        .Add();
  }
  tell_.With([&](const auto& tell) {
    if (tell) tell(done);
  });
  return done;
}

void Serving::Stop() {
  MutexLock lock(reload_mu_);
  is_stopping_ = true;
}

std::vector<std::string> Serving::Warnings() const {
  std::vector<std::string> topics;
  for (const auto& topic : stores_.log().Topics()) topics.push_back(topic.name);
  const auto served = now();
  auto warnings = served->warnings;
  for (auto& warning : project::TopicWarnings(served->files, topics)) {
    warnings.push_back(std::move(warning));
  }
  return warnings;
}

}  // namespace st::app
