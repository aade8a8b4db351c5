// Runs one rewrite of data files: a worker process, or a fake of it in tests.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/result.h"
#include "base/written_file.h"
#include "jobs/rewrite_messages.h"

namespace st::upkeep {

// Threads: owned by one thread; Cancel is safe from any thread.
class Rewriter {
 public:
  virtual ~Rewriter() = default;
  // As jobs::WorkerClient::Rewrite.
  virtual Result<std::optional<WrittenFile>> Rewrite(const jobs::RewriteJob& job) = 0;
  // Stops the running job, and refuses each later one: kShutdown.
  virtual void Cancel() = 0;
  // Between jobs: waits for a worker that ended by itself. Does not block.
  virtual void Reap() = 0;
};

using MakeRewriter = std::function<std::unique_ptr<Rewriter>()>;

}  // namespace st::upkeep
