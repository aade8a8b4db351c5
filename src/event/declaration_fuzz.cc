// A declaration file of any bytes is a declaration or an error with its place.
#include "base/check.h"
#include "event/declaration.h"
#include "event/payload.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto event = st::event::ParseDeclaration(text, "a.toml");
  if (!event) {
    ST_CHECK(event.error().code() == st::ErrorCode::kInvalidArgument);
    ST_CHECK(event.error().message().starts_with("a.toml:"));
    return 0;
  }
  ST_CHECK(event->path.starts_with('/') && !event->name.empty());
  ST_CHECK(st::event::CheckTogether({*event}).has_value());
  ST_CHECK(!st::event::CheckTogether({*event, *event}).has_value());
  ST_CHECK(!st::event::Payload(*event, {{"Host", "a"}}).empty());
  return 0;
}
