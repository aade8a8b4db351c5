#include "event/compose.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "event/limits.h"
#include "event/parameters.h"
#include "event/python_json.h"
#include "event/secret_headers.h"
#include "event/timestamp.h"

namespace st::event {
namespace {

std::string_view HeaderOf(const Headers& headers, std::string_view name) {
  for (const auto& [each, value] : headers) {
    if (EqualsIgnoreCase(each, name)) return value;
  }
  return {};
}

bool HasHeader(const Headers& headers, std::string_view name) {
  return std::ranges::any_of(headers,
                             [&](const auto& h) { return EqualsIgnoreCase(h.first, name); });
}

// The media type of a Content-Type, lower case, without parameters.
std::string MediaType(std::string_view content_type) {
  return AsciiLower(Trim(content_type.substr(0, content_type.find(';'))));
}

Fault MalformedBody(std::string_view why) {
  return {400, "malformed_body", "", fmt::format("The body: {}.", why)};
}

Fault UnsupportedType(std::string_view want) {
  return {415, "unsupported_media_type", "", std::string(want)};
}

// True for the media type of JSON, and for "": a body without a Content-Type is read as JSON.
bool IsJson(std::string_view type) {
  return type.empty() || type == "application/json" || type.ends_with("+json");
}

// Completes a sentence with the place where a misplaced parameter belongs; nullopt if it belongs
// nowhere.
using Hint = std::function<std::optional<std::string>(const std::string& name)>;

std::optional<Fault> FaultOfNames(const Parameters& given, const std::vector<std::string>& known,
                                  std::string_view what, const Hint& hint) {
  std::set<std::string_view> seen;
  for (const auto& [name, value] : given) {
    if (std::ranges::find(known, name) == known.end()) {
      const std::string taken =
          known.empty() ? "nothing" : fmt::format("{}", fmt::join(known, ", "));
      if (const auto place = hint ? hint(name) : std::nullopt) {
        return Fault{400, "unknown_parameter", name,
                     fmt::format("\"{}\" {}; the {} takes {}.", name, *place, what, taken)};
      }
      const auto near = NearestName(name, known);
      return Fault{400, "unknown_parameter", name,
                   fmt::format("The {} takes {}{}", what, taken,
                               near ? fmt::format("; did you mean \"{}\"?", *near) : ".")};
    }
    if (!seen.insert(name).second) {
      return Fault{400, "invalid_parameter", name,
                   fmt::format("\"{}\" stands in the {} more than once.", name, what)};
    }
  }
  return std::nullopt;
}

std::optional<Fault> FaultInQuery(std::string_view query, const std::vector<std::string>& known,
                                  const Hint& hint) {
  const auto given = ParseForm(query);
  if (!given) return Fault{400, "malformed_query", "", "The query is not well-formed."};
  return FaultOfNames(*given, known, "query", hint);
}

std::unexpected<Fault> TooLarge() {
  return std::unexpected(Fault{413, "event_too_large", "",
                               fmt::format("The event would have more than {} bytes as it is "
                                           "logged, where JSON writes a character in up to 12.",
                                           kMaxEventBytes)});
}

std::string_view WhereOf(FieldSource from) {
  switch (from) {
    case FieldSource::kPath:
      return "the path";
    case FieldSource::kQuery:
      return "the query";
    case FieldSource::kHeader:
      return "a header";
    case FieldSource::kBody:
    case FieldSource::kConstant:
    case FieldSource::kServer:
    case FieldSource::kProducer:
      return "the body";
  }
  return "";
}

// The value of a JSON string; any other JSON stays as it is.
std::string Bare(const std::string& json) {
  const auto value = nlohmann::json::parse(json, nullptr, false);
  return value.is_string() ? value.get<std::string>() : json;
}

}  // namespace

// Finds the values of a request. Each part of the request is parsed once.
class Composer::Sources {
 public:
  Sources(const Composer& composer, const Request& request)
      : composer_(composer), request_(request) {}

  std::optional<Fault> Open() {
    if (composer_.path_ && composer_.path_->has_variables()) {
      path_values_ = composer_.path_->Match(request_.path);
    }
    hint_ = [this](const std::string& name) { return composer_.PlaceOf(name); };
    if (!request_.query.empty()) {
      auto fault = FaultInQuery(request_.query, composer_.query_names_, hint_);
      if (fault) return fault;
      query_ = *ParseForm(request_.query);
    }
    auto fault = OpenBody();
    const bool is_unread = fault && fault->parameter.empty() && composer_.body_names_.empty();
    return is_unread ? Fault{400, "malformed_body", "", "The route takes no body."} : fault;
  }

  // Returns the value's JSON, or "" if it was not sent. A fault names the field.
  std::expected<std::string, Fault> ValueOf(const FieldReader& reader) const {
    const Field& field = reader.field();
    if (field.from == FieldSource::kConstant) return *field.value;
    if (field.from == FieldSource::kServer) return ServerValue(field);
    auto found = Find(reader);
    if (!found) {
      if (field.is_required) {
        return std::unexpected(
            Fault{400, "missing_parameter", field.source_name,
                  fmt::format("\"{}\" is missing in {}: want {}.", field.source_name,
                              WhereOf(field.from), Allowed(field))});
      }
      return field.value.value_or("");
    }
    if (!*found) return Invalid(field, found->error());
    return std::move((*found)->json);
  }

 private:
  static std::unexpected<Fault> Invalid(const Field& field, std::string_view why) {
    return std::unexpected(Fault{400, "invalid_parameter", field.source_name,
                                 fmt::format("\"{}\": {}.", field.source_name, why)});
  }

  std::optional<Fault> OpenBody() {
    if (Trim(request_.body).empty()) return std::nullopt;
    const std::string type = MediaType(HeaderOf(request_.headers, "Content-Type"));
    if (type == "application/x-www-form-urlencoded") {
      is_form_ = true;
      if (Trim(request_.body).starts_with('{')) {
        return MalformedBody(
            "it looks like JSON but was sent as a form; send Content-Type: application/json");
      }
      auto form = ParseForm(request_.body);
      if (!form) return MalformedBody("it is no well-formed form");
      body_ = std::move(*form);
    } else if (IsJson(type)) {
      auto members = ParseJsonObject(request_.body);
      if (!members) return MalformedBody(members.error());
      body_ = std::move(*members);
    } else {
      return UnsupportedType("A body is application/json or application/x-www-form-urlencoded.");
    }
    return FaultOfNames(body_, composer_.body_names_, "body", hint_);
  }

  static const std::string* FindIn(const Parameters& all, const std::string& name) {
    const auto found = std::ranges::find(all, name, [](const auto& one) { return one.first; });
    return found == all.end() ? nullptr : &found->second;
  }

  // Returns nullopt if the value was not sent.
  std::optional<std::expected<Value, std::string>> Find(const FieldReader& reader) const {
    const Field& field = reader.field();
    switch (field.from) {
      case FieldSource::kPath: {
        const auto& names = composer_.path_->variables();
        const auto at = std::ranges::find(names, field.source_name) - names.begin();
        if (!path_values_) return std::nullopt;
        return reader.ReadText((*path_values_)[static_cast<std::size_t>(at)]);
      }
      case FieldSource::kQuery: {
        const auto* text = FindIn(query_, field.source_name);
        if (text == nullptr) return std::nullopt;
        return reader.ReadText(*text);
      }
      case FieldSource::kBody: {
        const auto* text = FindIn(body_, field.source_name);
        if (text == nullptr) return std::nullopt;
        if (is_form_) return reader.ReadText(*text);
        if (*text == "null") return std::nullopt;
        return reader.ReadJson(*text);
      }
      case FieldSource::kHeader:
        if (!HasHeader(request_.headers, field.source_name)) return std::nullopt;
        return reader.ReadText(HeaderOf(request_.headers, field.source_name));
      case FieldSource::kConstant:
      case FieldSource::kServer:
      case FieldSource::kProducer:
        return std::nullopt;
    }
    return std::nullopt;
  }

  std::string ServerValue(const Field& field) const {
    std::string text(request_.unique_id);
    if (field.source_name == "time") text = TimestampText(request_.time_ms);
    if (field.source_name == "peer") text = request_.peer.substr(0, request_.peer.rfind(':'));
    std::string out;
    AppendPythonJson(out, text, TextEncoding::kUtf8);
    return out;
  }

  const Composer& composer_;
  const Request& request_;
  Hint hint_;
  std::optional<std::vector<std::string>> path_values_;
  Parameters query_;
  Parameters body_;
  bool is_form_ = false;
};

std::optional<Fault> FaultOfQuery(std::string_view query, const std::vector<std::string>& known) {
  return FaultInQuery(query, known, nullptr);
}

std::optional<Fault> FaultOfJsonType(const Headers& headers) {
  if (IsJson(MediaType(HeaderOf(headers, "Content-Type")))) return std::nullopt;
  return UnsupportedType("The body is application/json.");
}

Composer::Composer(Declaration declaration) : declaration_(std::move(declaration)) {
  if (auto path = PathTemplate::Parse(declaration_.path); declaration_.has_route() && path) {
    path_ = std::move(*path);
  }
  is_plain_ = declaration_.key.empty();
  for (const auto& field : declaration_.fields) {
    readers_.emplace_back(field);
    is_plain_ = is_plain_ && field.from == FieldSource::kConstant;
    if (field.from == FieldSource::kServer && field.source_name == "id") needs_id_ = true;
    if (field.from == FieldSource::kQuery) query_names_.push_back(field.source_name);
    if (field.from == FieldSource::kBody) body_names_.push_back(field.source_name);
  }
}

// Says where a misplaced parameter belongs. It is refused, because ignoring it would lose a value
// or contradict the route.
std::optional<std::string> Composer::PlaceOf(const std::string& name) const {
  for (const auto& field : declaration_.fields) {
    const bool is_from_request =
        field.from != FieldSource::kConstant && field.from != FieldSource::kServer;
    if (name != (is_from_request ? field.source_name : field.name) && name != field.name) continue;
    if (field.from == FieldSource::kConstant) return "is fixed by the route and cannot be given";
    if (field.from == FieldSource::kServer) return "is set by the server and cannot be given";
    if (name == field.source_name) return fmt::format("belongs in {}", WhereOf(field.from));
    return fmt::format("is \"{}\" in {}", field.source_name, WhereOf(field.from));
  }
  return std::nullopt;
}

std::optional<std::string> Composer::KeyOf(const Request& request,
                                           const std::vector<std::string>& values) const {
  if (declaration_.key.empty()) return std::nullopt;
  for (std::size_t i = 0; i < declaration_.fields.size(); ++i) {
    if (declaration_.fields[i].name != declaration_.key) continue;
    return values[i].empty() ? std::nullopt : std::optional(Bare(values[i]));
  }
  return std::string(HeaderOf(request.headers, declaration_.key));  // the key is Host
}

std::string Composer::PayloadOf(const Request& request,
                                const std::vector<std::string>& values) const {
  const bool has_secret = declaration_.with_headers && HasSecretHeader(request.headers);
  if (!has_secret) return Payload(declaration_, request.headers, values);
  return Payload(declaration_, WithoutSecretHeaders(request.headers), values);
}

std::expected<Composed, Fault> Composer::Compose(const Request& request) const {
  if (is_plain_ && request.query.empty() && request.body.empty()) {
    return Composed{PayloadOf(request, {}), std::nullopt};
  }
  Sources sources(*this, request);
  if (auto fault = sources.Open()) return std::unexpected(std::move(*fault));
  std::vector<std::string> values;
  values.reserve(readers_.size());
  std::size_t bytes = 0;
  for (const auto& reader : readers_) {
    auto value = sources.ValueOf(reader);
    if (!value) return std::unexpected(std::move(value.error()));
    bytes += value->size();
    if (bytes > kMaxEventBytes) return TooLarge();
    values.push_back(std::move(*value));
  }
  Composed made{PayloadOf(request, values), KeyOf(request, values)};
  if (made.value.size() + (made.key ? made.key->size() : 0) > kMaxEventBytes) return TooLarge();
  return made;
}

}  // namespace st::event
