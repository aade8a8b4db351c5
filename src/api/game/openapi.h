// The game's routes in OpenAPI 3.1; internal to api/game.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "base/mutex.h"
#include "game/catalogue.h"

namespace st::api {

// {"paths": …, "schemas": …} of the game.
std::string GameOpenApi(const game::Catalogue& catalogue);
// An OpenAPI document with that part added; the document itself where it is none.
std::string MergeOpenApi(const std::string& document, const std::string& part);

// Merges once a document: a request costs no more than its answer.
//
// Threads: safe from any thread.
class OpenApiMerger {
 public:
  using Document = std::shared_ptr<const std::string>;
  explicit OpenApiMerger(std::string part) : part_(std::move(part)) {}
  Document Merged(const Document& document);

 private:
  struct Last {
    Document document;
    Document merged;
  };
  const std::string part_;
  Guarded<Last> last_;
};

}  // namespace st::api
