// The declared routes of one set of events; internal to api/events.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collect/collector.h"
#include "event/compose.h"
#include "event/route.h"

namespace st::api {

struct Route {
  Route(event::Declaration declaration, collect::Collector::Topic& to)
      : composer(std::move(declaration)),
        topic(to),
        position(composer.declaration().topic + "/0:") {}
  event::Composer composer;
  collect::Collector::Topic& topic;
  std::string position;  // "events/0:"
};

// One path and what its methods log.
struct Resource {
  std::map<std::string, std::shared_ptr<const Route>, std::less<>> by_method;
  std::string allowed;  // "GET, HEAD, OPTIONS"
  // HEAD is GET's.
  const Route* Find(std::string_view method) const;
};

// Immutable.
class EventRoutes {
 public:
  // Nearest looks at `other_paths` too.
  EventRoutes(const std::vector<event::Declaration>& events,
              const std::vector<std::string>& other_paths, collect::Collector& collector);

  // Of a decoded path: literal paths first, then the more literal template.
  const Resource* Find(std::string_view path) const;
  // The path nearest to a wrong one, with that one's values for its variables.
  std::optional<std::string> Nearest(std::string_view path) const;
  // OpenAPI 3.1 of all routes.
  const std::shared_ptr<const std::string>& openapi() const { return openapi_; }

 private:
  std::map<std::string, Resource, std::less<>> resources_;  // by path as declared
  struct Template {
    event::PathTemplate path;
    const Resource* resource = nullptr;
  };
  std::vector<Template> templates_;  // the more literal ones first
  std::vector<std::string> paths_;
  std::shared_ptr<const std::string> openapi_;
};

}  // namespace st::api
