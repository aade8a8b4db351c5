// Any request to the game's API is a command, a read or a problem. The first line picks the route.
#include <nlohmann/json.hpp>

#include "api/game/game_api.h"
#include "base/check.h"

namespace {

class Game final : public st::api::GamePort {
 public:
  void Submit(st::game::Command command, st::api::CommandIdentity,
              st::api::GameAnswered done) override {
    ST_CHECK(st::game::CheckCommand(command).has_value());
    st::game::State state(1);
    const auto decision = st::game::Decide(catalogue, state, command);
    for (const auto& event : decision.events) ST_CHECK(state.Apply(event).has_value());
    done(st::api::GameAnswer{decision.reply, {}});
  }
  void Read(st::game::Query query, st::api::GameAnswered done) override {
    done(st::api::GameAnswer{st::game::Read(catalogue, st::game::State(1), query), {}});
  }
  void ReadAsOf(st::game::Query query, st::api::AsOf, st::api::GameAnswered done) override {
    Read(std::move(query), std::move(done));
  }
  const st::game::Catalogue catalogue =
      st::game::ParseCatalogue(
          "kinds = [\"k\"]\nrarities = [\"r\"]\n[items.sword]\nkind = \"k\"\nrarity = \"r\"\n"
          "price = 3\n[[alias]]\nroute = \"GET /buy\"\naction = \"purchase\"\n"
          "[[alias]]\nroute = \"POST /join\"\naction = \"join_guild\"\n",
          "game.toml")
          .value();
};

class Responder final : public st::net::HttpResponder {
 public:
  void Send(st::net::HttpResponse response) override {
    ST_CHECK(response.status >= 200 && response.status < 500);
    if (response.status >= 400 && response.status != 405) {
      ST_CHECK(nlohmann::json::parse(response.body).contains("code"));
    }
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Game game;
  static const auto random = st::os::MakeSeededRandom(1);
  static const st::api::GameApi api(game, *random);
  static const auto table = [] {
    auto made = std::make_unique<st::api::http::RouteTable>(
        st::api::http::RouteTable::Options{.not_found = [](const auto&, const auto&) {
          return st::net::Problem(404, "no_route", "");
        }});
    api.AddRoutes(game.catalogue, *made);
    return made;
  }();
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto line = bytes.find('\n');
  if (line == std::string_view::npos) return 0;
  st::net::HttpRequest request;
  const auto space = bytes.substr(0, line).find(' ');
  if (space == std::string_view::npos) return 0;
  request.method = bytes.substr(0, space);
  request.target = bytes.substr(space + 1, line - space - 1);
  const auto mark = request.target.find('?');
  request.path = request.target.substr(0, mark);
  if (mark != std::string::npos) request.query = request.target.substr(mark + 1);
  request.body = bytes.substr(line + 1);
  request.headers = {{"Host", "a"}};
  if (!request.body.starts_with('{')) {
    request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  }
  table->Handle(std::move(request), std::make_unique<Responder>());
  return 0;
}
