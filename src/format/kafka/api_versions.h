// ApiVersions (key 18): which versions of which APIs are offered. Clients send it first.
#pragma once

#include <span>
#include <string>

#include "format/kafka/api.h"
#include "format/kafka/request_header.h"

namespace st::kafka {

inline constexpr ApiRange kApiVersionsApi{
    .key = ApiKey::kApiVersions,
    .min = 0,  // what clients fall back to where their version is unknown (KIP-511)
    .max = 4,  // the newest; Java's clients and kafka-python 3 send it first
};

// The body of the request is not read. With `unsupported` the answer is version 0 and carries
// error 35, as every client can read (KIP-511).
std::string EncodeApiVersions(const RequestHeader& request, std::span<const ApiRange> offered,
                              bool unsupported);

}  // namespace st::kafka
