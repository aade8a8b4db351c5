#include "api/game/game_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <expected>
#include <nlohmann/json.hpp>

#include "api/events/http_parts.h"
#include "api/events/request_path.h"
#include "api/game/as_of.h"
#include "api/game/openapi.h"
#include "api/game/routes.h"
#include "api/game/trade_body.h"
#include "base/text.h"

namespace st::api {
namespace {

// The one place that maps our errors out to HTTP.
net::HttpResponse ProblemOf(const Error& error) {
  const std::string detail = AsSentence(error.message());
  switch (error.code()) {
    case ErrorCode::kConflict:
      return net::Problem(409, "in_flight", detail);
    case ErrorCode::kAlreadyExists:
      return net::Problem(422, "key_reused", detail);
    case ErrorCode::kNotFound:
      return net::Problem(410, "gone", detail);
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kUnsupported:
      return net::Problem(400, "invalid_parameter", detail);
    case ErrorCode::kDeadline:
      return net::Problem(503, "deadline", detail);
    case ErrorCode::kUnavailable:
    case ErrorCode::kShutdown: {
      auto refusal = net::Problem(503, "unavailable", detail + " Nothing was stored: try again.");
      refusal.headers.emplace_back("Retry-After", "1");
      return refusal;
    }
    case ErrorCode::kOutcomeUnknown:
      return net::Problem(500, "outcome_unknown",
                          detail +
                              " Whether it was stored is unknown: send it again with its "
                              "Idempotency-Key, or look before you do.");
    case ErrorCode::kCorruption:
    case ErrorCode::kIo:
      return net::Problem(500, "not_stored", detail);
  }
  return net::Problem(500, "not_stored", detail);
}

event::Fault Invalid(const std::string& parameter, const std::string& why) {
  return {400, "invalid_parameter", parameter, fmt::format("{}.", why)};
}

// Where a command's result is found.
struct LocationOf {
  const game::Reply& reply;
  // The id may have been made up, and of a repetition the recorded one holds.
  std::string operator()(const game::CreatePlayer&) const {
    const auto body = nlohmann::json::parse(reply.body, nullptr, false);
    const auto id = body.is_object() ? body.value("player", "") : "";
    return EncodePath("/players/" + id);
  }
  std::string operator()(const game::AddToCart& c) const { return InCart(c.player, c.what.item); }
  std::string operator()(const game::ChangeCart& c) const { return InCart(c.player, c.what.item); }
  std::string operator()(const game::CreateGuild& c) const {
    return EncodePath("/guilds/" + c.guild);
  }
  std::string operator()(const game::JoinGuild& c) const {
    return EncodePath("/guilds/" + c.guild + "/members/" + c.player);
  }
  template <typename C>
  std::string operator()(const C&) const {
    return {};
  }
  static std::string InCart(const std::string& player, const std::string& item) {
    return EncodePath("/players/" + player + "/cart/items/" + item);
  }
};

net::HttpResponse ResponseOf(GameAnswer answer) {
  net::HttpResponse response;
  response.status = answer.reply.status;
  response.content_type = std::move(answer.reply.content_type);
  response.body = std::move(answer.reply.body);
  if (answer.position) {
    response.headers.emplace_back("Steelthread-Position",
                                  fmt::format("game/0:{}", answer.position->value()));
  }
  return response;
}

// All that a read gives the service to refuse is the moment.
net::HttpResponse ProblemOfRead(const Error& error) {
  if (error.code() != ErrorCode::kInvalidArgument) return ProblemOf(error);
  return api::ProblemOf(Invalid("as_of", error.message()));
}

// What the request asks of the game.
struct Asked {
  std::variant<game::Command, game::Query> what;
  std::optional<AsOf> as_of;
};

std::expected<Values, event::Fault> ValuesOf(const GameRoute& route, const std::string& path,
                                             const net::HttpRequest& request) {
  const auto made = route.composer.Compose({.path = path,
                                            .query = request.query,
                                            .headers = request.headers,
                                            .body = request.body,
                                            .peer = request.peer,
                                            .time_ms = 0,
                                            .unique_id = ""});
  if (!made) return std::unexpected(made.error());
  return Values::parse(made->value, nullptr, false);
}

std::expected<Asked, event::Fault> AskedOf(const GameRoute& route, const std::string& path,
                                           const net::HttpRequest& request) {
  const auto& make = route.operation.make;
  if (std::holds_alternative<MakeTrade>(make)) {
    if (auto fault = event::FaultOfQuery(request.query, {})) return std::unexpected(*fault);
    if (auto fault = event::FaultOfJsonType(request.headers)) return std::unexpected(*fault);
    auto trade = ParseTrade(request.body);
    if (!trade) return std::unexpected(std::move(trade.error()));
    return Asked{game::Command(std::move(*trade)), {}};
  }
  auto values = ValuesOf(route, path, request);
  if (!values) return std::unexpected(std::move(values.error()));
  if (const auto* command = std::get_if<MakeCommand>(&make)) {
    return Asked{(*command)(*values), {}};
  }
  Asked asked{std::get<MakeQuery>(make)(*values), {}};
  if (values->contains("as_of")) {
    asked.as_of = ParseAsOf(values->at("as_of").get<std::string>());
    if (!asked.as_of) {
      return std::unexpected(Invalid("as_of", fmt::format("\"as_of\": want {}", kAsOfAllowed)));
    }
  }
  return asked;
}

// Who acts: the first side of a trade.
std::string PlayerOf(const game::Command& command) {
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

// Of what the rules never see: names, numbers and texts out of their range.
std::optional<event::Fault> FaultIn(const game::Command& command) {
  const auto checked = game::CheckCommand(command);
  if (checked) return std::nullopt;
  const auto& [parameter, why] = checked.error();
  return Invalid(parameter, fmt::format("\"{}\" {}", parameter, why));
}

net::HttpResponse WithoutOperation(const GameResource& resource, const std::string& path,
                                   const std::string& method) {
  net::HttpResponse response;
  if (method != "OPTIONS") {
    response = net::Problem(405, "method_not_allowed",
                            EncodePath(path) + " takes " + resource.allowed + ".");
  }
  response.headers.emplace_back("Allow", resource.allowed);
  return response;
}

// Adds the game's part to the document that passes through.
class OpenApiResponder final : public net::HttpResponder {
 public:
  OpenApiResponder(std::unique_ptr<net::HttpResponder> to, std::shared_ptr<OpenApiMerger> merger)
      : to_(std::move(to)), merger_(std::move(merger)) {}
  void Send(net::HttpResponse response) override {
    constexpr int kOk = 200;
    if (response.status == kOk) {
      if (!response.shared_body) {
        response.shared_body = std::make_shared<const std::string>(std::move(response.body));
      }
      response.shared_body = merger_->Merged(response.shared_body);
    }
    to_->Send(std::move(response));
  }

 private:
  const std::unique_ptr<net::HttpResponder> to_;
  const std::shared_ptr<OpenApiMerger> merger_;
};

}  // namespace

GameApi::GameApi(const game::Catalogue& catalogue, GamePort& game, os::Random& random,
                 net::HttpGuard guard)
    : routes_(std::make_shared<const GameRoutes>(catalogue)),
      openapi_(std::make_shared<OpenApiMerger>(GameOpenApi(catalogue))),
      game_(game),
      random_(random),
      guard_(std::move(guard)) {}
GameApi::~GameApi() = default;

void GameApi::HandleOr(net::HttpRequest request, std::unique_ptr<net::HttpResponder> responder,
                       const net::HttpHandler& others) {
  const auto path = ParseTarget(request.target).path;
  if (routes_->Find(path) != nullptr) return Handle(std::move(request), std::move(responder));
  if (path == "/openapi.json" && request.method != "OPTIONS") {
    responder = std::make_unique<OpenApiResponder>(std::move(responder), openapi_);
  }
  others(std::move(request), std::move(responder));
}

bool GameApi::Takes(const net::HttpRequest& request) const {
  return routes_->Find(ParseTarget(request.target).path) != nullptr;
}

void GameApi::Handle(net::HttpRequest request, std::unique_ptr<net::HttpResponder> responder) {
  const auto target = ParseTarget(request.target);
  const GameResource* resource = routes_->Find(target.path);
  if (resource == nullptr) {
    return responder->Send(net::Problem(404, "no_route", "The game has no such path."));
  }
  const GameRoute* route = resource->Find(request.method);
  if (route == nullptr) {
    return responder->Send(WithoutOperation(*resource, target.path, request.method));
  }
  if (!target.authority.empty()) SetHost(request.headers, target.authority);
  if (guard_ && !route->operation.is_alias) {
    if (auto refusal = guard_(request)) return responder->Send(std::move(*refusal));
  }
  auto asked = AskedOf(*route, target.path, request);
  if (!asked) return responder->Send(ProblemOf(asked.error()));
  if (auto* query = std::get_if<game::Query>(&asked->what)) {
    auto done = [to = std::move(responder)](const Result<GameAnswer>& answer) {
      to->Send(answer ? ResponseOf(*answer) : ProblemOfRead(answer.error()));
    };
    if (!asked->as_of) return game_.Read(std::move(*query), std::move(done));
    return game_.ReadAsOf(std::move(*query), *asked->as_of, std::move(done));
  }
  auto& command = std::get<game::Command>(asked->what);
  auto player = PlayerOf(command);
  if (auto* create = std::get_if<game::CreatePlayer>(&command); create && create->player.empty()) {
    create->player = "player-" + random_.NewUuid().ToString();
  }
  auto key = TakeIdempotencyKey(request.headers);
  if (!key) return responder->Send(ProblemOf(key.error()));
  if (const auto fault = FaultIn(command)) return responder->Send(ProblemOf(*fault));
  auto done = [to = std::move(responder), command](const Result<GameAnswer>& answer) {
    if (!answer) return to->Send(ProblemOf(answer.error()));
    auto response = ResponseOf(*answer);
    constexpr int kCreated = 201;
    if (response.status == kCreated) {
      response.headers.emplace_back("Location", std::visit(LocationOf{answer->reply}, command));
    }
    to->Send(std::move(response));
  };
  // An alias acts for whom the Host names.
  auto asked_for = route->operation.is_alias ? TargetWithHost(request) : request.target;
  game_.Submit(std::move(command),
               {.key = *key,
                .player = std::move(player),
                .method = request.method,
                .target = std::move(asked_for),
                .body = std::move(request.body)},
               std::move(done));
}

}  // namespace st::api
