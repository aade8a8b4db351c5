// Ends a test program whose test takes longer than its deadline, so that no wait lasts for ever.
//
// Every <module>_test links this file. The signal ends the program where it waits, and the message
// names the test. ST_TEST_DEADLINE_S sets the seconds for long campaigns.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

constexpr unsigned kDeadlineS = 300;
char message[512];

// The text was made when the test began, so this makes only async-signal-safe calls.
void EndProgram(int) {
  if (::write(STDERR_FILENO, message, std::strlen(message)) < 0) std::_Exit(1);
  std::abort();
}

unsigned DeadlineS() {
  const char* text = std::getenv("ST_TEST_DEADLINE_S");
  unsigned seconds = kDeadlineS;
  if (text != nullptr) std::from_chars(text, text + std::strlen(text), seconds);
  return seconds;
}

class DeadlineOfEachTest final : public testing::EmptyTestEventListener {
  void OnTestStart(const testing::TestInfo& test) override {
    const unsigned seconds = DeadlineS();
    const std::string text = std::string("\n") + test.test_suite_name() + "." + test.name() +
                             " has not ended after " + std::to_string(seconds) + " s\n";
    std::fill(std::copy_n(text.begin(), std::min(text.size(), sizeof message - 1), message),
              std::end(message), '\0');
    std::signal(SIGALRM, EndProgram);
    ::alarm(seconds);
  }
  void OnTestEnd(const testing::TestInfo&) override { ::alarm(0); }
};

// gtest owns the listener.
[[maybe_unused]] const bool is_listening = [] {
  testing::UnitTest::GetInstance()->listeners().Append(new DeadlineOfEachTest);
  return true;
}();

}  // namespace
