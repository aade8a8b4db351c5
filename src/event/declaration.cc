#include "event/declaration.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "base/toml.h"

namespace st::event {
namespace {

std::string Place(const std::string& file, const toml::source_position& at) {
  return fmt::format("{}:{}:{}", file, at.line, at.column);
}

std::string Meant(std::string_view name, const std::vector<std::string>& known) {
  const auto nearest = NearestName(name, known);
  return nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : std::string();
}

const std::vector<std::string>& Keys() {
  static const std::vector<std::string> keys = {"name",    "route",   "reply", "topic",
                                                "payload", "headers", "fields"};
  return keys;
}

const std::vector<std::string>& Methods() {
  static const std::vector<std::string> methods = {"GET", "POST", "PUT", "DELETE"};
  return methods;
}

bool IsTopicName(std::string_view name) {  // Kafka's rule
  constexpr std::size_t kLongest = 249;
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= kLongest && name != "." && name != ".." &&
         std::ranges::all_of(name, is_allowed);
}

bool HasControl(std::string_view text) {
  return std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

class Parser {
 public:
  Parser(const toml::table& table, const std::string& file) : table_(table), file_(file) {}

  Result<Declaration> Run() {
    ST_TRY_STATUS(CheckKeys());
    ST_TRY_STATUS(Text("name", out_.name, true));
    if (out_.name.empty() || HasControl(out_.name)) return Wrong("name", "want a name");
    out_.name_place = PlaceOf("name");
    std::string route;
    ST_TRY_STATUS(Text("route", route, true));
    ST_TRY_STATUS(Route(route));
    ST_TRY_STATUS(Text("reply", out_.reply, true));
    ST_TRY_STATUS(Text("topic", out_.topic, false));
    if (!IsTopicName(out_.topic)) {
      return Wrong("topic", "want 1 to 249 of the characters a-z A-Z 0-9 . _ -");
    }
    ST_TRY_STATUS(Headers());
    ST_TRY_STATUS(Fields());
    ST_TRY_STATUS(TextPayload());
    return std::move(out_);
  }

 private:
  std::string PlaceOf(std::string_view key) const {
    const auto* node = table_.get(key);
    // A missing key has the place of the whole.
    return Place(file_, node != nullptr ? node->source().begin : toml::source_position{1, 1});
  }

  std::unexpected<Error> Wrong(std::string_view key, std::string_view why) const {
    return Fail(ErrorCode::kInvalidArgument, "{}: {}: {}", PlaceOf(key), key, why);
  }

  Status CheckKeys() const {
    for (const auto& [key, node] : table_) {
      if (std::ranges::find(Keys(), key.str()) != Keys().end()) continue;
      std::string hint = Meant(key.str(), Keys());
      if (hint.empty()) {
        hint = fmt::format(
            "; a constant field of the payload stands under [fields], "
            "the keys are {}",
            fmt::join(Keys(), ", "));
      }
      return Fail(ErrorCode::kInvalidArgument, "{}: unknown key \"{}\"{}",
                  Place(file_, key.source().begin), key.str(), hint);
    }
    return {};
  }

  Status Text(std::string_view key, std::string& to, bool is_required) const {
    const auto* node = table_.get(key);
    if (node == nullptr && !is_required) return {};
    if (node == nullptr) {
      const toml::node* strayed = table_.at_path("fields").is_table()
                                      ? table_.at_path("fields").as_table()->get(key)
                                      : nullptr;
      if (strayed == nullptr) return Wrong(key, "is missing");
      return Fail(ErrorCode::kInvalidArgument,
                  "{}: {}: stands under [fields], where it is a field of the payload; move it "
                  "above that line",
                  Place(file_, strayed->source().begin), key);
    }
    const auto* text = node->as_string();
    if (text == nullptr) return Wrong(key, "want text in quotes");
    to = text->get();
    return {};
  }

  Status Route(const std::string& route) {
    const auto space = route.find(' ');
    out_.method = route.substr(0, space);
    out_.path = space == std::string::npos ? "" : route.substr(space + 1);
    out_.route_place = PlaceOf("route");
    if (std::ranges::find(Methods(), out_.method) == Methods().end()) {
      constexpr std::string_view kForm = "want \"GET /path\" (or POST, PUT, DELETE)";
      if (out_.method == "HEAD" || out_.method == "OPTIONS") {
        return Wrong("route", "HEAD and OPTIONS are answered by themselves; " + std::string(kForm));
      }
      std::string upper = out_.method;
      for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 0x20) : c;
      return Wrong("route", std::string(kForm) + Meant(upper, Methods()));
    }
    return Path(out_.path);
  }

  Status Path(std::string_view path) const {
    if (!path.starts_with('/')) return Wrong("route", "the path begins with \"/\"");
    if (path.find('%') != std::string::npos) {
      return Wrong("route", "the path is written decoded, without \"%\"");
    }
    if (path.find_first_of("?#") != std::string::npos) {
      return Wrong("route", "the path goes without query and fragment; any query is taken");
    }
    if (path.find_first_of("<>{}") != std::string::npos) {
      return Wrong("route", "a path with variables is not offered");
    }
    if (path.find(' ') != std::string::npos || HasControl(path)) {
      return Wrong("route", "a space or control character in the path");
    }
    return {};
  }

  Status Headers() {
    std::string headers = "none";
    ST_TRY_STATUS(Text("headers", headers, false));
    static const std::vector<std::string> values = {"all", "none"};
    if (std::ranges::find(values, headers) == values.end()) {
      return Wrong("headers", "want \"all\" or \"none\"" + Meant(AsciiLower(headers), values));
    }
    out_.with_headers = headers == "all";
    return {};
  }

  // toml++ sorts a table by name; the declared order is that of the positions.
  Status Fields() {
    const auto* node = table_.get("fields");
    if (node == nullptr) return {};
    const auto* fields = node->as_table();
    if (fields == nullptr) return Wrong("fields", "want a table: [fields]");
    std::vector<std::pair<std::pair<std::uint32_t, std::uint32_t>, std::string>> order;
    for (const auto& [key, value] : *fields) {
      if (!value.is_string()) {
        return Fail(ErrorCode::kInvalidArgument, "{}: field \"{}\": want text in quotes",
                    Place(file_, value.source().begin), key.str());
      }
      const auto at = key.source().begin;
      order.emplace_back(std::pair{at.line, at.column}, std::string(key.str()));
    }
    std::ranges::sort(order);
    for (const auto& [at, key] : order) {
      out_.fields.emplace_back(key, fields->get(key)->as_string()->get());
    }
    return {};
  }

  Status TextPayload() {
    out_.is_text = table_.contains("payload");
    ST_TRY_STATUS(Text("payload", out_.text, false));
    const bool has_members = !out_.fields.empty() || out_.with_headers;
    if (out_.is_text && has_members) {
      return Wrong("payload", "a plain-text payload takes neither fields nor headers");
    }
    if (out_.is_text && out_.text.empty()) return Wrong("payload", "is empty");
    if (!out_.is_text && !has_members) {
      return Wrong("fields", "the event says nothing: declare [fields], headers or payload");
    }
    return {};
  }

  const toml::table& table_;
  const std::string& file_;
  Declaration out_;
};

}  // namespace

Result<Declaration> ParseDeclaration(std::string_view text, const std::string& file) {
  // toml++ reports by exception; this is its fence.
  try {
    const toml::table table = toml::parse(text, file);
    return Parser(table, file).Run();
  } catch (const toml::parse_error& error) {
    return Fail(ErrorCode::kInvalidArgument, "{}: {}", Place(file, error.source().begin),
                error.description());
  }
}

Status CheckTogether(const std::vector<Declaration>& declarations) {
  std::map<std::string, std::string> seen;
  const auto check = [&seen](const std::string& what, const std::string& place) -> Status {
    const auto [at, is_new] = seen.emplace(what, place);
    if (is_new) return {};
    return Fail(ErrorCode::kInvalidArgument, "{}: {} is declared at {} too", place, what,
                at->second);
  };
  for (const auto& event : declarations) {
    ST_TRY_STATUS(check(fmt::format("event \"{}\"", event.name), event.name_place));
    ST_TRY_STATUS(
        check(fmt::format("route \"{} {}\"", event.method, event.path), event.route_place));
  }
  return {};
}

}  // namespace st::event
