// Feeds hostile bytes as an HTTP connection: however they are cut, the same requests and the same
// refusal must result.
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/check.h"
#include "net/http_intake.h"

namespace {

using st::net::HttpIntake;

struct Outcome {
  std::string taken;
  int refused = 0;
};

// Feeds `bytes` in pieces of `step`.
Outcome Feed(std::string_view bytes, std::size_t step) {
  HttpIntake intake({.max_header_bytes = 512, .max_body_bytes = 256});
  Outcome outcome;
  while (!bytes.empty() && outcome.refused == 0) {
    const auto room = intake.Room();
    ST_CHECK(!room.empty());
    const std::size_t n = std::min({step, room.size(), bytes.size()});
    std::memcpy(room.data(), bytes.data(), n);
    bytes.remove_prefix(n);
    intake.Commit(n);
    while (intake.state() == HttpIntake::State::kReady) {
      const auto taken = intake.Take();
      ST_CHECK(taken.request.body.size() <= 256 && !taken.request.path.empty());
      outcome.taken += taken.request.method + taken.request.target + taken.request.body;
      for (const auto& [name, value] : taken.request.headers) outcome.taken += name + value;
    }
    if (intake.state() == HttpIntake::State::kRefused) outcome.refused = intake.refusal().status;
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = Feed(bytes, bytes.size() + 1);
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}}) {
    const auto cut = Feed(bytes, step);
    ST_CHECK(cut.taken == whole.taken);
    // The packets may decide which of two limits a request breaks first, not whether it breaks one.
    ST_CHECK((cut.refused == 0) == (whole.refused == 0));
  }
  return 0;
}
