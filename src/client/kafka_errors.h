// librdkafka's error codes as house errors: what failed, on which object, and what to do.
//
// Threads: pure functions.
#pragma once

#include <string_view>

#include "base/result.h"

namespace st::client {

// `code` is an rd_kafka_resp_err_t other than RD_KAFKA_RESP_ERR_NO_ERROR; `object` begins the
// message, such as `topic "events", partition 0`.
Error ErrorFromKafka(int code, std::string_view object);

}  // namespace st::client
