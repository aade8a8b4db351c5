// A declaration file of any bytes is a declaration or an error with its place.
#include "base/check.h"
#include "event/compose.h"
#include "event/declaration.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto event = st::event::ParseDeclaration(text, "a.toml");
  if (!event) {
    ST_CHECK(event.error().code() == st::ErrorCode::kInvalidArgument);
    ST_CHECK(event.error().message().starts_with("a.toml:"));
    return 0;
  }
  ST_CHECK(event->path.starts_with('/') == event->has_route() && !event->name.empty());
  // The file alone passes, or its error says that nothing tells its records from others'.
  const auto alone = st::event::CheckTogether({*event});
  ST_CHECK(alone.has_value() || alone.error().message().starts_with("a.toml:"));
  ST_CHECK(!st::event::CheckTogether({*event, *event}).has_value());
  const st::event::Headers headers = {{"Host", "a"}};
  const auto made = st::event::Composer(*event).Compose(
      {.path = event->path, .headers = headers, .peer = "127.0.0.1:1"});
  ST_CHECK(made ? !made->value.empty() : !made.error().detail.empty());
  return 0;
}
