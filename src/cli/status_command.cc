#include "cli/status_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "cli/control_client.h"
#include "cli/exit_code.h"
#include "cli/lost_server.h"
#include "cli/server_locator.h"
#include "cli/status_text.h"
#include "os/environment.h"
#include "os/system_time.h"

namespace st::cli {
namespace {

// Where no server runs on the data folder, the error names one whose folder was removed or moved.
Error WithLostServer(const app::Config& config, const Error& error) {
  if (error.code() != ErrorCode::kUnavailable || FindServer(config)) return error;
  const auto lost = FindLostServer(config);
  if (!lost) return error;
  return Error(error.code(), fmt::format("no server runs on {}, but {}: {}", config.data_dir,
                                         DescribeLost(config, *lost), RemedyOfLost(config, *lost)));
}

}  // namespace

int ShowStatus(const app::Config& config, const StatusOptions& options) {
  const bool is_terminal = os::IsTerminal(STDOUT_FILENO);
  for (bool is_first = true;; is_first = false) {
    const auto status = AskStatus(config);
    if (!status) return ExitForServer(WithLostServer(config, status.error()));
    const bool is_json = options.format == "json";
    std::string text = is_json
                           ? status->dump(is_terminal || options.watch_seconds == 0 ? 2 : -1) + "\n"
                           : RenderStatus(*status, options.all);
    if (options.watch_seconds > 0 && is_terminal) {
      text = "\x1b[H\x1b[2J" + text;  // moves to the corner and clears the screen
    } else if (!is_first && !is_json) {
      text = "\n" + text;
    }
    const bool is_written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    if (!is_written || std::fflush(stdout) != 0) return kExitFailed;
    if (options.watch_seconds <= 0) return 0;
    os::SleepUs(static_cast<std::int64_t>(options.watch_seconds * 1e6));
  }
}

}  // namespace st::cli
