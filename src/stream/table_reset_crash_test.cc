// Tests power loss at every step of a reset, a rollback and what the pipeline does after them: I4.
#include "stream/table_control.h"
#include "stream/table_reset.h"
#include "stream/testing.h"

namespace st::stream {
namespace {

const lake::TableName kTable{.schema = "default", .name = "t"};

class ResetCrash : public testing::PipelineTest {
 protected:
  Dependencies To() { return {.log = *log_, .lake = *flaky_, .env = {*fs_, clock_, *random_}}; }

  // Two commits to the table, each with dead letters; the first one's snapshot.
  SnapshotId Fill() {
    Produce({"a", "bad 1", "x"});
    Drain();
    const auto first = lake_->Load(kTable).value()->snapshot.value();
    Produce({"b", "bad 2", "poison"});
    Produce({"c", "x too"}, 1);
    Drain();
    return first;
  }

  // Another definition, whose dead letters are those with an x.
  void Change() {
    definition_.statement = "SELECT x";
    NewProcess();
  }
  void NewProcess() {
    Restart({.max_records = 4});
    if (definition_.statement == "SELECT x") worker_->bad_prefix = "x";
  }

  // Cuts the power before each mutating step of `act` and of the steps of the pipeline after it.
  // `finish` is what a person does after the power is back; then rows and dead letters must be
  // these.
  void CrashEverywhere(const std::function<Status()>& act, const std::function<void()>& finish,
                       const std::vector<std::string>& rows, const std::vector<std::string>& dead) {
    const auto filled = fs_->Copy();
    int crashes = 0;
    for (int at = 0;; ++at) {
      Boot(filled->Copy());
      int count = 0;
      fs_->SetHook([&](const std::string&, const std::string&) -> Status {
        if (count++ >= at) return Fail(ErrorCode::kIo, "the power is gone");
        return {};
      });
      Ignore(act(), "the power may be gone");
      for (int i = 0; i < 4; ++i) Ignore(Step(), "the power may be gone");
      const bool is_whole = count <= at;
      fs_->SetHook({});
      Boot(fs_->Crash(*random_));
      Ignore(Step(), "the next process may make a step before the person does anything");
      finish();
      Drain();
      ASSERT_EQ(Rows(), rows) << "crash at step " << at;
      ASSERT_EQ(Dead(), dead) << "crash at step " << at;
      if (is_whole) break;
      ++crashes;
    }
    EXPECT_GT(crashes, 40);
  }

  void Boot(std::unique_ptr<os::testing::MemoryFileSystem> disk) {
    pipeline_.reset();
    flaky_.reset();
    lake_.reset();
    fs_ = std::move(disk);
    OpenLake();
    NewProcess();
  }
};

TEST_F(ResetCrash, AResetWithAnotherDefinitionIsWholeWhereverItCrashes) {
  Fill();
  Change();
  const auto reset = [&]() -> Status {
    ST_TRY_STATUS(Reset(To(), definition_));
    return {};
  };
  const auto finish = [&] { ASSERT_TRUE(reset()); };  // the person did not see that it is done
  CrashEverywhere(reset, finish, {"0/0 a", "0/1 bad 1", "0/3 b", "0/4 bad 2", "1/0 c"},
                  {"0/2 not_json", "0/5 sql_error", "1/1 not_json"});
}

TEST_F(ResetCrash, ARollbackAndTheWayFromThereAreWholeWhereverTheyCrash) {
  const auto snapshot = Fill();
  const auto back = [&]() -> Status {
    ST_TRY_STATUS(RollBack(To(), {.table = kTable, .snapshot = snapshot, .reason = "why"}));
    Ignore(Step(), "it takes dead letters back");
    ST_TRY_STATUS(Resume(To(), definition_));
    return {};
  };
  const auto finish = [&] { ASSERT_TRUE(Resume(To(), definition_)); };
  CrashEverywhere(back, finish, {"0/0 a", "0/2 x", "0/3 b", "1/0 c", "1/1 x too"},
                  {"0/1 not_json", "0/4 not_json", "0/5 sql_error"});
}

TEST_F(ResetCrash, ARollbackBeforeAnotherDefinitionIsWholeWhereverItCrashes) {
  const auto snapshot = Fill();
  Change();
  const auto back = [&]() -> Status {
    ST_TRY_STATUS(RollBack(To(), {.table = kTable, .snapshot = snapshot, .reason = "why"}));
    return {};
  };
  const auto finish = [&] {
    ASSERT_TRUE(back());
    ASSERT_TRUE(Resume(To(), definition_));
  };
  CrashEverywhere(back, finish, {"0/0 a", "0/2 x", "0/3 b", "0/4 bad 2", "1/0 c"},
                  {"0/1 not_json", "0/5 sql_error", "1/1 not_json"});
}

}  // namespace
}  // namespace st::stream
