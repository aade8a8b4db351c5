#include "api/http/route_table.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/percent.h"
#include "base/text.h"

namespace st::api::http {
namespace {

constexpr std::string_view kRest = "{...}";

bool IsVariable(std::string_view segment) { return segment.starts_with('{'); }

// The segments of a template or of a decoded path; "/" has one, which is empty.
std::vector<std::string_view> SegmentsOf(std::string_view path) {
  return Split(path.substr(1), '/');
}

// `form` with the variables' values that stand in their places in `path`.
std::string Filled(std::string_view form, std::string_view path) {
  const auto names = Split(form, '/');
  const auto values = Split(path, '/');
  if (names.size() != values.size()) return std::string(form);
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += '/';
    out += IsVariable(names[i]) && !values[i].empty() ? values[i] : names[i];
  }
  return out;
}

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>()(text);
  }
};

net::HttpResponse MethodNotAllowed(const Call& call) {
  auto refusal =
      net::Problem(405, "method_not_allowed",
                   fmt::format("{} takes {}.", PercentEncodePath(call.path), call.allowed));
  refusal.headers.emplace_back("Allow", call.allowed);
  return refusal;
}

}  // namespace

// One path's routes.
struct RouteTable::Resource {
  std::vector<std::pair<std::string, std::shared_ptr<const Route>>> by_method;
  std::shared_ptr<const Route> other_methods;  // may be null
  std::string allowed;                         // "GET, HEAD, PUT, OPTIONS"
  std::vector<std::size_t> variables;          // their segments

  void Add(const std::string& method, std::shared_ptr<const Route> route) {
    ST_CHECK(!Takes(method));
    const auto is_read = [](std::string_view name) { return name == "GET" || name == "HEAD"; };
    const auto place = std::ranges::find_if(
        by_method, [&](const auto& one) { return is_read(method) && !is_read(one.first); });
    by_method.emplace(place, method, std::move(route));
    allowed.clear();
    for (const auto& [name, ignored] : by_method) allowed += (allowed.empty() ? "" : ", ") + name;
  }
  bool Takes(std::string_view method) const {
    return std::ranges::any_of(by_method, [&](const auto& one) { return one.first == method; });
  }
  const Route* Find(std::string_view method) const {
    for (const auto& [name, route] : by_method) {
      if (name == method) return route.get();
    }
    return other_methods.get();
  }
};

// The paths that share their first segments.
struct RouteTable::Node {
  std::unordered_map<std::string, std::unique_ptr<Node>, TextHash, std::equal_to<>> literals;
  std::unique_ptr<Node> variable;
  std::unique_ptr<Resource> here;  // of the path that ends here
  std::unique_ptr<Resource> rest;  // of all longer paths that nothing else takes

  // `left`: the segments that follow.
  const Resource* Find(std::string_view left) const {
    const auto slash = left.find('/');
    const auto segment = left.substr(0, slash);
    const auto next = [&](const Node& node) -> const Resource* {
      if (slash == left.npos) return node.here.get();
      return node.Find(left.substr(slash + 1));
    };
    if (const auto literal = literals.find(segment); literal != literals.end()) {
      if (const auto* found = next(*literal->second)) return found;
    }
    if (variable && !segment.empty()) {
      if (const auto* found = next(*variable)) return found;
    }
    return rest.get();
  }
};

RouteTable::RouteTable(Options options)
    : options_(std::move(options)), root_(std::make_unique<Node>()) {
  ST_CHECK(options_.not_found);
  ST_CHECK(options_.form == PathForm::kWhole || options_.malformed_path);
}
RouteTable::~RouteTable() = default;

RouteTable::Resource& RouteTable::ResourceAt(std::string_view path) {
  ST_CHECK(path.starts_with('/'));
  Node* node = root_.get();
  std::vector<std::size_t> variables;
  const auto segments = SegmentsOf(path);
  std::unique_ptr<Resource>* place = nullptr;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (segments[i] == kRest) {
      ST_CHECK(i + 1 == segments.size());
      place = &node->rest;
      break;
    }
    if (IsVariable(segments[i])) variables.push_back(i);
    auto& next =
        IsVariable(segments[i]) ? node->variable : node->literals[std::string(segments[i])];
    if (!next) next = std::make_unique<Node>();
    node = next.get();
    place = &node->here;
  }
  if (!*place) {
    *place = std::make_unique<Resource>();
    (*place)->variables = std::move(variables);
    resources_.push_back(place->get());
  }
  return **place;
}

void RouteTable::Add(Route added) {
  ST_CHECK(!added.methods.empty() && added.handler);
  const auto route = std::make_shared<const Route>(std::move(added));
  Resource& resource = ResourceAt(route->path);
  for (const auto& method : route->methods) {
    if (method == kOtherMethods) {
      ST_CHECK(!resource.other_methods);
      resource.other_methods = route;
    } else {
      resource.Add(method, route);
    }
  }
  if (route->openapi.empty()) return;
  auto described = std::ranges::find(described_, route->path, &Described::path);
  if (described == described_.end()) {
    described = described_.insert(described_.end(), {.path = route->path, .operations = {}});
  }
  described->operations.emplace_back(AsciiLower(route->methods.front()), route->openapi);
}

void RouteTable::AddOptions(const std::string& content_type) {
  const Handler answer = [content_type](const Call& call,
                                        std::unique_ptr<net::HttpResponder> responder) {
    net::HttpResponse response;
    response.content_type = content_type;
    response.headers.emplace_back("Allow", call.allowed);
    responder->Send(std::move(response));
  };
  for (auto* resource : resources_) {
    if (resource->Takes("OPTIONS")) continue;
    const bool redirects = std::ranges::any_of(
        resource->by_method, [](const auto& one) { return one.second->redirects_slashes; });
    resource->Add("OPTIONS", std::make_shared<const Route>(Route{.methods = {"OPTIONS"},
                                                                 .path = "",
                                                                 .who_may = WhoMay::kEverybody,
                                                                 .handler = answer,
                                                                 .redirects_slashes = redirects}));
  }
}

void RouteTable::AddSchema(const std::string& name, std::string schema) {
  const auto found =
      std::ranges::find_if(schemas_, [&](const auto& one) { return one.first == name; });
  if (found != schemas_.end()) {
    found->second = std::move(schema);
  } else {
    schemas_.emplace_back(name, std::move(schema));
  }
}

void RouteTable::AddOpenApi(const std::string& title) {
  Add({.methods = {"GET", "HEAD"},
       .path = "/openapi.json",
       .handler = [document = std::make_shared<const std::string>(OpenApi(title))](
                      const Call&, std::unique_ptr<net::HttpResponder> responder) {
         net::HttpResponse response;
         response.content_type = "application/json";
         response.shared_body = document;
         responder->Send(std::move(response));
       }});
}

void RouteTable::Handle(net::HttpRequest request,
                        std::unique_ptr<net::HttpResponder> responder) const {
  Call call;
  auto path = DecodePath(request.path, options_.form);
  if (!path) return responder->Send(options_.malformed_path(request));
  call.path = std::move(*path);
  call.request = std::move(request);
  const Resource* resource = Find(call.path);
  if (resource == nullptr) return responder->Send(NotFound(call));
  call.allowed = resource->allowed;
  const Route* route = resource->Find(call.request.method);
  if (route == nullptr) return responder->Send(MethodNotAllowed(call));
  if (options_.gate) {
    if (auto refusal = options_.gate(route->who_may, call.request)) {
      return responder->Send(std::move(*refusal));
    }
  }
  if (!resource->variables.empty()) {
    const auto segments = SegmentsOf(call.path);
    for (const auto at : resource->variables) call.variables.emplace_back(segments[at]);
  }
  route->handler(std::move(call), std::move(responder));
}

const RouteTable::Resource* RouteTable::Find(std::string_view path) const {
  return root_->Find(path.substr(1));
}

net::HttpResponse RouteTable::NotFound(const Call& call) const {
  const std::string merged = MergeSlashes(call.path);
  for (const auto& other : {merged, merged + "/"}) {
    const Resource* found = Find(other);
    const Route* route = found == nullptr ? nullptr : found->Find(call.request.method);
    if (route == nullptr || !route->redirects_slashes) continue;
    net::HttpResponse response;
    response.status = 308;
    response.body = "The path is " + PercentEncodePath(other) + "\n";
    const auto& query = call.request.query;
    response.headers.emplace_back("Location",
                                  PercentEncodePath(other) + (query.empty() ? "" : "?" + query));
    return response;
  }
  return options_.not_found(*this, call);
}

std::optional<std::string> RouteTable::NearestPath(std::string_view path) const {
  constexpr std::size_t kLongest = 200;  // beyond, nothing near it is looked for
  if (path.size() > kLongest) return std::nullopt;
  std::vector<std::string> filled;
  for (const auto& described : described_) filled.push_back(Filled(described.path, path));
  return NearestName(path, filled);
}

std::string RouteTable::OpenApi(const std::string& title) const {
  const auto name = [](const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  };
  std::string out = fmt::format(
      R"({{"openapi":"3.1.0","info":{{"title":{},"version":"1"}},"paths":{{)", name(title));
  const auto separate = [&out] {
    if (!out.ends_with('{')) out += ',';
  };
  for (const auto& [path, operations] : described_) {
    separate();
    out += name(path) + ":{";
    for (const auto& [method, operation] : operations) {
      separate();
      out += fmt::format(R"("{}":{})", method, operation);
    }
    out += '}';
  }
  out += R"(},"components":{"schemas":{)";
  for (const auto& [schema_name, schema] : schemas_) {
    separate();
    out += name(schema_name) + ":" + schema;
  }
  return out + "}}}";
}

}  // namespace st::api::http
