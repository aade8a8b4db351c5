#include "event/declaration.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/text.h"
#include "base/toml.h"
#include "base/topic_name.h"
#include "event/field_parser.h"
#include "event/identity.h"
#include "event/limits.h"
#include "event/route.h"

namespace st::event {
namespace {

const std::vector<std::string>& Keys() {
  static const std::vector<std::string> keys = {
      "name",        "route",  "reply", "topic", "payload", "headers", "fields",       "version",
      "description", "reason", "key",   "table", "weight",  "rate",    "partition_by", "sort_by"};
  return keys;
}

const std::vector<std::string>& Methods() {
  static const std::vector<std::string> methods = {"GET", "POST", "PUT", "DELETE"};
  return methods;
}

bool IsTableName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxTableNameBytes && !IsDigit(name.front()) &&
         ConsistsOf(name, "_");
}

// The table's name for an event: "_" replaces each character that no table's name may hold.
std::string TableNameFor(const Declaration& event) {
  std::string name = event.name.substr(0, kMaxTableNameBytes - 16);
  for (char& c : name) {
    if (!IsTableName(std::string("a") + c)) c = '_';
  }
  if (IsDigit(name.front())) name.insert(0, "_");
  return event.version == 1 ? name : fmt::format("{}_v{}", name, event.version);
}

bool HasControl(std::string_view text) {
  return std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

int SignOf(double value) { return value < 0 ? -1 : value > 0 ? 1 : 0; }

// Converts neither number, since a double cannot hold every 64-bit integer.
int CompareExactly(std::int64_t a, double b) {
  constexpr double kBeyond = 9223372036854775808.0;  // 2^63
  if (b >= kBeyond) return -1;
  if (b < -kBeyond) return 1;
  const double whole = std::trunc(b);
  const auto integer = static_cast<std::int64_t>(whole);
  if (a != integer) return a < integer ? -1 : 1;
  return SignOf(whole - b);
}

class Parser {
 public:
  Parser(const toml::table& table, const std::string& file) : table_(table), file_(file) {}

  Result<Declaration> Run() {
    ST_TRY_STATUS(CheckKeys());
    ST_TRY_STATUS(Text("name", out_.name, true));
    if (out_.name.empty() || HasControl(out_.name)) return Wrong("name", "want a name");
    out_.name_place = PlaceOf("name");
    ST_TRY_STATUS(Number("version", out_.version));
    ST_TRY_STATUS(Text("description", out_.description, false));
    ST_TRY_STATUS(Text("reason", out_.reason, false));
    ST_TRY_STATUS(Route());
    ST_TRY_STATUS(Text("reply", out_.reply, out_.has_route()));
    ST_TRY_STATUS(Text("topic", out_.topic, false));
    if (!IsTopicName(out_.topic)) {
      return Wrong("topic", fmt::format("\"{}\": want 1 to 249 of the characters a-z A-Z 0-9 . _ -",
                                        out_.topic));
    }
    ST_TRY_STATUS(Headers());
    ST_TRY_STATUS(Fields());
    ST_TRY_STATUS(TextPayload());
    ST_TRY_STATUS(Variables());
    ST_TRY_STATUS(Key());
    ST_TRY_STATUS(Table());
    ST_TRY_STATUS(LayoutList("partition_by", out_.partition_by, out_.partition_place));
    ST_TRY_STATUS(LayoutList("sort_by", out_.sort_by, out_.sort_place));
    ST_TRY_STATUS(Share("weight", out_.weight));
    ST_TRY_STATUS(Share("rate", out_.rate));
    return std::move(out_);
  }

 private:
  std::string PlaceOf(std::string_view key) const {
    const auto* node = table_.get(key);
    // The error of a missing key has the place of the whole file.
    return TomlPlace(file_, node != nullptr ? node->source().begin : toml::source_position{1, 1});
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
                  TomlPlace(file_, key.source().begin), key.str(), hint);
    }
    return {};
  }

  static std::string Lacking(std::string_view key) {
    if (key == "route") {
      return "is missing: the event has a reply, so it needs a route, as in route = \"GET /path\"";
    }
    if (key == "reply") {
      return "is missing: a route needs what it answers, as in reply = \"Done!\\n\"";
    }
    return fmt::format("is missing: write {} = \"…\"", key);
  }

  Status Text(std::string_view key, std::string& to, bool is_required) const {
    const auto* node = table_.get(key);
    if (node == nullptr && !is_required) return {};
    if (node == nullptr) {
      const toml::node* strayed = table_.at_path("fields").is_table()
                                      ? table_.at_path("fields").as_table()->get(key)
                                      : nullptr;
      if (strayed == nullptr) return Wrong(key, Lacking(key));
      return Fail(ErrorCode::kInvalidArgument,
                  "{}: {}: stands under [fields], where it is a field of the payload; move it "
                  "above that line",
                  TomlPlace(file_, strayed->source().begin), key);
    }
    const auto* text = node->as_string();
    if (text == nullptr) return Wrong(key, "want text in quotes");
    to = text->get();
    return {};
  }

  Status Number(std::string_view key, int& to) const {
    const auto* node = table_.get(key);
    if (node == nullptr) return {};
    const auto* number = node->as_integer();
    constexpr std::int64_t kMost = 1'000'000;
    if (number == nullptr || number->get() < 1 || number->get() > kMost) {
      return Wrong(key, fmt::format("want a whole number from 1 to {}{}", kMost,
                                    number ? fmt::format(", not {}", number->get()) : ""));
    }
    to = static_cast<int>(number->get());
    return {};
  }

  // Reads "GET /path" or "GET, POST /path". An event without a route is written by producers only.
  Status Route() {
    if (!table_.contains("route")) {
      if (table_.contains("reply")) return Wrong("route", Lacking("route"));
      return {};
    }
    std::string route;
    ST_TRY_STATUS(Text("route", route, true));
    out_.route_place = PlaceOf("route");
    auto slash = route.find('/');
    if (slash == std::string::npos) slash = std::min(route.find(' '), route.size());
    for (const auto part : Split(Trim(std::string_view(route).substr(0, slash)), ',')) {
      ST_TRY_STATUS(Method(std::string(Trim(part))));
    }
    out_.path =
        route.substr(slash).starts_with(" ") ? route.substr(slash + 1) : route.substr(slash);
    auto path = PathTemplate::Parse(out_.path);
    if (!path) return Wrong("route", path.error().message());
    variables_ = path->variables();
    return {};
  }

  Status Method(std::string method) {
    const std::string form = fmt::format("want \"GET /path\" (or POST, PUT, DELETE), not \"{}\"",
                                         table_.at("route").value_or(std::string_view()));
    if (std::ranges::find(Methods(), method) == Methods().end()) {
      if (method == "HEAD" || method == "OPTIONS") {
        return Wrong("route", "HEAD and OPTIONS are answered by themselves; " + form);
      }
      std::string upper = method;
      for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 0x20) : c;
      return Wrong("route", form + Meant(upper, Methods()));
    }
    if (std::ranges::find(out_.methods, method) != out_.methods.end()) {
      return Wrong("route", method + " stands in it twice");
    }
    out_.methods.push_back(std::move(method));
    return {};
  }

  Status Headers() {
    std::string headers = "none";
    ST_TRY_STATUS(Text("headers", headers, false));
    static const std::vector<std::string> values = {"all", "none"};
    if (std::ranges::find(values, headers) == values.end()) {
      return Wrong("headers", fmt::format("want \"all\" or \"none\", not \"{}\"", headers) +
                                  Meant(AsciiLower(headers), values));
    }
    out_.with_headers = headers == "all";
    return {};
  }

  // toml++ sorts the keys of a table by name; their positions give the declared order.
  Status Fields() {
    const auto* node = table_.get("fields");
    if (node == nullptr) return {};
    const auto* fields = node->as_table();
    if (fields == nullptr) return Wrong("fields", "want a table: [fields]");
    using At = std::pair<std::uint32_t, std::uint32_t>;
    std::vector<std::pair<At, Field>> order;
    const FieldContext context{file_, variables_, out_.methods};
    for (const auto& [key, value] : *fields) {
      ST_TRY(auto field, ParseField(key, value, context));
      const auto at = key.source().begin;
      order.emplace_back(At{at.line, at.column}, std::move(field));
    }
    if (order.size() > kMaxFields)
      return Wrong("fields", fmt::format("are {}, more than {}", order.size(), kMaxFields));
    std::ranges::sort(order, {}, [](const auto& one) { return one.first; });
    for (auto& [at, field] : order) out_.fields.push_back(std::move(field));
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

  // Checks that a field takes each variable of the path.
  Status Variables() const {
    for (const auto& variable : variables_) {
      const auto takes = [&](const Field& field) {
        return field.from == FieldSource::kPath && field.source_name == variable;
      };
      if (std::ranges::any_of(out_.fields, takes)) continue;
      return Wrong("route", fmt::format("no field takes {{{0}}}: declare [fields.{0}]", variable));
    }
    return {};
  }

  Status Key() {
    ST_TRY_STATUS(Text("key", out_.key, false));
    if (!table_.contains("key")) return {};
    std::vector<std::string> names;
    for (const auto& field : out_.fields) names.push_back(field.name);
    if (out_.with_headers) names.emplace_back("Host");
    if (std::ranges::find(names, out_.key) != names.end()) return {};
    if (out_.key == "Host") {
      return Wrong("key",
                   "\"Host\" is the header, and headers are not logged; add headers = \"all\"");
    }
    return Wrong("key", fmt::format("no field \"{}\"{}", out_.key, Meant(out_.key, names)));
  }

  // The default is a table with the event's name, if its records can be told from those of other
  // events.
  Status Table() {
    const bool can_tell = out_.is_text || !out_.event_type().empty();
    const auto* node = table_.get("table");
    if (node == nullptr) {
      if (can_tell) out_.table = TableNameFor(out_);
      return {};
    }
    if (node->is_boolean() && !node->as_boolean()->get()) {
      out_.is_without_table = true;
      return {};
    }
    if (!node->is_string()) return Wrong("table", "want a name in quotes, or false");
    out_.table = node->as_string()->get();
    if (!IsTableName(out_.table)) {
      return Wrong("table",
                   fmt::format("\"{}\": want 1 to {} letters, digits and _, the first no digit",
                               out_.table, kMaxTableNameBytes));
    }
    if (!can_tell) {
      return Wrong("table", "needs a constant field event_type, by which its records are found");
    }
    return {};
  }

  // A list of texts, of an event with a table.
  Status LayoutList(const char* key, std::vector<std::string>& out, std::string& place) const {
    const auto* node = table_.get(key);
    if (node == nullptr) return {};
    const std::string want =
        fmt::format(R"(want a list of texts, as in {} = ["{}"])", key,
                    std::string_view(key) == "sort_by" ? "host" : "day(event_time)");
    const auto* list = node->as_array();
    if (list == nullptr || list->empty()) return Wrong(key, want);
    for (const auto& item : *list) {
      const auto text = item.value<std::string>();
      if (!item.is_string() || text->empty()) return Wrong(key, want);
      out.push_back(*text);
    }
    if (out_.table.empty()) return Wrong(key, "the event has no table");
    place = PlaceOf(key);
    return {};
  }

  // Reads how often a generated load sends the event.
  Status Share(const char* key, double& out) {
    const auto* node = table_.get(key);
    if (node == nullptr) return {};
    const auto share = node->value<double>();
    constexpr double kMost = 1e6;
    if (!share || !(*share >= 0 && *share <= kMost)) {
      return Wrong(key, "want a number from 0 to 1000000");
    }
    out = *share;
    return {};
  }

  const toml::table& table_;
  const std::string& file_;
  Declaration out_;
  std::vector<std::string> variables_;  // the variables of the path
};

}  // namespace

Result<Declaration> ParseDeclaration(std::string_view text, const std::string& file) {
  ST_TRY(const auto table, ParseToml(text, file));
  return Parser(table, file).Run();
}

Status CheckTogether(const std::vector<Declaration>& declarations) {
  std::map<std::string, std::string> seen;
  const auto check = [&seen](const std::string& what, const std::string& place) -> Status {
    const auto [at, is_new] = seen.emplace(what, place);
    if (is_new) return {};
    return Fail(ErrorCode::kInvalidArgument, "{}: {} is declared at {} too", place, what,
                at->second);
  };
  std::vector<std::pair<PathTemplate, const Declaration*>> paths;
  for (const auto& event : declarations) {
    ST_TRY_STATUS(check(fmt::format("event \"{}\"", event.name), event.name_place));
    if (!event.table.empty()) {
      ST_TRY_STATUS(check(fmt::format("table \"{}\"", AsciiLower(event.table)), event.name_place));
    }
    if (!event.has_route()) continue;
    for (const auto& method : event.methods) {
      ST_TRY_STATUS(check(fmt::format("route \"{} {}\"", method, event.path), event.route_place));
    }
    ST_TRY(auto path, PathTemplate::Parse(event.path));
    for (const auto& [other_path, other] : paths) {
      if (!path.Clashes(other_path) || path.variables() == other_path.variables()) continue;
      return Fail(ErrorCode::kInvalidArgument,
                  "{}: route \"{}\" takes the same paths as \"{}\" at {}: name the variables alike",
                  event.route_place, event.path, other->path, other->route_place);
    }
    paths.emplace_back(std::move(path), &event);
  }
  return CheckIdentities(declarations);
}

int CompareBounds(const Bound& a, const Bound& b) {
  const auto* whole_a = std::get_if<std::int64_t>(&a);
  const auto* whole_b = std::get_if<std::int64_t>(&b);
  if (whole_a != nullptr && whole_b != nullptr) {
    return *whole_a < *whole_b ? -1 : *whole_a > *whole_b ? 1 : 0;
  }
  if (whole_a != nullptr) return CompareExactly(*whole_a, std::get<double>(b));
  if (whole_b != nullptr) return -CompareExactly(*whole_b, std::get<double>(a));
  return SignOf(std::get<double>(a) - std::get<double>(b));
}

std::string Declaration::event_type() const {
  for (const auto& field : fields) {
    if (field.name != "event_type" || field.from != FieldSource::kConstant) continue;
    const auto value = nlohmann::json::parse(*field.value, nullptr, false);
    return value.is_string() ? value.get<std::string>() : "";
  }
  return "";
}

const std::string& Declaration::event_type_place() const {
  const auto field = std::ranges::find(fields, "event_type", &Field::name);
  return field == fields.end() ? name_place : field->place;
}

const std::vector<std::string>& FieldTypeNames() {
  static const std::vector<std::string> names = {"string", "int",     "long",
                                                 "double", "boolean", "timestamp"};
  return names;
}

const std::string& NameOf(FieldType type) {
  return FieldTypeNames()[static_cast<std::size_t>(type)];
}

const std::string& NameOf(FieldSource source) {
  static const std::vector<std::string> names = {"constant", "path",   "query",   "body",
                                                 "header",   "server", "producer"};
  return names[static_cast<std::size_t>(source)];
}

}  // namespace st::event
