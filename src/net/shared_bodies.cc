#include "net/shared_bodies.h"

#include "net/limits.h"

namespace st::net {

std::shared_ptr<const std::string> SharedBodies::Get(const std::shared_ptr<const void>& source,
                                                     const std::string& variant,
                                                     const std::function<std::string()>& render) {
  const std::pair key(source.get(), variant);
  const auto known = known_.With([&](auto& all) -> std::shared_ptr<const std::string> {
    const auto found = all.find(key);
    // A new object may have the address of one that was freed.
    if (found == all.end() || found->second.source.lock() != source) return nullptr;
    return found->second.body.lock();
  });
  if (known) return known;
  auto body = std::make_shared<const std::string>(render());
  if (body->size() <= kInlineBodyBytes) return body;  // the answer copies it anyway
  known_.With([&](auto& all) {
    std::erase_if(all, [](const auto& entry) { return entry.second.body.expired(); });
    all[key] = {.source = source, .body = body};
  });
  return body;
}

}  // namespace st::net
