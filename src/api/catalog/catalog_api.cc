#include "api/catalog/catalog_api.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "api/http/target.h"
#include "base/crc32c.h"
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

constexpr IcebergError kForbidden = {403, "ForbiddenException"};
constexpr IcebergError kNotFound = {404, "NotFoundException"};
constexpr IcebergError kNoSuchNamespace = {404, "NoSuchNamespaceException"};
constexpr IcebergError kNoSuchTable = {404, "NoSuchTableException"};

// The only place that maps the lake's errors to Iceberg's.
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

class Catalog {
 public:
  explicit Catalog(const lake::Catalog& lake) : lake_(lake) {}
  HttpResponse ListNamespaces(const http::Call& call) const;
  HttpResponse ReadNamespace(const http::Call& call) const;
  HttpResponse ListTables(const http::Call& call) const;
  HttpResponse ReadTable(const http::Call& call) const;
  // Returns `answer` if the namespace that the call names first exists, and otherwise that error.
  HttpResponse Within(const http::Call& call, const HttpResponse& answer) const {
    return HasNamespace(call.variables[0]) ? answer : NoSuchNamespace(call.variables[0]);
  }

 private:
  bool HasNamespace(const std::string& name) const {
    const auto schemas = lake_.Schemas();
    return std::ranges::find(schemas, name) != schemas.end();
  }
  static HttpResponse NoSuchNamespace(std::string_view name) {
    return Refuse(kNoSuchNamespace, fmt::format("there is no namespace \"{}\"", name));
  }

  const lake::Catalog& lake_;
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

HttpResponse Catalog::ListNamespaces(const http::Call& call) const {
  auto names = Json::array();
  const auto parent = http::QueryParameter(call.request, "parent");
  if (parent.empty()) {
    for (const auto& schema : lake_.Schemas()) names.push_back(Json::array({schema}));
  } else if (!HasNamespace(parent)) {
    return NoSuchNamespace(parent);
  }
  return Answer(Dump({{"namespaces", std::move(names)}}));
}

HttpResponse Catalog::ReadNamespace(const http::Call& call) const {
  const auto& schema = call.variables[0];
  return Within(
      call, Answer(Dump({{"namespace", Json::array({schema})}, {"properties", Json::object()}})));
}

HttpResponse Catalog::ListTables(const http::Call& call) const {
  const auto& schema = call.variables[0];
  if (!HasNamespace(schema)) return NoSuchNamespace(schema);
  auto identifiers = Json::array();
  for (const auto& table : lake_.Tables()) {
    if (table.schema != schema) continue;
    identifiers.push_back({{"namespace", Json::array({schema})}, {"name", table.name}});
  }
  return Answer(Dump({{"identifiers", std::move(identifiers)}}));
}

// Names one state of a table. A folder that was put back from a copy may have the same version with
// other contents.
std::string EntityTagOf(const lake::View& view) {
  return fmt::format("\"{}-{:08x}\"", view.version, Crc32c(view.metadata_json));
}

// True if one of the tags of an If-None-Match is `tag`, weak or strong.
bool HasTag(std::string_view header, std::string_view tag) {
  for (auto one : Split(header, ',')) {
    one = Trim(one);
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one == tag) return true;
  }
  return false;
}

HttpResponse Catalog::ReadTable(const http::Call& call) const {
  // A table of a namespace that is not there is no table either: engines that meet t.snapshots then
  // try it as a metadata table.
  const auto view = lake_.Load({call.variables[0], call.variables[1]});
  if (!view) return Refuse(IcebergErrorFor(view.error().code()), view.error().message());
  const auto tag = EntityTagOf(**view);
  if (HasTag(call.request.Header("If-None-Match"), tag)) {
    return {.status = 304, .headers = {{"ETag", tag}}};
  }
  // The metadata file is JSON already, so its bytes are sent unchanged.
  auto response = Answer("");
  response.headers.emplace_back("ETag", tag);
  response.shared_body = bodies_->Get(*view, "", [&view] {
    return fmt::format(R"({{"metadata-location":{},"metadata":{},"config":{{}}}})",
                       Dump((*view)->metadata_uri), (*view)->metadata_json);
  });
  return response;
}

using Answerer = std::function<HttpResponse(const http::Call&)>;

HttpResponse NoPath(const http::Call& call) {
  return Refuse(kNotFound, fmt::format("there is no path {}", call.request.path));
}

bool IsRead(const http::Call& call) {
  return call.request.method == "GET" || call.request.method == "HEAD";
}

// Adds a route that is read by GET and HEAD and refuses every other method.
void AddRead(const std::string& path, const Answerer& answer, http::RouteTable& table) {
  table.Add(
      {.methods = {std::string(http::kOtherMethods)},
       .path = path,
       .handler = [answer](const http::Call& call, std::unique_ptr<net::HttpResponder> responder) {
         responder->Send(IsRead(call) ? answer(call) : Refuse(kForbidden, kReadOnly));
       }});
}

// Like AddRead, for one object: HEAD tells by the status alone whether the object exists.
void AddReadOfOne(const std::string& path, const Answerer& answer, http::RouteTable& table) {
  AddRead(
      path,
      [answer](const http::Call& call) {
        auto response = answer(call);
        if (call.request.method != "HEAD") return response;
        return HttpResponse{.status = response.status == 200 ? 204 : response.status,
                            .headers = {}};
      },
      table);
}

HttpResponse NotFound(const http::RouteTable&, const http::Call& call) {
  return Refuse(kNotFound,
                fmt::format("there is no path {}; the catalog lies under /v1", call.request.path));
}

HttpResponse MalformedPath(const HttpRequest& request) {
  return Refuse({400, "BadRequestException"},
                fmt::format("the path {} has a bad percent escape", request.path));
}

}  // namespace

std::unique_ptr<http::RouteTable> MakeCatalogRoutes(const lake::Catalog& lake, http::Gate gate) {
  auto table = std::make_unique<http::RouteTable>(
      http::RouteTable::Options{.form = http::PathForm::kSegments,
                                .not_found = NotFound,
                                .gate = std::move(gate),
                                .malformed_path = MalformedPath});
  const auto catalog = std::make_shared<const Catalog>(lake);
  const auto no_such_view = [catalog](const http::Call& call) {
    return catalog->Within(call, Refuse({404, "NoSuchViewException"}, "there are no views"));
  };
  const auto no_path = [catalog](const http::Call& call) {
    return catalog->Within(call, NoPath(call));
  };
  const std::string one = "/v1/namespaces/{namespace}";
  AddRead("/v1/config", [](const http::Call&) { return Config(); }, *table);
  AddRead(
      "/v1/namespaces", [catalog](const http::Call& call) { return catalog->ListNamespaces(call); },
      *table);
  AddReadOfOne(
      one, [catalog](const http::Call& call) { return catalog->ReadNamespace(call); }, *table);
  AddRead(
      one + "/tables", [catalog](const http::Call& call) { return catalog->ListTables(call); },
      *table);
  AddReadOfOne(
      one + "/tables/{table}",
      [catalog](const http::Call& call) { return catalog->ReadTable(call); }, *table);
  // A client's scan report is accepted and dropped, so that the client reports no error.
  table->Add({.methods = {"POST"},
              .path = one + "/tables/{table}/metrics",
              .handler = [](const http::Call&, std::unique_ptr<net::HttpResponder> responder) {
                responder->Send({.status = 204, .headers = {}});
              }});
  AddRead(one + "/tables/{table}/metrics", NoPath, *table);
  // Clients that do not know the list of endpoints ask for views.
  AddRead(
      one + "/views",
      [catalog](const http::Call& call) {
        return catalog->Within(call, Answer(R"({"identifiers":[]})"));
      },
      *table);
  AddReadOfOne(one + "/views/{view}", no_such_view, *table);
  AddRead(one + "/{other}", no_path, *table);
  AddReadOfOne(one + "/{other}/{more}", no_path, *table);
  AddRead("/v1", NoPath, *table);
  AddRead("/v1/{...}", NoPath, *table);
  return table;
}

}  // namespace st::api
