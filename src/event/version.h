// A declaration as a record of the log, and the effect of a change on records and tables. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "event/declaration.h"

namespace st::event {

// The parts of a declaration on which readers of the log and of the table rely, as one line of
// JSON: not route and reply.
std::string EncodeShape(const Declaration& declaration);
// kCorruption describes the fault. Places are empty.
Result<Declaration> DecodeShape(std::string_view json);

// In each partition of the event's topic.
using Offsets = std::map<std::int32_t, std::int64_t>;

// A declaration, and the ends of its topic when it was first seen.
struct DeclaredVersion {
  Declaration declaration;
  Offsets since;
};
// One line of JSON: {"declaration": …, "since": {"0": 12}}. kCorruption says what is wrong.
std::string EncodeVersion(const DeclaredVersion& version);
Result<DeclaredVersion> DecodeVersion(std::string_view json);
nlohmann::ordered_json OffsetsJson(const Offsets& offsets);
Result<Offsets> OffsetsOf(const nlohmann::ordered_json& json);

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
