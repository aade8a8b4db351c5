#include "os/volume.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace st::os {
namespace {

TEST(Volume, HasTheRoomThatTheSystemReports) {
  const auto path = std::filesystem::temp_directory_path();
  const auto volume = ReadVolume(path.string());
  ASSERT_TRUE(volume);
  EXPECT_EQ(volume->total_bytes, std::filesystem::space(path).capacity);
  EXPECT_GT(volume->usable_bytes, 0U);
  EXPECT_LE(volume->usable_bytes, volume->total_bytes);
}

TEST(Volume, AMissingFolderIsNotFound) {
  EXPECT_EQ(ReadVolume("/no/such/folder").error().code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace st::os
