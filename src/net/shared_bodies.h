// Bodies that are rendered once for all current answers with the same content.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/mutex.h"

namespace st::net {

// Owns no body: it refers to bodies that an answer still holds.
//
// Threads: safe from any thread.
class SharedBodies {
 public:
  // The body that `render` makes of the immutable `source` in the form `variant`. It is rendered
  // again where no answer holds it, and never by two threads at once: the second one waits.
  std::shared_ptr<const std::string> Get(const std::shared_ptr<const void>& source,
                                         const std::string& variant,
                                         const std::function<std::string()>& render);

 private:
  struct Known {
    std::weak_ptr<const void> source;
    std::weak_ptr<const std::string> body;
    bool is_rendering = false;
  };
  using Key = std::pair<const void*, std::string>;

  // The body, if an answer holds it; else the caller is the one that renders it.
  std::shared_ptr<const std::string> FindOrBegin(const std::shared_ptr<const void>& source,
                                                 const Key& key);
  // Ends that; a `body` that is not to be shared is nullptr.
  void End(const Key& key, const std::shared_ptr<const std::string>& body);

  Mutex mu_;
  CondVar rendered_;
  std::map<Key, Known> known_ ST_GUARDED_BY(mu_);
};

}  // namespace st::net
