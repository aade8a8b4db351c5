// The name of an API in Kafka's protocol guide, for metrics.
#pragma once

#include <string_view>

#include "format/kafka/api.h"

namespace st::kafka {

// Empty for a key that is not in ApiKey.
std::string_view ApiName(ApiKey key);

}  // namespace st::kafka
