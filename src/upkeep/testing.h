// A Rewriter without a process, for files of lake/testing.h, whose bytes say how many rows they
// have.
#pragma once

#include <atomic>
#include <functional>
#include <optional>

#include "base/text.h"
#include "lake/testing.h"
#include "upkeep/rewriter.h"

namespace st::upkeep::testing {

class FakeRewriter final : public Rewriter {
 public:
  explicit FakeRewriter(os::FileSystem& fs) : fs_(fs) {}

  Result<std::optional<WrittenFile>> Rewrite(const jobs::RewriteJob& job) override {
    if (is_cancelled_) return Fail(ErrorCode::kShutdown, "upkeep stops");
    ++jobs;
    if (before) before();
    if (is_empty) return std::nullopt;
    std::int64_t rows = lost_rows == 0 ? 0 : -lost_rows;
    for (const auto& input : job.inputs) {
      ST_TRY(const auto bytes, os::ReadWholeFile(fs_, input, 1 << 20));
      rows += ParseInt64(Trimmed(bytes)).value_or(0);
    }
    const auto content = lake::testing::ContentOf(rows);
    ST_TRY_STATUS(os::WriteNewFile(fs_, job.output_path, content));
    if (fails_with) return std::unexpected(*fails_with);
    WrittenFile file{.location = job.output_path, .rows = rows, .bytes = std::ssize(content)};
    if (!copies) file.columns = {{3, {.size_bytes = 9, .value_count = rows}}};
    return file;
  }
  void Cancel() override { is_cancelled_ = true; }
  bool is_cancelled() const { return is_cancelled_; }
  void Reap() override {}

  std::function<void()> before;  // called by each job
  std::optional<Error> fails_with;
  std::int64_t lost_rows = 0;
  bool is_empty = false;  // no row stays
  bool copies = false;    // as a worker that copies row groups: without statistics
  std::atomic<int> jobs = 0;

 private:
  // ParseInt64 takes no zeros before a number.
  static std::string_view Trimmed(std::string_view bytes) {
    const auto first = bytes.find_first_not_of('0');
    return first == std::string_view::npos ? "0" : bytes.substr(first);
  }

  os::FileSystem& fs_;
  std::atomic<bool> is_cancelled_ = false;
};

}  // namespace st::upkeep::testing
