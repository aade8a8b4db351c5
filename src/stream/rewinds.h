// Remembers to where a table was moved back in the log. Dead letters behind such a place have been
// taken out of bad.rows since, so a snapshot of before that stands behind it lacks its own. Pure.
//
// Format: docs/formats/pipeline_progress.md
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "lake/view.h"
#include "stream/progress.h"

namespace st::stream {

// Whether `a` stands nowhere before `b`.
bool IsAtOrBehind(const FlowProgress& a, const FlowProgress& b);

class Rewinds {
 public:
  // kCorruption: the property kRewindsProperty of the table cannot be read.
  static Result<Rewinds> Of(const lake::View& table);
  // Adds one: `to` is the position with its new timeline. Forgets those that it makes needless.
  // Limits: kMaxRewinds; beyond, the two oldest become one that stands for both.
  void Add(const FlowProgress& to);
  // Up to where bad.rows has the dead letters of a snapshot at `at`: all of them, if that is `at`.
  FlowProgress Kept(const FlowProgress& at) const;
  std::string Encode() const;

 private:
  std::vector<FlowProgress> all_;  // oldest first; only topics and timeline
};

}  // namespace st::stream
