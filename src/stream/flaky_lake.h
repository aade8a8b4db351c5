// A lake for tests whose commits have scripted outcomes.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lake/lake.h"

namespace st::stream::testing {

// A lake behind a wire: the next commits do as `outcomes` says, then all is well.
class FlakyLake final : public lake::Lake {
 public:
  enum class Outcome { kGood, kLandsUnknown, kLostUnknown, kConflict, kLandsPoisoned };
  explicit FlakyLake(lake::Lake& inner) : inner_(inner) {}
  std::deque<Outcome> outcomes;

  std::vector<std::string> Schemas() const override { return inner_.Schemas(); }
  std::vector<lake::TableName> Tables() const override { return inner_.Tables(); }
  Result<std::shared_ptr<const lake::View>> Load(const lake::TableName& name) const override {
    if (stale_ && stale_->name == name) return stale_;
    return inner_.Load(name);
  }
  Result<std::shared_ptr<const lake::View>> LoadForCommit(const lake::TableName& name) override {
    if (stale_ && stale_->name == name) return stale_;
    return inner_.LoadForCommit(name);
  }
  Result<std::shared_ptr<const lake::View>> Create(
      const lake::TableName& name, const std::vector<lake::Column>& columns,
      const std::map<std::string, std::string>& properties, const TableLayout& layout) override {
    return inner_.Create(name, columns, properties, layout);
  }
  Result<std::shared_ptr<const lake::View>> Replace(const lake::Rewrite& rewrite) override {
    return inner_.Replace(rewrite);
  }
  Result<std::shared_ptr<const lake::View>> Clear(const lake::Clearing& clearing) override {
    return inner_.Clear(clearing);
  }
  Result<std::shared_ptr<const lake::View>> RollBack(const lake::Rollback& rollback) override {
    return inner_.RollBack(rollback);
  }
  Result<std::string> PositionAt(const lake::TableName& name, SnapshotId snapshot) override {
    return inner_.PositionAt(name, snapshot);
  }
  Result<std::vector<std::int64_t>> Expire(const lake::Expiry& expiry) override {
    return inner_.Expire(expiry);
  }
  Result<lake::Hold> HoldSnapshots(const lake::HoldRequest& request) override {
    return inner_.HoldSnapshots(request);
  }
  Status ReleaseHold(const lake::TableName& table, const std::string& name) override {
    return inner_.ReleaseHold(table, name);
  }
  Status Drop(const lake::TableName& name) override { return inner_.Drop(name); }
  Status RemoveDropped() override { return inner_.RemoveDropped(); }
  Result<std::shared_ptr<const lake::View>> Rename(
      const lake::TableName& from, const lake::TableName& to,
      const std::map<std::string, std::string>& properties) override {
    return inner_.Rename(from, to, properties);
  }
  Result<bool> Relocate(const lake::TableName& name) override { return inner_.Relocate(name); }
  Status CheckDataFile(const lake::DataFile& file) override { return inner_.CheckDataFile(file); }
  Status CheckBeforeUse(const lake::TableName& name, const lake::DataFile& file) const override {
    return inner_.CheckBeforeUse(name, file);
  }
  Status RemoveUnnamed(const lake::TableName& name) override { return inner_.RemoveUnnamed(name); }
  Result<std::vector<lake::Orphan>> FindOrphans(const lake::TableName& name) override {
    return inner_.FindOrphans(name);
  }
  Result<std::vector<std::string>> RemoveOrphans(const lake::TableName& name,
                                                 bool is_dry) override {
    return inner_.RemoveOrphans(name, is_dry);
  }
  Result<std::shared_ptr<const lake::View>> Commit(const lake::Append& append) override {
    Outcome outcome = Outcome::kGood;
    if (stale_ && stale_->name == append.table) return Fail(ErrorCode::kIo, "open it again");
    if (!outcomes.empty()) {
      outcome = outcomes.front();
      outcomes.pop_front();
    }
    if (outcome == Outcome::kConflict) return Fail(ErrorCode::kConflict, "somebody was faster");
    if (outcome == Outcome::kLostUnknown) return Fail(ErrorCode::kOutcomeUnknown, "no answer");
    const auto before = inner_.Load(append.table);
    auto done = inner_.Commit(append);
    if (outcome == Outcome::kLandsPoisoned) stale_ = before.value();
    if (outcome == Outcome::kLandsUnknown || outcome == Outcome::kLandsPoisoned)
      return Fail(ErrorCode::kOutcomeUnknown, "no answer");
    return done;
  }
  Result<std::string> NewDataFile(const lake::TableName& name) override {
    return inner_.NewDataFile(name);
  }
  Status DiscardDataFile(const std::string& location) override {
    return inner_.DiscardDataFile(location);
  }

 private:
  lake::Lake& inner_;
  std::shared_ptr<const lake::View> stale_;  // of the table that takes nothing more
};

}  // namespace st::stream::testing
