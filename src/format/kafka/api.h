// The APIs of Kafka that are known here, and the type of the range of versions that one offers.
//
// Each API has a header of its own with its range, its request and its answer as structs, and
// their codec. All of these are pure, and total on hostile input: a decoder returns nullopt where
// the bytes do not hold the request, or one over a limit of limits.h. Names are views into the
// frame, which must outlive what was decoded.
//
// A range ends before the API's first flexible version (KIP-482): no client in use needs those.
// ApiVersions alone has flexible ones, since clients send these first (KIP-511).
#pragma once

#include <cstdint>

namespace st::kafka {

// Kafka protocol guide, "API Keys".
enum class ApiKey : std::int16_t {
  kProduce = 0,
  kFetch = 1,
  kListOffsets = 2,
  kMetadata = 3,
  kFindCoordinator = 10,
  kApiVersions = 18,
  kCreateTopics = 19,
  kInitProducerId = 22,
  kDescribeConfigs = 32,
};

// The versions that the server advertises, and the lowest one that it serves. As with Kafka 4, an
// advertised version may be one that is refused.
struct ApiRange {
  ApiKey key;
  std::int16_t min;
  std::int16_t max;
  std::int16_t served_from = min;
  constexpr bool Serves(std::int16_t version) const {
    return version >= served_from && version <= max;
  }
};

}  // namespace st::kafka
