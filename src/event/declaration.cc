#include "event/declaration.h"

#include <toml++/toml.h>

#include <algorithm>
#include <map>

#include "base/text.h"

namespace st::event {
namespace {

std::string Place(const std::string& file, const toml::source_position& at) {
  return fmt::format("{}:{}:{}", file, at.line, at.column);
}

// json.dumps(text) with ensure_ascii; header bytes are latin-1 as WSGI takes them.
void AppendJson(std::string& out, std::string_view text, bool is_latin1) {
  out += '"';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c >= 0x20 && c < 0x7F) {
      out += static_cast<char>(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (is_latin1 || c < 0x80) {
      out += fmt::format("\\u{:04x}", c);
    } else {  // checked UTF-8 from a declaration
      const std::size_t n = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
      std::uint32_t code = c & (0xFFU >> (n + 1));
      for (std::size_t k = 1; k < n; ++k) {
        code = code << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
      }
      i += n - 1;
      if (code >= 0x10000) {
        out += fmt::format("\\u{:04x}\\u{:04x}", 0xD7C0 + (code >> 10), 0xDC00 + (code & 0x3FF));
      } else {
        out += fmt::format("\\u{:04x}", code);
      }
    }
  }
  out += '"';
}

std::string TitleCase(std::string_view name) {
  std::string out(name);
  bool first = true;
  for (char& c : out) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter) c = static_cast<char>(first ? c & ~0x20 : c | 0x20);
    first = !letter;
  }
  return out;
}

class Parser {
 public:
  Parser(const toml::table& table, const std::string& file) : table_(table), file_(file) {
    out_.place = file;
  }

  Result<Declaration> Run() {
    ST_TRY_STATUS(CheckKeys());
    ST_TRY_STATUS(Text("name", out_.name, true));
    std::string route;
    ST_TRY_STATUS(Text("route", route, true));
    ST_TRY_STATUS(Route(route));
    ST_TRY_STATUS(Text("reply", out_.reply, true));
    ST_TRY_STATUS(Text("topic", out_.topic, false));
    ST_TRY_STATUS(Text("payload", out_.text, false));
    std::string headers = "none";
    ST_TRY_STATUS(Text("headers", headers, false));
    if (headers != "all" && headers != "none") {
      return Wrong("headers", "want \"all\" or \"none\"");
    }
    out_.with_headers = headers == "all";
    ST_TRY_STATUS(Fields());
    if (!out_.text.empty() && !out_.is_text()) {
      return Wrong("payload", "a plain-text payload takes neither fields nor headers");
    }
    if (out_.text.empty() && out_.is_text()) return Wrong("name", "neither fields nor payload");
    return std::move(out_);
  }

 private:
  std::unexpected<Error> Wrong(std::string_view key, std::string_view why) const {
    const auto* node = table_.get(key);
    return Fail(ErrorCode::kInvalidArgument, "{}: {}: {}",
                Place(file_, node != nullptr ? node->source().begin : table_.source().begin), key,
                why);
  }

  Status CheckKeys() const {
    static const std::vector<std::string> keys = {"name",    "route",   "reply", "topic",
                                                  "payload", "headers", "fields"};
    for (const auto& [key, node] : table_) {
      if (std::ranges::find(keys, key.str()) != keys.end()) continue;
      const auto nearest = NearestName(key.str(), keys);
      return Fail(ErrorCode::kInvalidArgument, "{}: unknown key \"{}\"{}",
                  Place(file_, key.source().begin), key.str(),
                  nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : std::string());
    }
    return {};
  }

  Status Text(std::string_view key, std::string& to, bool is_required) const {
    const auto* node = table_.get(key);
    if (node == nullptr) return is_required ? Status(Wrong(key, "is missing")) : Status();
    const auto text = node->value<std::string>();
    if (!node->is_string() || !text) return Wrong(key, "want text in quotes");
    to = *text;
    return {};
  }

  Status Route(const std::string& route) {
    const auto space = route.find(' ');
    out_.method = route.substr(0, space);
    out_.path = space == std::string::npos ? "" : route.substr(space + 1);
    static const std::vector<std::string> methods = {"GET", "POST", "PUT", "DELETE"};
    if (std::ranges::find(methods, out_.method) == methods.end() || !out_.path.starts_with('/') ||
        out_.path.find_first_of(" ?#") != std::string::npos) {
      return Wrong("route", "want \"GET /path\" (or POST, PUT, DELETE)");
    }
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
      out_.fields.emplace_back(key, (*fields)[key].value_or(std::string()));
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
  for (const auto& event : declarations) {
    for (const auto& what :
         {"event \"" + event.name + "\"", "route \"" + event.method + " " + event.path + "\""}) {
      const auto [at, is_new] = seen.emplace(what, event.place);
      if (!is_new) {
        return Fail(ErrorCode::kInvalidArgument, "{}: {} is declared in {} too", event.place, what,
                    at->second);
      }
    }
  }
  return {};
}

std::string Payload(const Declaration& declaration, const Headers& headers) {
  if (declaration.is_text()) return declaration.text;
  std::map<std::string, std::string> by_name;
  if (declaration.with_headers) {
    for (const auto& [name, value] : headers) {
      if (name.find('_') != std::string::npos) continue;
      auto& slot = by_name[TitleCase(name)];
      slot += slot.empty() ? value : "," + value;
    }
  }
  std::string out = "{";
  const auto add = [&out](std::string_view name, std::string_view value, bool is_latin1) {
    if (out.size() > 1) out += ", ";
    AppendJson(out, name, is_latin1);
    out += ": ";
    AppendJson(out, value, is_latin1);
  };
  const auto take = [&](const std::string& name) {
    const auto found = by_name.find(name);
    if (found == by_name.end()) return false;
    add(name, found->second, true);
    by_name.erase(found);
    return true;
  };
  take("Host");
  for (const auto& [name, value] : declaration.fields) {
    if (!take(name)) add(name, value, false);  // a header of that name wins, as dict.update does
  }
  for (const auto& [name, value] : by_name) add(name, value, true);
  return out + "}";
}

}  // namespace st::event
