#include "os/messages.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <regex>
#include <string>

#include "os/process.h"

namespace st::os {
namespace {

// A full pipe whose writes block, as those of a shell's pipe do.
class FullPipe {
 public:
  FullPipe() : ends_(MakePipe().value()) {
    const std::string block(4096, 'x');
    while (::write(ends_.second.get(), block.data(), block.size()) > 0) filled_ += block.size();
  }
  int write_end() const { return ends_.second.get(); }
  void ReadAll() { EXPECT_EQ(DrainPipe(ends_.first.get(), filled_).size(), filled_); }
  std::string Next() {
    while (true) {
      const auto text = DrainPipe(ends_.first.get(), 1 << 20);
      if (!text.empty()) return text;
      ::usleep(1000);
    }
  }

 private:
  std::pair<UniqueFd, UniqueFd> ends_;
  std::size_t filled_ = 0;
};

// The sum of the numbers in "(N messages were dropped)".
std::int64_t Reported(const std::string& text) {
  const std::regex said(R"(\((\d+) messages were dropped\))");
  std::int64_t sum = 0;
  for (std::sregex_iterator at(text.begin(), text.end(), said), end; at != end; ++at) {
    sum += std::stoll((*at)[1]);
  }
  return sum;
}

TEST(Messages, AFullPipeBlocksNoWriter) {
  // The pipe must outlive the writer's thread, which waits until the process ends.
  static auto* pipe = new FullPipe;
  Messages messages(pipe->write_end());
  const std::string text(1000, 'm');
  for (int i = 0; i < 1000; ++i) messages.Write(text);
  EXPECT_GE(messages.dropped(), 1000 - static_cast<int>(kMaxQueuedMessageBytes / 1000) - 1);
}

TEST(Messages, CountsEachDroppedMessageOnce) {
  static auto* pipe = new FullPipe;
  Messages messages(pipe->write_end());
  for (int i = 0; i < 1000; ++i) messages.Write(std::string(1000, 'm'));
  const auto dropped = messages.dropped();
  pipe->ReadAll();
  // The writer may have taken the first message while others were still dropped; that message then
  // tells a smaller number.
  std::string all;
  while (Reported(all) < dropped) all += pipe->Next();
  EXPECT_EQ(Reported(all), dropped);
}

TEST(Messages, AClosedPipeIsCounted) {
  BlockTerminationSignals();  // it ignores SIGPIPE
  auto ends = MakePipe().value();
  ends.first.Reset();
  {
    Messages messages(ends.second.get());
    messages.Write("lost\n");
    while (messages.dropped() == 0) ::usleep(1000);
  }
}

TEST(Messages, WritesInOrderBeforeItEnds) {
  auto ends = MakePipe().value();
  {
    Messages messages(ends.second.get());
    messages.Write("one\n");
    messages.Write("two\n");
  }
  EXPECT_EQ(DrainPipe(ends.first.get(), 100), "one\ntwo\n");
}

}  // namespace
}  // namespace st::os
