#include "api/statement/statement_api.h"

#include "base/ascii.h"
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

// True if the text can be a host with its port. Other text could change a URI's path.
bool IsHost(std::string_view host) { return !host.empty() && ConsistsOf(host, ".-_:[]"); }

// The scheme and host that the client used, also through a proxy that forwards them in headers.
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

// Returns the answer's JSON; clients that poll for the same page share one copy.
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

class StatementApi {
 public:
  explicit StatementApi(query::Engine& engine) : engine_(engine) {}

  net::HttpResponse State(const std::string& id) const {
    const auto state = engine_.StateOf(id);
    if (!state) return NotAnswered(query::FetchOutcome::kUnknown);
    return Json(fmt::format(R"({{"queryId":"{}","state":"{}"}})", id, *state));
  }

  net::HttpResponse Submit(const net::HttpRequest& request) const {
    if (Trim(request.body).empty()) {
      return net::Problem(400, "empty_statement", "The body is the SQL; it is empty.");
    }
    if (!IsUtf8(request.body)) return net::Problem(400, "not_utf8", "The SQL is not UTF-8.");
    query::Ticket ticket;
    const auto answer = engine_.Submit({.sql = request.body,
                                        .session = statement::ParseSession(request.headers),
                                        .address = net::ClientOf(request.peer)},
                                       ticket);
    return ResponseFor(*answer, BodyOf(*bodies_, answer, ticket, BaseUri(request)));
  }

  // Requires: `variables` are id, slug and token.
  void Fetch(const http::Call& call, std::unique_ptr<net::HttpResponder> responder) const {
    const auto token = ParseInt64(call.variables[2]);
    if (!token) return responder->Send(NotAnswered(query::FetchOutcome::kUnknown));
    const query::Ticket ticket{call.variables[0], call.variables[1]};
    auto shared = std::shared_ptr<net::HttpResponder>(std::move(responder));
    engine_.Fetch(ticket, *token,
                  [bodies = bodies_, ticket, base = BaseUri(call.request), shared](
                      query::FetchOutcome outcome, const query::AnswerPtr& answer) {
                    if (!answer) return shared->Send(NotAnswered(outcome));
                    shared->Send(ResponseFor(*answer, BodyOf(*bodies, answer, ticket, base)));
                  });
  }

  net::HttpResponse Cancel(const http::Call& call) const {
    const query::Ticket ticket{call.variables[0], call.variables[1]};
    if (!ParseInt64(call.variables[2]) || !engine_.Cancel(ticket)) {
      return NotAnswered(query::FetchOutcome::kUnknown);
    }
    net::HttpResponse response;
    response.status = 204;
    return response;
  }

 private:
  query::Engine& engine_;
  // Shared with late answers, which may outlive this object.
  const std::shared_ptr<net::SharedBodies> bodies_ = std::make_shared<net::SharedBodies>();
};

net::HttpResponse Info() {
  return Json(fmt::format(R"({{"nodeVersion":{{"version":"{}"}},"environment":"steelthread",)"
                          R"("coordinator":true,"starting":false}})",
                          kServerVersion));
}

}  // namespace

void AddStatementRoutes(query::Engine& engine, http::RouteTable& table) {
  const auto api = std::make_shared<const StatementApi>(engine);
  const auto add = [&table](std::vector<std::string> methods, const std::string& path,
                            std::function<net::HttpResponse(const http::Call&)> answer) {
    table.Add(
        {.methods = std::move(methods),
         .path = path,
         .handler = [answer = std::move(answer)](const http::Call& call,
                                                 std::unique_ptr<net::HttpResponder> responder) {
           responder->Send(answer(call));
         }});
  };
  const auto unknown = [](const http::Call&) { return NotAnswered(query::FetchOutcome::kUnknown); };
  const std::vector<std::string> others = {std::string(http::kOtherMethods)};
  const std::string statement(kStatementPath);
  add({"POST"}, statement, [api](const http::Call& call) { return api->Submit(call.request); });
  for (const auto* state : {"executing", "queued"}) {
    const auto path = fmt::format("{}/{}/{{id}}/{{slug}}/{{token}}", statement, state);
    table.Add(
        {.methods = {"GET"},
         .path = path,
         .handler = [api](const http::Call& call, std::unique_ptr<net::HttpResponder> responder) {
           api->Fetch(call, std::move(responder));
         }});
    add({"DELETE"}, path, [api](const http::Call& call) { return api->Cancel(call); });
  }
  add(others, statement + "/{...}", unknown);
  add({"GET", "HEAD"}, "/v1/info", [](const http::Call&) { return Info(); });
  add({"GET", "HEAD"}, "/v1/info/state", [](const http::Call&) { return Json("\"ACTIVE\""); });
  add({"GET", "HEAD"}, std::string(kQueryPath) + "{id}",
      [api](const http::Call& call) { return api->State(call.variables[0]); });
}

}  // namespace st::api
