#include "api/kafka/describe_log_dirs_handler.h"

#include <optional>

#include "api/kafka/testing.h"

namespace st::api {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class DescribeLogDirsHandlerTest : public KafkaApiTest {
 protected:
  // DescribeLogDirs version 4 of all topics: the folder, its total and usable bytes.
  struct Described {
    std::string path;
    std::int64_t bytes = -2;  // of partition 0 of "events"
    std::int64_t total = -2;
    std::int64_t usable = -2;
  };
  Described Describe() {
    const std::string answer = client_->Call(35, 4, std::string("\0\0\0", 3));
    Reader in(answer, true);
    in.Tags();
    in.Int<std::int32_t>();  // throttle
    EXPECT_EQ(in.Int<std::int16_t>(), 0);
    EXPECT_EQ(in.ArrayLength(1), 1);
    EXPECT_EQ(in.Int<std::int16_t>(), 0);
    Described described{.path = std::string(in.String())};
    EXPECT_EQ(in.ArrayLength(1), 1);
    EXPECT_EQ(in.String(), "events");
    EXPECT_EQ(in.ArrayLength(1), 1);
    EXPECT_EQ(in.Int<std::int32_t>(), 0);
    described.bytes = in.Int<std::int64_t>();
    EXPECT_EQ(in.Int<std::int64_t>(), 0);  // lag
    EXPECT_FALSE(in.Bool());               // future
    in.Tags();
    in.Tags();
    described.total = in.Int<std::int64_t>();
    described.usable = in.Int<std::int64_t>();
    in.Tags();
    in.Tags();
    EXPECT_TRUE(in.ok() && in.left().empty());
    return described;
  }
};

TEST_F(DescribeLogDirsHandlerTest, TellsTheBytesOfAPartitionAndTheRoomOfTheVolume) {
  api_->Stop(0);
  options_.log_dir = {.path = "/log", .volume = [] {
                        return std::optional(os::VolumeBytes{.total_bytes = 9, .usable_bytes = 8});
                      }};
  Start();
  EXPECT_EQ(Describe().bytes, 0);
  Produce(One());
  const auto described = Describe();
  EXPECT_EQ(described.path, "/log");
  EXPECT_GT(described.bytes, static_cast<std::int64_t>(One().size()));
  EXPECT_EQ(described.total, 9);
  EXPECT_EQ(described.usable, 8);
  Produce(One());
  EXPECT_EQ(Describe().bytes, 2 * described.bytes);
}

TEST_F(DescribeLogDirsHandlerTest, AnUnknownVolumeIsToldAsKafkaTellsIt) {
  EXPECT_EQ(Describe().total, -1);
  EXPECT_EQ(Describe().usable, -1);
}

}  // namespace
}  // namespace st::api
