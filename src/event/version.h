// A declaration as an entry of the log, and what a changed one means for records and tables. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/declaration.h"

namespace st::event {

// What readers of the log and of the table rely on, as one line of JSON: not route and reply.
std::string EncodeShape(const Declaration& declaration);
// kCorruption says what is wrong. Places are empty.
Result<Declaration> DecodeShape(std::string_view json);

enum class Change {
  kSame,
  kCompatible,  // optional fields were added
  kNewVersion,  // a higher version: another table
  kIncompatible,
};
struct Comparison {
  Change change = Change::kSame;
  std::vector<std::string> added;    // names of new optional fields
  std::vector<std::string> reasons;  // of kIncompatible, each with its place in `now`
};
// Of one event.
Comparison Compare(const Declaration& before, const Declaration& now);

}  // namespace st::event
