// Bodies that are rendered once for all answers on their way with them.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/mutex.h"

namespace st::net {

// Keeps no body: it knows those that some answer still has.
//
// Threads: safe from any thread.
class SharedBodies {
 public:
  // The body that `render` makes of `source`, which does not change, in the form that `variant`
  // names. Rendered again where no answer has it.
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
