// An HTTP problem as JSON (RFC 9457), in one form for all refusals. Pure.
#pragma once

#include <string>
#include <string_view>

namespace st {

// "Not Found" of 404; "Status" of one that we do not send.
std::string_view ReasonPhrase(int status);

struct ProblemFields {
  int status = 500;
  std::string_view code;         // stable
  std::string_view detail;       // for people
  std::string_view parameter{};  // at fault, or ""
};
// {"type":"about:blank","title":…,"status":…,"detail":…,"code":…,"parameter":…} and a newline; of
// text that is no UTF-8 each byte outside ASCII becomes U+FFFD.
std::string ProblemJson(const ProblemFields& problem);

inline constexpr std::string_view kProblemType = "application/problem+json";

}  // namespace st
