#include "event/route.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"

namespace st::event {
namespace {

bool IsVariableName(std::string_view name) {
  return !name.empty() && !IsDigit(name.front()) && ConsistsOf(name, "_");
}

Status CheckCharacters(std::string_view path) {
  const auto wrong = [](std::string_view why) {
    return Fail(ErrorCode::kInvalidArgument, "{}", why);
  };
  if (!path.starts_with('/')) return wrong("the path begins with \"/\"");
  if (path.find('%') != std::string_view::npos) {
    return wrong("the path is written decoded, without \"%\"");
  }
  if (path.find_first_of("?#") != std::string_view::npos) {
    return wrong(
        "the path goes without query and fragment; a query parameter is a field with from = "
        "\"query\"");
  }
  if (path.find_first_of("<>") != std::string_view::npos) {
    return wrong("a variable stands in braces: \"/guilds/{guild}/join\"");
  }
  const bool has_control = std::ranges::any_of(
      path, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; });
  if (has_control) return wrong("a space or control character in the path");
  const bool is_ours =
      path == "/openapi.json" || path == "/.well-known" || path.starts_with("/.well-known/");
  if (is_ours) return wrong("/.well-known/ and /openapi.json are the server's own");
  return {};
}

}  // namespace

Result<PathTemplate> PathTemplate::Parse(std::string_view path) {
  ST_TRY_STATUS(CheckCharacters(path));
  PathTemplate out;
  for (const auto part : Split(path.substr(1), '/')) {
    if (part.find_first_of("{}") == std::string_view::npos) {
      out.segments_.push_back({std::string(part), false});
      out.order_ += '0';
      continue;
    }
    const std::string name(part.size() > 2 ? part.substr(1, part.size() - 2) : "");
    if (!part.starts_with('{') || !part.ends_with('}') || !IsVariableName(name)) {
      return Fail(ErrorCode::kInvalidArgument,
                  "\"{}\": a variable is a whole segment of letters, digits and _ in braces", part);
    }
    if (std::ranges::find(out.variables_, name) != out.variables_.end()) {
      return Fail(ErrorCode::kInvalidArgument, "the variable {{{}}} stands in it twice", name);
    }
    out.segments_.push_back({name, true});
    out.variables_.push_back(name);
    out.order_ += '1';
  }
  return out;
}

std::optional<std::vector<std::string>> PathTemplate::Match(std::string_view path) const {
  if (!path.starts_with('/')) return std::nullopt;
  std::vector<std::string> values;
  std::string_view left = path.substr(1);
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const auto slash = left.find('/');
    const bool is_last = i + 1 == segments_.size();
    if ((slash == std::string_view::npos) != is_last) return std::nullopt;
    const std::string_view part = left.substr(0, slash);
    if (segments_[i].is_variable) {
      if (part.empty()) return std::nullopt;
      values.emplace_back(part);
    } else if (part != segments_[i].text) {
      return std::nullopt;
    }
    if (!is_last) left.remove_prefix(slash + 1);
  }
  return values;
}

bool PathTemplate::Clashes(const PathTemplate& other) const {
  if (order_ != other.order_) return false;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    if (!segments_[i].is_variable && segments_[i].text != other.segments_[i].text) return false;
  }
  return true;
}

}  // namespace st::event
