// The golden requests of one API: bytes of real clients with their meaning, as kafka-python's own
// decoder has it; tests/clients/capture_requests.py writes golden_requests.txt. Those of consumer
// groups in group_requests.txt and of administration in admin_requests.txt are kafka-python's own,
// by tests/clients/encode_groups.py and encode_admin.py, as are those about topics in
// topic_requests.txt, by encode_topics.py.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "format/kafka/api.h"
#include "format/kafka/request_header.h"

namespace st::kafka::testing {

struct GoldenRequest {
  std::string client;
  std::int16_t version = 0;
  std::string meaning;
  std::string frame;
};
std::vector<GoldenRequest> GoldenRequests(ApiKey key);

// Expects that the answer in each version of `api` has the bytes of group_answers.txt,
// admin_answers.txt or topic_answers.txt, which tests/clients/encode_groups.py, encode_admin.py and
// encode_topics.py write by kafka-python's encoder.
using Answer = std::function<std::string(const RequestHeader& request)>;
void ExpectAnswers(const ApiRange& api, const Answer& answer);

// Hex digits without the blanks that group them by fields.
std::string Packed(std::string hex);

// The meaning of a request in the words of the golden file; nullopt where it does not decode.
using Meaning = std::function<std::optional<std::string>(const RequestHeader& request)>;

// Expects that each golden request of `api` has its meaning, and that each version that is served
// is sent by a client, except those in `unseen`, which none of them sends.
void ExpectMeanings(const ApiRange& api, const Meaning& meaning,
                    const std::set<std::int16_t>& unseen = {});
// Expects that no truncation of a golden request decodes, and that one with a flipped byte decodes
// to something of its size or not at all.
void ExpectDamageIsHarmless(ApiKey key, const Meaning& meaning);

}  // namespace st::kafka::testing
