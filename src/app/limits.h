// Limits of the settings.
#pragma once

#include <cstdint>

namespace st::app {

// Least memory of a worker. The largest record that a Kafka client may send, decompressed, is a row
// or a dead letter in it.
inline constexpr std::int64_t kMinWorkerBytes = 256LL << 20;

}  // namespace st::app
