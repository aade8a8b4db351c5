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
  // again where no answer holds it.
  std::shared_ptr<const std::string> Get(const std::shared_ptr<const void>& source,
                                         const std::string& variant,
                                         const std::function<std::string()>& render);

 private:
  struct Known {
    std::weak_ptr<const void> source;
    std::weak_ptr<const std::string> body;
  };
  Guarded<std::map<std::pair<const void*, std::string>, Known>> known_;
};

}  // namespace st::net
