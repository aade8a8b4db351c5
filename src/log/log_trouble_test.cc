// What happens to the files of an open log: deleted, damaged, cut.
#include <gtest/gtest.h>

#include "log/log.h"
#include "log/testing.h"

namespace st::log {
namespace {

using testing::AppendAndWait;
using testing::Batch;
using testing::ReadValues;

const std::string kSegment = "/data/log/00000000000000000001.log";

class LogTrouble : public ::testing::Test {
 protected:
  void SetUp() override {
    Open();
    tp_ = {log_->CreateTopic("events", 1).value().id, PartitionId(0)};
    ASSERT_TRUE(Append("one"));
  }
  void Open() {
    log_.reset();
    auto log = Log::Open(*fs_, clock_, *random_, options_);
    ASSERT_TRUE(log) << log.error().message();
    log_ = std::move(*log);
  }
  Result<AppendResult> Append(const std::string& value) {
    return AppendAndWait(*log_, tp_, Batch({value}));
  }
  void ExpectClosed() {
    const auto first = Append("two");
    ASSERT_FALSE(first) << "acknowledged into a file that no path leads to";
    EXPECT_EQ(first.error().code(), ErrorCode::kOutcomeUnknown);
    EXPECT_EQ(Append("three").error().code(), ErrorCode::kIo);
    EXPECT_NE(log_->health().error().message().find("00001.log"), std::string::npos);
    EXPECT_EQ(log_->EndOffset(tp_), Offset(1));
  }

  std::unique_ptr<os::testing::MemoryFileSystem> fs_ =
      std::make_unique<os::testing::MemoryFileSystem>();
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(1);
  LogOptions options_{
      .dir = "/data/log", .segment_bytes = 1 << 20, .allocate_chunk_bytes = 64 << 10};
  std::unique_ptr<Log> log_;
  TopicPartition tp_;
};

TEST_F(LogTrouble, AcknowledgesNothingIntoASegmentThatWasCut) {
  const auto file = fs_->Open(kSegment, os::OpenMode::kReadWrite).value();
  ASSERT_TRUE(file->Truncate(100));
  ExpectClosed();
}

}  // namespace
}  // namespace st::log
