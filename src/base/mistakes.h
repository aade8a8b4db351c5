// The mistakes of a person's files, all of them in one error.
#pragma once

#include <set>
#include <string>

#include "base/result.h"

namespace st {

// Collects mistakes in the order in which they are found, one line or more each; one that is found
// twice is told once.
class Mistakes {
 public:
  // Returns true if there is no mistake.
  bool Add(const Status& checked) {
    if (checked) return true;
    const auto& message = checked.error().message();
    if (!known_.insert(message).second) return false;
    text_ += (text_.empty() ? "" : "\n") + message;
    return false;
  }
  template <typename T>
  bool Add(const Result<T>& made) {
    return made ? true : Add(Status(std::unexpected(made.error())));
  }
  bool empty() const { return text_.empty(); }
  // kInvalidArgument with all of them.
  Status AsStatus() const {
    if (text_.empty()) return {};
    return Fail(ErrorCode::kInvalidArgument, "{}", text_);
  }

 private:
  std::set<std::string> known_;
  std::string text_;
};

}  // namespace st
