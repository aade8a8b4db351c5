#include "net/shared_bodies.h"

#include "net/limits.h"

namespace st::net {

std::shared_ptr<const std::string> SharedBodies::Get(const std::shared_ptr<const void>& source,
                                                     const std::string& variant,
                                                     const std::function<std::string()>& render) {
  const Key key(source.get(), variant);
  if (auto known = FindOrBegin(source, key)) return known;
  std::shared_ptr<const std::string> body;
  try {
    body = std::make_shared<const std::string>(render());
  } catch (...) {
    End(key, nullptr);
    throw;
  }
  // A small one is copied by the answer anyway.
  End(key, body->size() > kInlineBodyBytes ? body : nullptr);
  return body;
}

std::shared_ptr<const std::string> SharedBodies::FindOrBegin(
    const std::shared_ptr<const void>& source, const Key& key) {
  const MutexLock lock(mu_);
  for (;;) {
    auto& known = known_[key];
    // A new object may have the address of one that was freed.
    if (known.source.lock() != source) known = {.source = source, .body = {}};
    if (auto body = known.body.lock()) return body;
    if (!known.is_rendering) {
      known.is_rendering = true;
      return nullptr;
    }
    rendered_.Wait(mu_);
  }
}

void SharedBodies::End(const Key& key, const std::shared_ptr<const std::string>& body) {
  const MutexLock lock(mu_);
  auto& known = known_[key];
  known.is_rendering = false;
  known.body = body;
  std::erase_if(known_, [](const auto& entry) {
    return entry.second.body.expired() && !entry.second.is_rendering;
  });
  rendered_.NotifyAll();
}

}  // namespace st::net
