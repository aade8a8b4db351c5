#include "event/field_parser.h"

#include <fmt/ranges.h>
#include <re2/re2.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "event/limits.h"
#include "event/python_json.h"
#include "event/value.h"

namespace st::event {
namespace {

const std::vector<std::string>& Keys() {
  static const std::vector<std::string> keys = {"type",    "from",     "name",       "required",
                                                "default", "min",      "max",        "pattern",
                                                "one_of",  "personal", "description"};
  return keys;
}

const std::vector<std::string>& PersonalClasses() {
  static const std::vector<std::string> classes = {"identity", "contact", "location", "device",
                                                   "financial"};
  return classes;
}

const std::vector<std::string>& ServerValues() {
  static const std::vector<std::string> values = {"time", "id", "peer"};
  return values;
}

// The JSON of a scalar; nullopt for any other node.
std::optional<std::string> ScalarJson(const toml::node& node) {
  if (const auto* text = node.as_string()) {
    std::string out;
    AppendPythonJson(out, text->get(), TextEncoding::kUtf8);
    return out;
  }
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* number = node.as_floating_point()) {
    if (!std::isfinite(number->get())) return std::nullopt;
    return DoubleJson(number->get());
  }
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  return std::nullopt;
}

FieldType TypeOfScalar(const toml::node& node) {
  if (node.is_integer()) return FieldType::kLong;
  if (node.is_floating_point()) return FieldType::kDouble;
  return node.is_boolean() ? FieldType::kBoolean : FieldType::kString;
}

std::string ToText(const Bound& bound) {
  return std::visit([](auto number) { return fmt::format("{}", number); }, bound);
}

class FieldParser {
 public:
  FieldParser(const toml::key& key, const toml::table& table, const FieldContext& context)
      : key_(key), table_(table), context_(context) {}

  Result<Field> Run() {
    out_.name = std::string(key_.str());
    out_.place = TomlPlace(context_.file, key_.source().begin);
    ST_TRY_STATUS(CheckKeys());
    ST_TRY_STATUS(Type());
    ST_TRY_STATUS(From());
    ST_TRY_STATUS(Flag("required", out_.is_required));
    if (out_.from == FieldSource::kPath) out_.is_required = true;
    ST_TRY_STATUS(Default());
    ST_TRY_STATUS(Limit("min", out_.min));
    ST_TRY_STATUS(Limit("max", out_.max));
    if (out_.min && out_.max && CompareBounds(*out_.min, *out_.max) > 0)
      return Wrong("max",
                   fmt::format("{} is below min = {}", ToText(*out_.max), ToText(*out_.min)));
    ST_TRY_STATUS(Pattern());
    ST_TRY_STATUS(OneOf());
    std::string personal;
    ST_TRY_STATUS(Text("personal", personal));
    if (table_.contains("personal")) ST_TRY_STATUS(Among("personal", personal, PersonalClasses()));
    out_.personal = personal;
    ST_TRY_STATUS(Text("description", out_.description));
    return CheckDefault();
  }

 private:
  std::string PlaceOf(std::string_view key) const {
    const auto* node = table_.get(key);
    return node == nullptr ? out_.place : TomlPlace(context_.file, node->source().begin);
  }

  std::unexpected<Error> Wrong(std::string_view key, std::string_view why) const {
    return Fail(ErrorCode::kInvalidArgument, "{}: field \"{}\": {}: {}", PlaceOf(key), out_.name,
                key, why);
  }

  Status CheckKeys() const {
    for (const auto& [key, node] : table_) {
      if (std::ranges::find(Keys(), key.str()) != Keys().end()) continue;
      return Fail(ErrorCode::kInvalidArgument, "{}: field \"{}\": unknown key \"{}\"{}",
                  TomlPlace(context_.file, key.source().begin), out_.name, key.str(),
                  Meant(key.str(), Keys()));
    }
    return {};
  }

  Status Text(std::string_view key, std::string& to) const {
    const auto* node = table_.get(key);
    if (node == nullptr) return {};
    if (!node->is_string()) return Wrong(key, "want text in quotes");
    to = node->as_string()->get();
    return {};
  }

  Status Flag(std::string_view key, bool& to) const {
    const auto* node = table_.get(key);
    if (node == nullptr) return {};
    if (!node->is_boolean()) return Wrong(key, "want true or false");
    to = node->as_boolean()->get();
    return {};
  }

  Status Among(std::string_view key, const std::string& value,
               const std::vector<std::string>& known) const {
    if (std::ranges::find(known, value) != known.end()) return {};
    return Wrong(key, fmt::format("want one of {}, not \"{}\"{}", fmt::join(known, ", "), value,
                                  Meant(AsciiLower(value), known)));
  }

  Status Type() {
    std::string type = "string";
    ST_TRY_STATUS(Text("type", type));
    ST_TRY_STATUS(Among("type", type, FieldTypeNames()));
    const auto found = std::ranges::find(FieldTypeNames(), type);
    out_.type = static_cast<FieldType>(found - FieldTypeNames().begin());
    return {};
  }

  FieldSource Likely() const {
    const auto& variables = context_.path_variables;
    if (std::ranges::find(variables, out_.name) != variables.end()) return FieldSource::kPath;
    if (context_.methods.empty()) return FieldSource::kProducer;
    const auto has_body = [](const std::string& m) { return m == "POST" || m == "PUT"; };
    return std::ranges::any_of(context_.methods, has_body) ? FieldSource::kBody
                                                           : FieldSource::kQuery;
  }

  Status From() {
    static const std::vector<std::string> names = {"path",   "query",  "body",
                                                   "header", "server", "producer"};
    static constexpr FieldSource kSources[] = {FieldSource::kPath,   FieldSource::kQuery,
                                               FieldSource::kBody,   FieldSource::kHeader,
                                               FieldSource::kServer, FieldSource::kProducer};
    out_.from = Likely();
    if (table_.contains("from")) {
      std::string from;
      ST_TRY_STATUS(Text("from", from));
      ST_TRY_STATUS(Among("from", from, names));
      out_.from = kSources[std::ranges::find(names, from) - names.begin()];
    }
    out_.source_name = out_.name;
    ST_TRY_STATUS(Text("name", out_.source_name));
    if (out_.source_name.empty()) return Wrong("name", "is empty");
    if ((out_.from == FieldSource::kProducer) != context_.methods.empty()) {
      return Wrong("from", context_.methods.empty()
                               ? "an event without a route takes \"producer\" alone"
                               : "\"producer\" is for events without a route");
    }
    if (out_.from == FieldSource::kPath) {
      const auto& variables = context_.path_variables;
      if (std::ranges::find(variables, out_.source_name) == variables.end()) {
        return Wrong("from", fmt::format("the route has no variable {{{}}}{}", out_.source_name,
                                         Meant(out_.source_name, variables)));
      }
    }
    return out_.from == FieldSource::kServer ? Server() : Status();
  }

  Status Server() const {
    ST_TRY_STATUS(Among("name", out_.source_name, ServerValues()));
    const bool is_time = out_.source_name == "time";
    if (out_.type != (is_time ? FieldType::kTimestamp : FieldType::kString)) {
      return Wrong("type", is_time ? "the server's time is a timestamp" : "want \"string\"");
    }
    if (table_.contains("default") || table_.contains("required")) {
      return Wrong("from", "the server's value is always there: no default, no required");
    }
    return {};
  }

  Status Default() {
    const auto* node = table_.get("default");
    if (node == nullptr) return {};
    if (out_.from == FieldSource::kPath) {
      return Wrong("default", "a field of the path is always sent, so it has no default");
    }
    if (out_.is_required) return Wrong("default", "a required field has no default; remove one");
    out_.value = ScalarJson(*node);
    if (!out_.value) return Wrong("default", "want text, a number, true or false");
    return {};
  }

  Status Limit(std::string_view key, std::optional<Bound>& to) const {
    const auto* node = table_.get(key);
    if (node == nullptr) return {};
    if (out_.type == FieldType::kBoolean || out_.type == FieldType::kTimestamp) {
      return Wrong(key, "applies to numbers, and to the length of text");
    }
    if (const auto* whole = node->as_integer()) {
      to = whole->get();
      return {};
    }
    const auto* number = node->as_floating_point();
    if (number == nullptr || !std::isfinite(number->get())) return Wrong(key, "want a number");
    to = number->get();
    return {};
  }

  Status Pattern() {
    ST_TRY_STATUS(Text("pattern", out_.pattern));
    if (out_.pattern.empty()) return {};
    if (out_.type != FieldType::kString) return Wrong("pattern", "is of text");
    if (out_.pattern.size() > kMaxPatternBytes)
      return Wrong("pattern", fmt::format("has {} bytes, more than {}", out_.pattern.size(),
                                          kMaxPatternBytes));
    const re2::RE2 pattern(out_.pattern, re2::RE2::Quiet);
    if (!pattern.ok()) return Wrong("pattern", pattern.error());
    return {};
  }

  Status OneOf() {
    const auto* node = table_.get("one_of");
    if (node == nullptr) return {};
    const auto* list = node->as_array();
    if (list == nullptr || list->empty()) return Wrong("one_of", "want a list of values");
    std::vector<std::string> values;
    for (const auto& element : *list) {
      auto json = ScalarJson(element);
      const auto fault = json ? FaultOf(out_, *json) : std::optional<std::string>("no scalar");
      if (fault) return Wrong("one_of", *fault);
      values.push_back(std::move(*json));
    }
    out_.one_of = std::move(values);
    return {};
  }

  Result<Field> CheckDefault() {
    if (out_.value) {
      const auto fault = FaultOf(out_, *out_.value);
      if (fault) return Wrong("default", *fault);
    }
    return std::move(out_);
  }

  const toml::key& key_;
  const toml::table& table_;
  const FieldContext& context_;
  Field out_;
};

}  // namespace

std::string Meant(std::string_view name, const std::vector<std::string>& known) {
  const auto nearest = NearestName(name, known);
  return nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : std::string();
}

Result<Field> ParseField(const toml::key& key, const toml::node& node,
                         const FieldContext& context) {
  if (const auto* table = node.as_table()) return FieldParser(key, *table, context).Run();
  Field field;
  field.name = std::string(key.str());
  field.place = TomlPlace(context.file, key.source().begin);
  field.type = TypeOfScalar(node);
  field.value = ScalarJson(node);
  if (!field.value) {
    return Fail(ErrorCode::kInvalidArgument,
                "{}: field \"{}\": want a constant (text, a number, true or false) or a table with "
                "type and from",
                TomlPlace(context.file, node.source().begin), key.str());
  }
  return field;
}

}  // namespace st::event
