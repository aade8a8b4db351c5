#include "api/statement/statement_api.h"

#include <algorithm>

#include "base/text.h"
#include "net/address.h"
#include "net/shared_bodies.h"

namespace st::api {
namespace {

constexpr std::string_view kStatementPath = "/v1/statement";
constexpr std::string_view kQueryPath = "/v1/query/";
constexpr std::string_view kServerVersion = "0.1.0";

net::HttpResponse Json(std::string body) {
  net::HttpResponse response;
  response.content_type = "application/json";
  response.body = std::move(body);
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

// What may stand in a host with its port; anything else would become part of a URI's path.
bool IsHost(std::string_view host) {
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(".-_:[]").contains(c);
  });
}

// Scheme and host as the client dialled them, through a proxy that says so.
std::string BaseUri(const net::HttpRequest& request) {
  std::string_view host = request.Header("X-Forwarded-Host");
  if (!IsHost(host)) host = request.Header("Host");
  if (!IsHost(host)) host = request.local;
  const bool is_https = EqualsIgnoreCase(request.Header("X-Forwarded-Proto"), "https");
  return fmt::format("{}://{}", is_https ? "https" : "http", host);
}

std::string Render(const query::Answer& answer, const query::Ticket& ticket,
                   const std::string& base) {
  auto results = answer.results;
  results.info_uri = fmt::format("{}{}{}", base, kQueryPath, ticket.id);
  if (answer.next_token) {
    results.next_uri = fmt::format("{}{}/executing/{}/{}/{}", base, kStatementPath, ticket.id,
                                   ticket.slug, *answer.next_token);
  }
  return statement::ToJson(results, answer.family);
}

// A page that several ask for lies in memory once.
std::shared_ptr<const std::string> BodyOf(net::SharedBodies& bodies, const query::AnswerPtr& answer,
                                          const query::Ticket& ticket, const std::string& base) {
  return bodies.Get(answer, base, [&] { return Render(*answer, ticket, base); });
}

net::HttpResponse ResponseFor(const query::Answer& answer,
                              std::shared_ptr<const std::string> body) {
  auto response = Json("");
  response.shared_body = std::move(body);
  const auto prefix = statement::HeaderPrefix(answer.family);
  if (!answer.set_catalog.empty()) {
    response.headers.emplace_back(fmt::format("{}Set-Catalog", prefix), answer.set_catalog);
  }
  if (!answer.set_schema.empty()) {
    response.headers.emplace_back(fmt::format("{}Set-Schema", prefix), answer.set_schema);
  }
  return response;
}

net::HttpResponse NotAnswered(query::FetchOutcome outcome) {
  switch (outcome) {
    case query::FetchOutcome::kGone:
      return net::Problem(410, "answer_gone", "The client read a later answer already.");
    case query::FetchOutcome::kBusy: {
      auto response = net::Problem(503, "too_many_polls", "Other polls of this statement wait.");
      response.headers.emplace_back("Retry-After", "1");
      return response;
    }
    case query::FetchOutcome::kUnknown:
    case query::FetchOutcome::kAnswer:
      break;
  }
  return net::Problem(404, "no_statement",
                      "No such statement: its id, slug or token is wrong, or nobody read it for "
                      "too long.");
}

// "/v1/statement/executing/{id}/{slug}/{token}"
struct StatementPath {
  query::Ticket ticket;
  std::int64_t token = 0;
};
std::optional<StatementPath> ParsePath(std::string_view path) {
  const auto parts = Split(path.substr(kStatementPath.size()), '/');
  if (parts.size() != 5 || (parts[1] != "executing" && parts[1] != "queued")) return std::nullopt;
  const auto token = ParseInt64(parts[4]);
  if (!token) return std::nullopt;
  return StatementPath{.ticket = {std::string(parts[2]), std::string(parts[3])}, .token = *token};
}

class StatementRoutes {
 public:
  StatementRoutes(query::Engine& engine, net::HttpHandler otherwise)
      : engine_(engine), otherwise_(std::move(otherwise)) {}

  void Handle(net::HttpRequest request, std::unique_ptr<net::HttpResponder> responder) const {
    const std::string_view path = request.path;
    const bool is_read = request.method == "GET" || request.method == "HEAD";
    if (path == "/v1/info" && is_read) return responder->Send(Info());
    if (path == "/v1/info/state" && is_read) return responder->Send(Json("\"ACTIVE\""));
    if (path.starts_with(kQueryPath) && is_read) {
      return responder->Send(State(std::string(path.substr(kQueryPath.size()))));
    }
    const bool is_statement = path == kStatementPath || path.starts_with("/v1/statement/");
    if (!is_statement) return otherwise_(std::move(request), std::move(responder));
    if (path == kStatementPath) return Post(request, *responder);
    const auto parsed = ParsePath(path);
    if (!parsed) return responder->Send(NotAnswered(query::FetchOutcome::kUnknown));
    if (request.method == "DELETE") return Delete(*parsed, *responder);
    if (request.method != "GET") return responder->Send(WrongMethod("GET, DELETE"));
    Get(*parsed, BaseUri(request), std::move(responder));
  }

 private:
  static net::HttpResponse WrongMethod(const std::string& allowed) {
    auto response = net::Problem(405, "method_not_allowed", "This path takes " + allowed + ".");
    response.headers.emplace_back("Allow", allowed);
    return response;
  }

  static net::HttpResponse Info() {
    return Json(fmt::format(R"({{"nodeVersion":{{"version":"{}"}},"environment":"steelthread",)"
                            R"("coordinator":true,"starting":false}})",
                            kServerVersion));
  }

  net::HttpResponse State(const std::string& id) const {
    const auto state = engine_.StateOf(id);
    if (!state) return NotAnswered(query::FetchOutcome::kUnknown);
    return Json(fmt::format(R"({{"queryId":"{}","state":"{}"}})", id, *state));
  }

  void Post(const net::HttpRequest& request, net::HttpResponder& responder) const {
    if (request.method != "POST") return responder.Send(WrongMethod("POST"));
    if (Trim(request.body).empty()) {
      return responder.Send(net::Problem(400, "empty_statement",
                                         "The body is the SQL; it is "
                                         "empty."));
    }
    if (!IsUtf8(request.body)) {
      return responder.Send(net::Problem(400, "not_utf8", "The SQL is not UTF-8."));
    }
    query::Ticket ticket;
    const auto answer = engine_.Submit({.sql = request.body,
                                        .session = statement::ParseSession(request.headers),
                                        .address = net::ClientOf(request.peer)},
                                       ticket);
    responder.Send(ResponseFor(*answer, BodyOf(*bodies_, answer, ticket, BaseUri(request))));
  }

  void Get(const StatementPath& path, const std::string& base,
           std::unique_ptr<net::HttpResponder> responder) const {
    auto shared = std::shared_ptr<net::HttpResponder>(std::move(responder));
    engine_.Fetch(path.ticket, path.token,
                  [bodies = bodies_, ticket = path.ticket, base, shared](
                      query::FetchOutcome outcome, const query::AnswerPtr& answer) {
                    if (!answer) return shared->Send(NotAnswered(outcome));
                    shared->Send(ResponseFor(*answer, BodyOf(*bodies, answer, ticket, base)));
                  });
  }

  void Delete(const StatementPath& path, net::HttpResponder& responder) const {
    if (!engine_.Cancel(path.ticket)) {
      return responder.Send(NotAnswered(query::FetchOutcome::kUnknown));
    }
    net::HttpResponse response;
    response.status = 204;
    responder.Send(std::move(response));
  }

  query::Engine& engine_;
  const net::HttpHandler otherwise_;
  // Answers that come late have it too.
  const std::shared_ptr<net::SharedBodies> bodies_ = std::make_shared<net::SharedBodies>();
};

}  // namespace

net::HttpHandler MakeStatementHandler(query::Engine& engine, net::HttpHandler otherwise) {
  const auto routes = std::make_shared<StatementRoutes>(engine, std::move(otherwise));
  return [routes](net::HttpRequest request, std::unique_ptr<net::HttpResponder> responder) {
    routes->Handle(std::move(request), std::move(responder));
  };
}

}  // namespace st::api
