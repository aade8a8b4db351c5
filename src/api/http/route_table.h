// The routes of one HTTP listener: method and path to a handler, who may use it, and its part of
// the OpenAPI document. Each protocol in src/api adds its routes to the table of its listener.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "api/http/target.h"
#include "net/http.h"

namespace st::api::http {

// Who may use a route. Today every principal is "local"; users and their rights come here.
enum class WhoMay {
  kEverybody,    // under any Host: in declared routes and aliases it names the player
  kKnownHosts,   // connections to the loopback only under a Host of this server
  kSameMachine,  // peers on the loopback, not through a proxy, and only under a Host of this server
};
// The refusal of a request for a route; nullopt: the request goes on.
using Gate = std::function<std::optional<net::HttpResponse>(WhoMay, const net::HttpRequest&)>;

// A request, and what its route knows of it.
struct Call {
  net::HttpRequest request;
  std::string path;                    // decoded
  std::vector<std::string> variables;  // the values of the template's variables, in order
  std::string_view allowed = {};       // the value of Allow: GET and HEAD, then the others as they
                                       // were added; valid while the handler runs
};
// Called on the listener's io thread; must not block.
using Handler = std::function<void(Call, std::unique_ptr<net::HttpResponder>)>;

// Takes the methods of a path that no other route of the path takes.
inline constexpr std::string_view kOtherMethods = "*";

struct Route {
  std::vector<std::string> methods;  // {"GET", "HEAD"}, or {kOtherMethods}
  // "/guilds/{guild}/join": segments in braces are variables, which are never empty. A last segment
  // "{...}" takes all that follows, at least one segment.
  std::string path;
  WhoMay who_may = WhoMay::kKnownHosts;
  Handler handler;
  std::string openapi{};           // the operation object of methods.front(); "": not described
  bool redirects_slashes = false;  // a path that differs by slashes alone gets 308, as in Flask
};

// Of the routes that take a path the one wins that is literal where the other has a variable, at
// the first segment where they differ.
//
// Threads: Add… from one thread, before the table is shared; Handle and the readers from any.
// Owner:   what the handlers refer to must outlive it. Its owner keeps it while Handle runs, not
//          until the answer.
// Errors:  problems: 404 by Options::not_found; 405 method_not_allowed with Allow; the gate's.
class RouteTable {
 public:
  struct Options {
    PathForm form = PathForm::kWhole;
    // Answers a path without a route.
    std::function<net::HttpResponse(const RouteTable&, const Call&)> not_found;
    Gate gate{};  // empty: every request goes on
    // Answers a malformed path (DecodePath). Form kWhole has none.
    std::function<net::HttpResponse(const net::HttpRequest&)> malformed_path{};
  };
  explicit RouteTable(Options options);
  RouteTable(const RouteTable&) = delete;
  RouteTable& operator=(const RouteTable&) = delete;
  ~RouteTable();

  // Requires: no route takes one of its methods on its path.
  void Add(Route route);
  // Adds OPTIONS to each path added so far that lacks it: 200 with Allow.
  void AddOptions(const std::string& content_type);
  // Puts a schema under components/schemas, in place of one of that name.
  void AddSchema(const std::string& name, std::string schema);
  // GET /openapi.json: the described routes and schemas added so far.
  void AddOpenApi(const std::string& title);

  void Handle(net::HttpRequest request, std::unique_ptr<net::HttpResponder> responder) const;

  // The described path nearest to a wrong one, with that one's values for its variables.
  std::optional<std::string> NearestPath(std::string_view path) const;
  // OpenAPI 3.1.
  std::string OpenApi(const std::string& title) const;

 private:
  struct Resource;
  struct Node;
  struct Described {
    std::string path;
    std::vector<std::pair<std::string, std::string>> operations;  // method in lower case, JSON
  };
  Resource& ResourceAt(std::string_view path);
  const Resource* Find(std::string_view path) const;
  net::HttpResponse NotFound(const Call& call) const;

  const Options options_;
  const std::unique_ptr<Node> root_;
  std::vector<Resource*> resources_;  // in the order added
  std::vector<Described> described_;  // likewise
  std::vector<std::pair<std::string, std::string>> schemas_;
};

}  // namespace st::api::http
