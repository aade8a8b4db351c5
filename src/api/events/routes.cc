#include "api/events/routes.h"

#include <algorithm>

#include "base/text.h"
#include "event/openapi.h"

namespace st::api {
namespace {

// `form` with the variables' values that stand in their places in `path`.
std::string Filled(std::string_view form, std::string_view path) {
  const auto names = Split(form, '/');
  const auto values = Split(path, '/');
  if (names.size() != values.size()) return std::string(form);
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += '/';
    out += names[i].starts_with('{') && !values[i].empty() ? values[i] : names[i];
  }
  return out;
}

}  // namespace

const Route* Resource::Find(std::string_view method) const {
  const auto found = by_method.find(method == "HEAD" ? std::string_view("GET") : method);
  return found == by_method.end() ? nullptr : found->second.get();
}

EventRoutes::EventRoutes(const std::vector<event::Declaration>& events,
                         const std::vector<std::string>& other_paths, collect::Collector& collector)
    : paths_(other_paths) {
  for (const auto& event : events) {
    if (!event.has_route()) continue;
    Resource& resource = resources_[event.path];
    const auto route = std::make_shared<const Route>(event, collector.Open(event.topic));
    for (const auto& method : event.methods) {
      resource.allowed += method == "GET" ? "GET, HEAD, " : method + ", ";
      resource.by_method.emplace(method, route);
    }
  }
  for (auto& [path, resource] : resources_) {
    resource.allowed += "OPTIONS";
    paths_.push_back(path);
    auto parsed = event::PathTemplate::Parse(path);
    if (parsed && parsed->has_variables()) templates_.push_back({std::move(*parsed), &resource});
  }
  std::ranges::sort(templates_, {}, [](const Template& one) { return one.path.order(); });
  openapi_ = std::make_shared<const std::string>(event::OpenApi(events));
}

const Resource* EventRoutes::Find(std::string_view path) const {
  const auto found = resources_.find(path);
  if (found != resources_.end() && path.find('{') == std::string_view::npos) return &found->second;
  for (const auto& one : templates_) {
    if (one.path.Match(path)) return one.resource;
  }
  return nullptr;
}

std::optional<std::string> EventRoutes::Nearest(std::string_view path) const {
  constexpr std::size_t kLongest = 200;  // beyond, nothing near it is looked for
  if (path.size() > kLongest) return std::nullopt;
  std::vector<std::string> filled;
  for (const auto& form : paths_) filled.push_back(Filled(form, path));
  return NearestName(path, filled);
}

}  // namespace st::api
