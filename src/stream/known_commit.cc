#include "stream/known_commit.h"

#include <optional>

#include "stream/limits.h"

namespace st::stream {

Result<std::shared_ptr<const lake::View>> CommitUntilKnown(lake::Lake& lake,
                                                           const lake::TableName& table,
                                                           const Attempt& attempt) {
  Error last(ErrorCode::kConflict, "not tried");
  std::optional<Error> unknown;
  for (int i = 0; i < kMaxCommitTries; ++i) {
    const auto loaded = lake.LoadForCommit(table);
    if (!loaded && unknown) {
      return Fail(ErrorCode::kOutcomeUnknown, "{}", loaded.error().message());
    }
    ST_TRY(const auto view, loaded);
    ST_TRY(auto tried, attempt(view));
    if (tried.outcome) return std::move(tried.outcome);
    last = tried.outcome.error();
    if (last.code() == ErrorCode::kOutcomeUnknown) unknown = last;
    if (last.code() != ErrorCode::kConflict && last.code() != ErrorCode::kOutcomeUnknown) break;
  }
  // A try that may have been committed forbids removing the files, whatever error came later.
  return std::unexpected(unknown.value_or(last));
}

}  // namespace st::stream
