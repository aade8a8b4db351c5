#include "client/rdkafka.h"

#include <dlfcn.h>

#include <type_traits>

#include "base/check.h"

namespace st::client {
namespace {

struct Loaded {
  RdKafkaFunctions functions;
  Status status;
  Loaded() : status(Load()) {}

  // The library stays loaded: its threads may outlive a client.
  Status Load() {
    constexpr const char* kFile = "librdkafka.so.1";
    void* const library = dlopen(kFile, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      return Fail(ErrorCode::kIo, "{}; Kafka clients need librdkafka: apt-get install librdkafka1",
                  dlerror());
    }
    const auto find = [&](const char* name, auto& function) -> Status {
      function =
          reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
      if (function != nullptr) return {};
      return Fail(ErrorCode::kIo, "{} has no {}; a version from 2.0 on has it", kFile, name);
    };
#define ST_RDKAFKA_FIND(NAME) ST_TRY_STATUS(find(#NAME, functions.NAME));
    ST_RDKAFKA_FUNCTIONS(ST_RDKAFKA_FIND)
#undef ST_RDKAFKA_FIND
    return {};
  }
};

const Loaded& Library() {
  static const Loaded loaded;
  return loaded;
}

}  // namespace

Status LoadRdKafka() { return Library().status; }

const RdKafkaFunctions& RdKafka() {
  ST_CHECK(Library().status.has_value());
  return Library().functions;
}

}  // namespace st::client
