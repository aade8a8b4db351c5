#include "event/identity.h"

#include <gtest/gtest.h>

namespace st::event {
namespace {

// The error of the events "a", "b", … that are declared by these texts.
std::string Fault(const std::vector<std::string>& texts) {
  std::vector<Declaration> events;
  for (const auto& text : texts) {
    const std::string name(1, static_cast<char>('a' + events.size()));
    auto event = ParseDeclaration("name = \"" + name + "\"\n" + text, name + ".toml");
    if (!event) return event.error().message();
    events.push_back(std::move(*event));
  }
  const auto checked = CheckTogether(events);
  return checked ? "" : checked.error().message();
}

TEST(CheckIdentities, RefusesTwoEventsWithOneEventType) {
  const std::string buy = "[fields]\nevent_type = \"buy\"\n";
  EXPECT_EQ(
      Fault({buy, buy}),
      "b.toml:3:1: event_type \"buy\" of topic \"events\" is declared at a.toml:3:1 too; each "
      "event has its own");
  EXPECT_EQ(Fault({buy, "table = false\n" + buy}).substr(0, 29), "b.toml:4:1: event_type \"buy\" ");
  EXPECT_EQ(Fault({buy, "topic = \"other\"\n" + buy}), "");
  EXPECT_EQ(Fault({buy, "[fields]\nevent_type = \"BUY\"\n"}), "");
}

TEST(CheckIdentities, RefusesTwoEventsWithOnePlainText) {
  EXPECT_EQ(Fault({"payload = \"x\"\n", "payload = \"x\"\n"}).substr(0, 25),
            "b.toml:1:8: payload \"x\" o");
  EXPECT_EQ(Fault({"payload = \"x\"\n", "payload = \"y\"\n"}), "");
}

TEST(CheckIdentities, RefusesRecordsWithTheEventTypeOfAnotherEvent) {
  const std::string buy = "[fields]\nevent_type = \"buy\"\n";
  const std::string is_taken =
      ": event \"b\": its records may say event_type \"buy\", which makes them those of event "
      "\"a\" "
      "at a.toml:3:1; give it another event_type or topic";
  EXPECT_EQ(Fault({buy, "payload = '{\"event_type\": \"buy\"}'\n"}), "b.toml:1:8" + is_taken);
  EXPECT_EQ(Fault({buy, "payload = '{\"event_type\": \"buy\", \"event_type\": \"sell\"}'\n"}),
            "b.toml:1:8" + is_taken)
      << "a table takes it for a record that is wrong";
  for (const std::string other :
       {"table = false\n[fields]\nevent_type = {}\n",
        "table = false\n[fields]\nevent_type = { one_of = [\"sell\", \"buy\"] }\n"}) {
    EXPECT_EQ(Fault({buy, other}), "b.toml:4:1" + is_taken) << other;
  }
  EXPECT_EQ(Fault({buy, "table = false\n[fields]\nevent_type = { one_of = [\"sell\"] }\n"}), "");
  EXPECT_EQ(Fault({"table = false\n[fields]\nevent_type = {}\n"}), "");
  EXPECT_NE(Fault({"[fields]\nevent_type = \"5\"\n", "table = false\n[fields]\nevent_type = 5\n"}),
            "");
}

TEST(CheckIdentities, RequiresAnEventTypeOrTableFalse) {
  EXPECT_EQ(
      Fault({"[fields]\nx = {}\n"}),
      "a.toml:1:8: event \"a\": table: nothing tells its records from others'; add a constant "
      "event_type = \"a\" under [fields], or say table = false");
  EXPECT_NE(Fault({"[fields]\nevent_type = 5\n"}), "");
  EXPECT_NE(Fault({"headers = \"all\"\n"}), "");
  EXPECT_EQ(Fault({"table = false\n[fields]\nx = {}\n"}), "");
}

}  // namespace
}  // namespace st::event
