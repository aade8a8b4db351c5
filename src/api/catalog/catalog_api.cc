#include "api/catalog/catalog_api.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/text.h"
#include "net/shared_bodies.h"

namespace st::api {

using Json = nlohmann::ordered_json;
using net::HttpRequest;
using net::HttpResponse;

namespace {

constexpr std::string_view kReadOnly =
    "this catalog is read-only: tables are written by their pipelines alone";

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

HttpResponse Answer(std::string body) {
  return {.content_type = "application/json", .body = std::move(body), .headers = {}};
}

struct IcebergError {
  int status;
  const char* type;
};

HttpResponse Refuse(IcebergError error, std::string_view message) {
  auto response = Answer(
      Dump({{"error", {{"message", message}, {"type", error.type}, {"code", error.status}}}}));
  response.status = error.status;
  return response;
}

constexpr IcebergError kNoSuchNamespace = {404, "NoSuchNamespaceException"};
constexpr IcebergError kNoSuchTable = {404, "NoSuchTableException"};

// The one place where the lake's errors become Iceberg's.
IcebergError IcebergErrorFor(ErrorCode code) {
  switch (code) {
    case ErrorCode::kNotFound:
      return kNoSuchTable;
    case ErrorCode::kInvalidArgument:
      return {400, "BadRequestException"};
    case ErrorCode::kUnsupported:
      return {406, "UnsupportedOperationException"};
    case ErrorCode::kAlreadyExists:
      return {409, "AlreadyExistsException"};
    case ErrorCode::kConflict:
      return {409, "CommitFailedException"};
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeadline:
    case ErrorCode::kShutdown:
      return {503, "ServiceUnavailableException"};
    case ErrorCode::kOutcomeUnknown:
    case ErrorCode::kCorruption:
    case ErrorCode::kIo:
      return {500, "InternalServerError"};
  }
  return {500, "InternalServerError"};
}

// "a%1Fb+c" decoded; a plus sign stays one in a path. nullopt on a bad escape.
std::optional<std::string> PercentDecode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    const auto byte = HexDecode(text.substr(i + 1, 2));
    if (!byte || byte->size() != 1) return std::nullopt;
    out += *byte;
    i += 2;
  }
  return out;
}

// The value of a query parameter; "" if it is not there.
std::string Parameter(std::string_view query, std::string_view name) {
  for (const auto part : Split(query, '&')) {
    const auto equals = part.find('=');
    if (part.substr(0, equals) != name || equals == std::string_view::npos) continue;
    return PercentDecode(part.substr(equals + 1)).value_or("");
  }
  return "";
}

class Catalog {
 public:
  explicit Catalog(const lake::Lake& lake) : lake_(lake) {}
  HttpResponse Handle(const HttpRequest& request) const;

 private:
  HttpResponse Read(const HttpRequest& request, const std::vector<std::string>& path) const;
  HttpResponse ReadTable(const lake::TableName& name) const;
  HttpResponse ListNamespaces(const HttpRequest& request) const;
  HttpResponse ListTables(const std::string& schema) const;
  bool HasNamespace(const std::string& name) const {
    const auto schemas = lake_.Schemas();
    return std::ranges::find(schemas, name) != schemas.end();
  }
  static HttpResponse NoSuchNamespace(std::string_view name) {
    return Refuse(kNoSuchNamespace, fmt::format("there is no namespace \"{}\"", name));
  }

  const lake::Lake& lake_;
  const std::shared_ptr<net::SharedBodies> bodies_ = std::make_shared<net::SharedBodies>();
};

HttpResponse Config() {
  Json endpoints = Json::array();
  for (const auto* endpoint :
       {"GET /v1/{prefix}/namespaces", "GET /v1/{prefix}/namespaces/{namespace}",
        "HEAD /v1/{prefix}/namespaces/{namespace}",
        "GET /v1/{prefix}/namespaces/{namespace}/tables",
        "GET /v1/{prefix}/namespaces/{namespace}/tables/{table}",
        "HEAD /v1/{prefix}/namespaces/{namespace}/tables/{table}"}) {
    endpoints.push_back(endpoint);
  }
  return Answer(Dump({{"defaults", Json::object()},
                      {"overrides", Json::object()},
                      {"endpoints", std::move(endpoints)}}));
}

HttpResponse Catalog::ListNamespaces(const HttpRequest& request) const {
  auto names = Json::array();
  const auto parent = Parameter(request.query, "parent");
  if (parent.empty()) {
    for (const auto& schema : lake_.Schemas()) names.push_back(Json::array({schema}));
  } else if (!HasNamespace(parent)) {
    return NoSuchNamespace(parent);
  }
  return Answer(Dump({{"namespaces", std::move(names)}}));
}

HttpResponse Catalog::ListTables(const std::string& schema) const {
  auto identifiers = Json::array();
  for (const auto& table : lake_.Tables()) {
    if (table.schema != schema) continue;
    identifiers.push_back({{"namespace", Json::array({schema})}, {"name", table.name}});
  }
  return Answer(Dump({{"identifiers", std::move(identifiers)}}));
}

HttpResponse Catalog::ReadTable(const lake::TableName& name) const {
  const auto view = lake_.Load(name);
  if (!view) return Refuse(IcebergErrorFor(view.error().code()), view.error().message());
  // The metadata is JSON already; it goes out as it lies in its file.
  auto response = Answer("");
  response.shared_body = bodies_->Get(*view, "", [&view] {
    return fmt::format(R"({{"metadata-location":{},"metadata":{},"config":{{}}}})",
                       Dump("file://" + (*view)->metadata_file), (*view)->metadata_json);
  });
  return response;
}

HttpResponse Catalog::Read(const HttpRequest& request, const std::vector<std::string>& path) const {
  const auto is = [&](std::size_t at, std::string_view name) { return path[at] == name; };
  if (path.size() == 1 && is(0, "config")) return Config();
  if (path.empty() || !is(0, "namespaces") || path.size() > 4) {
    return Refuse({404, "NotFoundException"}, fmt::format("there is no path {}", request.path));
  }
  if (path.size() == 1) return ListNamespaces(request);
  const auto& schema = path[1];
  if (!HasNamespace(schema)) return NoSuchNamespace(schema);
  if (path.size() == 2) {
    return Answer(Dump({{"namespace", Json::array({schema})}, {"properties", Json::object()}}));
  }
  if (is(2, "tables")) return path.size() == 3 ? ListTables(schema) : ReadTable({schema, path[3]});
  // Clients older than the list of endpoints ask for views.
  if (is(2, "views") && path.size() == 3) return Answer(R"({"identifiers":[]})");
  if (is(2, "views")) return Refuse({404, "NoSuchViewException"}, "there are no views");
  return Refuse({404, "NotFoundException"}, fmt::format("there is no path {}", request.path));
}

// A scan report of a client: taken and dropped, so that the client does not complain.
bool IsMetricsReport(const HttpRequest& request, const std::vector<std::string>& path) {
  return request.method == "POST" && path.size() == 5 && path[0] == "namespaces" &&
         path[4] == "metrics";
}

HttpResponse Catalog::Handle(const HttpRequest& request) const {
  std::vector<std::string> path;
  for (const auto part : Split(request.path, '/')) {
    auto decoded = PercentDecode(part);
    if (!decoded) {
      return Refuse({400, "BadRequestException"},
                    fmt::format("the path {} has a bad percent escape", request.path));
    }
    if (!part.empty()) path.push_back(std::move(*decoded));
  }
  if (path.empty() || path[0] != "v1") {
    return Refuse({404, "NotFoundException"},
                  fmt::format("there is no path {}; the catalog lies under /v1", request.path));
  }
  path.erase(path.begin());
  if (IsMetricsReport(request, path)) return {.status = 204, .headers = {}};
  const bool is_head = request.method == "HEAD";
  if (request.method != "GET" && !is_head) return Refuse({403, "ForbiddenException"}, kReadOnly);
  auto response = Read(request, path);
  // "Does it exist" is answered by the status alone.
  const bool names_one_thing = path.size() == 2 || path.size() == 4;
  if (is_head && names_one_thing) {
    return {.status = response.status == 200 ? 204 : response.status, .headers = {}};
  }
  return response;
}

}  // namespace

net::HttpHandler MakeCatalogHandler(const lake::Lake& lake) {
  return [catalog = Catalog(lake)](const HttpRequest& request,
                                   std::unique_ptr<net::HttpResponder> responder) {
    responder->Send(catalog.Handle(request));
  };
}

}  // namespace st::api
