#include "cli/usage.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

#include "base/text.h"
#include "event/timestamp.h"

namespace st::cli {
namespace {

// The text behind the first `mark`, or "".
std::string Behind(std::string_view text, std::string_view mark) {
  const auto at = text.find(mark);
  return at == std::string_view::npos ? "" : std::string(text.substr(at + mark.size()));
}

}  // namespace

CLI::Validator Among(std::vector<std::string> names) {
  const auto check = [names = std::move(names)](std::string& text) {
    if (std::ranges::find(names, text) != names.end()) return std::string();
    const auto near = NearestName(text, names);
    return fmt::format("\"{}\" is none of {}{}", text, fmt::join(names, ", "),
                       near ? fmt::format("; did you mean \"{}\"?", *near) : "");
  };
  return CLI::Validator(check, "");
}

CLI::Validator NamesA(std::string what) {
  const auto check = [what = std::move(what)](std::string& text) {
    return text.empty() ? fmt::format("an empty text names no {}", what) : std::string();
  };
  return CLI::Validator(check, "");
}

CLI::Validator IsTime() {
  const auto check = [](std::string& text) {
    const auto time = event::ParseTimestamp(text);
    if (time) return std::string();
    return fmt::format("\"{}\" is no time such as 2026-11-30T05:40:00Z{}{}", text,
                       time.error().empty() ? "" : ": ", time.error());
  };
  return CLI::Validator(check, "");
}

std::string UsageText(const CLI::ParseError& error) {
  const std::string text = error.what();
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    const auto words = Behind(text, ": ");
    if (!words.empty()) return fmt::format("\"{}\": nothing takes that", words);
  }
  if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr) {
    const auto pair = Behind(text, "Could not convert: ");  // such as --partitions = 4x
    const auto equals = pair.find(" = ");
    if (equals != std::string::npos) {
      return fmt::format("{}: \"{}\" is no number that it takes", pair.substr(0, equals),
                         pair.substr(equals + 3));
    }
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr && text.contains("required")) {
    return text.substr(0, text.find(':')) + ": the value is missing";
  }
  return text;
}

}  // namespace st::cli
