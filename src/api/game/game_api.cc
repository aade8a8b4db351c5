#include "api/game/game_api.h"

#include <fmt/format.h>

#include <expected>
#include <nlohmann/json.hpp>

#include "api/events/http_parts.h"
#include "api/game/as_of.h"
#include "api/game/openapi.h"
#include "api/game/operations.h"
#include "api/game/trade_body.h"
#include "api/http/problems.h"
#include "base/percent.h"

namespace st::api {

// An operation with the checks of its parameters.
struct GameApi::Route {
  explicit Route(Operation from) : composer(from.declaration), operation(std::move(from)) {}
  const event::Composer composer;
  const Operation operation;
};

namespace {

net::HttpResponse ProblemOf(const Error& error) {
  switch (error.code()) {
    case ErrorCode::kNotFound:  // retention took what a moment needs
      return net::Problem(410, "gone", http::AsSentence(error.message()));
    case ErrorCode::kUnavailable:
    case ErrorCode::kShutdown:
      return http::ProblemOf(error, {.advice = "Nothing was stored: try again."});
    case ErrorCode::kOutcomeUnknown:
      return http::ProblemOf(error,
                             {.advice = "Whether it was stored is unknown: send it again with its "
                                        "Idempotency-Key, or look before you do."});
    default:
      return http::ProblemOf(error);
  }
}

event::Fault Invalid(const std::string& parameter, const std::string& why) {
  return {400, "invalid_parameter", parameter, fmt::format("{}.", why)};
}

// The location of a command's result.
struct LocationOf {
  const game::Reply& reply;
  // The server may have made up the id, and a repetition has the recorded one.
  std::string operator()(const game::CreatePlayer&) const {
    const auto body = nlohmann::json::parse(reply.body, nullptr, false);
    const auto id = body.is_object() ? body.value("player", "") : "";
    return PercentEncodePath("/players/" + id);
  }
  std::string operator()(const game::AddToCart& c) const { return InCart(c.player, c.what.item); }
  std::string operator()(const game::ChangeCart& c) const { return InCart(c.player, c.what.item); }
  std::string operator()(const game::CreateGuild& c) const {
    return PercentEncodePath("/guilds/" + c.guild);
  }
  std::string operator()(const game::JoinGuild& c) const {
    return PercentEncodePath("/guilds/" + c.guild + "/members/" + c.player);
  }
  template <typename C>
  std::string operator()(const C&) const {
    return {};
  }
  static std::string InCart(const std::string& player, const std::string& item) {
    return PercentEncodePath("/players/" + player + "/cart/items/" + item);
  }
};

net::HttpResponse ResponseOf(GameAnswer answer) {
  net::HttpResponse response;
  response.status = answer.reply.status;
  response.content_type = std::move(answer.reply.content_type);
  response.body = std::move(answer.reply.body);
  if (answer.position) AddPosition(*answer.position, response);
  return response;
}

// The moment is the only argument of a read that the service may refuse.
net::HttpResponse ProblemOfRead(const Error& error) {
  if (error.code() != ErrorCode::kInvalidArgument) return ProblemOf(error);
  return api::ProblemOf(Invalid("as_of", error.message()));
}

// A request as the game takes it.
struct GameRequest {
  std::variant<game::Command, game::Query> what;
  std::optional<AsOf> as_of;
};

std::expected<Values, event::Fault> ComposeValues(const event::Composer& composer,
                                                  const std::string& path,
                                                  const net::HttpRequest& request) {
  const auto made = composer.Compose({.path = path,
                                      .query = request.query,
                                      .headers = request.headers,
                                      .body = request.body,
                                      .peer = request.peer,
                                      .time_ms = 0,
                                      .unique_id = ""});
  if (!made) return std::unexpected(made.error());
  return Values::parse(made->value, nullptr, false);
}

std::expected<GameRequest, event::Fault> ParseRequest(const event::Composer& composer,
                                                      const Make& make, const http::Call& call) {
  const net::HttpRequest& request = call.request;
  if (std::holds_alternative<MakeTrade>(make)) {
    if (auto fault = event::FaultOfQuery(request.query, {})) return std::unexpected(*fault);
    if (auto fault = event::FaultOfJsonType(request.headers)) return std::unexpected(*fault);
    auto trade = ParseTrade(request.body);
    if (!trade) return std::unexpected(std::move(trade.error()));
    return GameRequest{game::Command(std::move(*trade)), {}};
  }
  auto values = ComposeValues(composer, call.path, request);
  if (!values) return std::unexpected(std::move(values.error()));
  if (const auto* command = std::get_if<MakeCommand>(&make)) {
    return GameRequest{(*command)(*values), {}};
  }
  GameRequest asked{std::get<MakeQuery>(make)(*values), {}};
  if (values->contains("as_of")) {
    asked.as_of = ParseAsOf(values->at("as_of").get<std::string>());
    if (!asked.as_of) {
      return std::unexpected(Invalid("as_of", fmt::format("\"as_of\": want {}", kAsOfAllowed)));
    }
  }
  return asked;
}

// The acting player: of a trade its first side.
std::string ActingPlayer(const game::Command& command) {
  return std::visit(
      [](const auto& c) {
        if constexpr (std::is_same_v<std::decay_t<decltype(c)>, game::Trade>) {
          return c.first.player;
        } else {
          return c.player;
        }
      },
      command);
}

// The fault of names, numbers and texts out of their range, which never reach the rules.
std::optional<event::Fault> FaultOf(const game::Command& command) {
  const auto checked = game::CheckCommand(command);
  if (checked) return std::nullopt;
  const auto& [parameter, why] = checked.error();
  return Invalid(parameter, fmt::format("\"{}\" {}", parameter, why));
}

}  // namespace

void GameApi::AddRoutes(const game::Catalogue& catalogue, http::RouteTable& table) const {
  for (auto& operation : GameOperations(catalogue)) {
    const auto route = std::make_shared<const Route>(std::move(operation));
    const auto& declaration = route->operation.declaration;
    std::vector<std::string> methods = declaration.methods;
    if (methods.front() == "GET") methods.emplace_back("HEAD");
    table.Add({.methods = std::move(methods),
               .path = declaration.path,
               .who_may =
                   route->operation.is_alias ? http::WhoMay::kEverybody : http::WhoMay::kKnownHosts,
               .handler =
                   [this, route](http::Call call, std::unique_ptr<net::HttpResponder> responder) {
                     Handle(*route, std::move(call), std::move(responder));
                   },
               .openapi = OpenApiOf(route->operation)});
  }
  table.AddOptions("text/plain; charset=utf-8");
  table.AddSchema("trade_side", std::string(TradeSideSchema()));
}

void GameApi::Handle(const Route& route, http::Call call,
                     std::unique_ptr<net::HttpResponder> responder) const {
  net::HttpRequest& request = call.request;
  auto asked = ParseRequest(route.composer, route.operation.make, call);
  if (!asked) return responder->Send(ProblemOf(asked.error()));
  if (auto* query = std::get_if<game::Query>(&asked->what)) {
    auto done = [to = std::move(responder)](const Result<GameAnswer>& answer) {
      to->Send(answer ? ResponseOf(*answer) : ProblemOfRead(answer.error()));
    };
    if (!asked->as_of) return game_.Read(std::move(*query), std::move(done));
    return game_.ReadAsOf(std::move(*query), *asked->as_of, std::move(done));
  }
  auto& command = std::get<game::Command>(asked->what);
  auto player = ActingPlayer(command);
  if (auto* create = std::get_if<game::CreatePlayer>(&command); create && create->player.empty()) {
    create->player = "player-" + random_.NewUuid().ToString();
  }
  auto key = TakeIdempotencyKey(request.headers);
  if (!key) return responder->Send(ProblemOf(key.error()));
  if (const auto fault = FaultOf(command)) return responder->Send(ProblemOf(*fault));
  auto done = [to = std::move(responder), command](const Result<GameAnswer>& answer) {
    if (!answer) return to->Send(ProblemOf(answer.error()));
    auto response = ResponseOf(*answer);
    constexpr int kCreated = 201;
    if (response.status == kCreated) {
      response.headers.emplace_back("Location", std::visit(LocationOf{answer->reply}, command));
    }
    to->Send(std::move(response));
  };
  // The Host names the player of an alias, so it belongs to the request's identity.
  auto asked_for = route.operation.is_alias ? http::TargetWithHost(request) : request.target;
  game_.Submit(std::move(command),
               {.key = *key,
                .player = std::move(player),
                .method = request.method,
                .target = std::move(asked_for),
                .body = std::move(request.body)},
               std::move(done));
}

}  // namespace st::api
