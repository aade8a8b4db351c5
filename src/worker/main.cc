// steelthread-sql is the worker process. steelthread starts it with a socket as descriptor 3.
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "jobs/codec.h"
#include "jobs/frames.h"
#include "jobs/limits.h"
#include "os/inherited.h"
#include "os/process.h"
#include "worker/sandbox.h"
#include "worker/session.h"

namespace st::worker {
namespace {

constexpr int kSocket = 3;

// The part of `word` behind `name`; nullopt if `word` does not begin with it.
std::optional<std::string_view> ValueOf(std::string_view word, std::string_view name) {
  if (!word.starts_with(name)) return std::nullopt;
  return word.substr(name.size());
}

Status Apply(std::string_view word, engine::WorkerSettings& settings) {
  if (const auto kind = ValueOf(word, "--kind="); kind == "query" || kind == "transform") {
    settings.is_query = kind == "query";
    return {};
  }
  if (const auto warehouse = ValueOf(word, "--warehouse=")) {
    settings.warehouse = *warehouse;
    return {};
  }
  if (const auto folder = ValueOf(word, "--output=")) {
    settings.output_folder = *folder;
    return {};
  }
  const auto number = [&](std::string_view name) -> std::optional<std::int64_t> {
    const auto text = ValueOf(word, name);
    const auto value = text ? ParseInt64(*text) : std::nullopt;
    return value && *value > 0 ? value : std::nullopt;
  };
  if (const auto bytes = number("--memory-limit=")) {
    settings.memory_limit_bytes = *bytes;
    return {};
  }
  if (const auto threads = number("--threads="); threads && *threads <= 1024) {
    settings.threads = static_cast<int>(*threads);
    return {};
  }
  if (const auto idle_end_ms = number("--idle-end-ms=")) {
    settings.idle_end_ms = *idle_end_ms;
    return {};
  }
  return Fail(ErrorCode::kInvalidArgument, "argument '{}' is not understood", word);
}

int Run(int argc, char** argv) {
  if (!os::NormalizeInherited()) return 1;
  engine::WorkerSettings settings;
  for (int i = 1; i < argc; ++i) {
    if (const auto applied = Apply(argv[i], settings); !applied) {
      std::fprintf(stderr, "steelthread-sql: %s; it is started by steelthread, not by hand\n",
                   applied.error().message().c_str());
      return 2;
    }
  }
  os::BlockTerminationSignals();  // only the main process ends a worker
  if (const auto entered = EnterSandbox(settings); !entered) {
    const jobs::Frame refusal{.header = {{"error", jobs::ToJson(entered.error())}}, .body = {}};
    Ignore(jobs::SendFrame(kSocket, refusal, jobs::kSendTimeoutUs), "nobody is left to tell");
    return 1;
  }
  // The session is never destroyed: its reader thread may wait on the socket for ever.
  auto* session = new Session(kSocket, settings);
  session->Run();
  return 0;
}

}  // namespace
}  // namespace st::worker

int main(int argc, char** argv) {
  int code = 70;
  try {
    code = st::worker::Run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "steelthread-sql: bug: %s\n", error.what());
  }
  ::_exit(code);
}
