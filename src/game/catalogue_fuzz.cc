// A game.toml of any bytes is a catalogue or an error with its place.
#include "base/check.h"
#include "game/catalogue.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto catalogue = st::game::ParseCatalogue(text, "game.toml");
  if (!catalogue) {
    ST_CHECK(catalogue.error().code() == st::ErrorCode::kInvalidArgument);
    ST_CHECK(catalogue.error().message().starts_with("game.toml:"));
    return 0;
  }
  ST_CHECK(!catalogue->items.empty());
  for (const auto& [name, item] : catalogue->items) {
    ST_CHECK(catalogue->Find(name) == &item && item.price >= 0);
    ST_CHECK(!catalogue->NoItem(name + "x").empty());
  }
  return 0;
}
