// What happens to the files of an open log: deleted, damaged, cut.
#include <gtest/gtest.h>

#include "log/local_log.h"
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
    auto log = LocalLog::Open({*fs_, clock_, *random_}, options_);
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
  std::unique_ptr<LocalLog> log_;
  TopicPartition tp_;
};

// A log of several segments, and what is done to the second of them.
class DamagedLog : public LogTrouble {
 protected:
  void SetUp() override {
    LogTrouble::SetUp();
    while (!fs_->Exists(kThird).value()) ASSERT_TRUE(Append(std::string(300'000, 'x')));
    ASSERT_FALSE(log_->damage());
  }
  void ExpectDamage(const std::string& what) {
    const auto end = log_->EndOffset(tp_);
    const auto read = log_->Read(tp_, Offset(0), 64 << 20);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code(), ErrorCode::kCorruption);
    for (const auto& part : {kSecond, what, std::string("restore the data folder as a whole")}) {
      EXPECT_TRUE(read.error().message().contains(part)) << read.error().message();
    }
    EXPECT_EQ(log_->damage()->message(), read.error().message());
    EXPECT_TRUE(log_->health()) << "appends go on";
    EXPECT_TRUE(Append("more"));
    EXPECT_TRUE(log_->CheckBatches(tp_, Offset(0), Offset(1))) << "the first segment is whole";
    EXPECT_FALSE(log_->CheckBatches(tp_, Offset(0), end));
  }

  const std::string kSecond = "/data/log/00000000000000000002.log";
  const std::string kThird = "/data/log/00000000000000000003.log";
};

TEST_F(DamagedLog, ShowsASegmentThatIsMissing) {
  ASSERT_TRUE(fs_->Remove(kSecond));
  ExpectDamage("the segment is missing");
}

TEST_F(DamagedLog, IsWellAgainOnceTheMissingSegmentIsBack) {
  ASSERT_TRUE(fs_->Rename(kSecond, "/data/aside"));
  EXPECT_FALSE(log_->CheckBatches(tp_, Offset(0), log_->EndOffset(tp_)));
  EXPECT_TRUE(log_->damage());
  ASSERT_TRUE(fs_->Rename("/data/aside", kSecond));
  EXPECT_FALSE(log_->damage());
  EXPECT_TRUE(log_->CheckBatches(tp_, Offset(0), log_->EndOffset(tp_)));
}

TEST_F(DamagedLog, ShowsASegmentThatLostItsNameWhileItIsOpen) {
  ASSERT_TRUE(log_->Read(tp_, Offset(0), 64 << 20));
  ASSERT_TRUE(fs_->Remove(kSecond));
  EXPECT_FALSE(log_->CheckBatches(tp_, Offset(0), log_->EndOffset(tp_)));
  EXPECT_TRUE(log_->damage());
}

TEST_F(DamagedLog, ShowsAByteThatChanged) {
  auto bytes = fs_->Contents(kSecond);
  bytes.at(bytes.find("xxxx")) ^= 1;
  fs_->Overwrite(kSecond, bytes);
  ExpectDamage("crc");
}

TEST_F(DamagedLog, ShowsAPlaceThatTheDiskRefusesToReadUntilItCanBeRead) {
  ASSERT_TRUE(log_->Read(tp_, Offset(0), 64 << 20));
  fs_->SetReadHook([this](const std::string& path, std::uint64_t) -> Status {
    if (path != kSecond) return {};
    return Fail(ErrorCode::kIo, "read {}: Input/output error", path);
  });
  const auto read = log_->Read(tp_, Offset(0), 64 << 20);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), ErrorCode::kIo);
  EXPECT_EQ(log_->damage()->message(), read.error().message());
  for (const auto* part : {kSecond.c_str(), "Input/output error", "see to the disk",
                           "restore the data folder as a whole"}) {
    EXPECT_TRUE(read.error().message().contains(part)) << read.error().message();
  }
  EXPECT_TRUE(log_->health()) << "appends go on";
  EXPECT_TRUE(Append("more"));
  EXPECT_TRUE(log_->damage()) << "the disk refuses still";
  fs_->SetReadHook(nullptr);
  EXPECT_FALSE(log_->damage()) << "nobody has to read it first";
  EXPECT_TRUE(log_->Read(tp_, Offset(0), 64 << 20));
}

TEST_F(LogTrouble, AcknowledgesNothingIntoASegmentThatWasCut) {
  const auto file = fs_->Open(kSegment, os::OpenMode::kReadWrite).value();
  ASSERT_TRUE(file->Truncate(100));
  ExpectClosed();
}

}  // namespace
}  // namespace st::log
