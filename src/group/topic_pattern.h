// The pattern by which members of the new protocol subscribe to topics (SubscribedTopicRegex).
//
// Pure.
// Limits: kMaxPatternBytes, kMaxPatternMemory (limits.h).
// Source: RE2, whose port to Java Kafka uses.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace st::group {

// Why it is no pattern, in the words of Kafka's message; nullopt: it is one.
std::optional<std::string> PatternError(const std::string& pattern);
// Those names that the pattern matches from end to end; none for what is no pattern. Ends with
// those that it found once `is_over` says so.
std::set<std::string> MatchingTopics(const std::string& pattern,
                                     const std::vector<std::string>& names,
                                     const std::function<bool()>& is_over);

}  // namespace st::group
