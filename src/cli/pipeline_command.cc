#include "cli/pipeline_command.h"

#include <fmt/format.h>

#include <cstdio>

#include "cli/control_client.h"
#include "cli/counted.h"
#include "cli/exit_code.h"

namespace st::cli {
namespace {

constexpr std::int64_t kRunTimeoutUs = 24LL * 3600 * 1'000'000;  // a first run may take a day

}  // namespace

std::string RenderRun(const nlohmann::json& report) {
  const auto number = [&](const char* key) { return report.value(key, std::int64_t{0}); };
  return fmt::format("{}: {} read, {} added to {}, {}, in {:.2f} s\n", report.value("pipeline", ""),
                     Counted(number("records_read"), "event"), Counted(number("rows"), "row"),
                     report.value("table", ""), Counted(number("dead_letters"), "dead letter"),
                     static_cast<double>(number("elapsed_us")) / 1e6);
}

int RunPipelineOnce(const app::Config& config, const std::string& name) {
  const auto report = ActOnPipeline(config, {.verb = "run", .name = name}, kRunTimeoutUs);
  if (!report) return ExitForServer(report.error());
  const std::string text = RenderRun(*report);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

}  // namespace st::cli
