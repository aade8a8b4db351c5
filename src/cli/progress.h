// The line on a terminal that says how far a command is.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace st::cli {

// Writes to stderr if that is a terminal, else nothing.
//
// Threads: one thread.
class Progress {
 public:
  Progress();
  ~Progress() { Clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  bool is_shown() const { return is_terminal_; }
  // Puts `text` in place of the last one, but not more often than a person can read.
  void Show(const std::string& text);
  // Removes the line, so that others can be written.
  void Clear();

 private:
  const bool is_terminal_;
  bool has_line_ = false;
  std::int64_t last_us_ = 0;  // monotonic; 0: nothing was shown
};

// Runs `work` on a thread of its own, and shows `text` once a second meanwhile; a text of "" is not
// shown. Without a terminal it only runs `work`.
void WithProgress(const std::function<void()>& work, const std::function<std::string()>& text);

// "37 %"; of nothing "100 %".
std::string Percent(std::int64_t done, std::int64_t all);

}  // namespace st::cli
