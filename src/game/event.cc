#include "game/event.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "game/command.h"
#include "game/json_writer.h"
#include "game/limits.h"

namespace st::game {
namespace {

using Scalar = std::variant<std::monostate, std::string, std::int64_t>;

// The members of a flat object. A value that is neither text nor integer becomes a member without
// value.
class FlatObject final : public nlohmann::json_sax<nlohmann::json> {
 public:
  const Scalar* Find(std::string_view name) const {
    const Scalar* found = nullptr;
    for (const auto& [key, value] : members_) {
      if (key == name) found = &value;  // the last of two members of one name, as in most parsers
    }
    return found;
  }
  bool null() override { return Put({}); }
  bool boolean(bool) override { return Put({}); }
  bool number_integer(std::int64_t value) override { return Put(value); }
  bool number_unsigned(std::uint64_t value) override {
    if (value > static_cast<std::uint64_t>(kMaxCoins)) return Put({});
    return Put(static_cast<std::int64_t>(value));
  }
  bool number_float(double, const std::string&) override { return Put({}); }
  bool string(std::string& value) override { return Put(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return Open(); }
  bool end_object() override { return Close(); }
  bool start_array(std::size_t) override { return depth_ != 0 && Open(); }
  bool end_array() override { return Close(); }
  bool key(std::string& name) override {
    if (depth_ == 1) members_.emplace_back(std::move(name), Scalar());
    return true;
  }
  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::json::exception& error) override {
    why_ = error.what();
    return false;
  }
  const std::string& why() const { return why_; }

 private:
  bool Open() {
    constexpr int kDeepest = 16;
    return ++depth_ <= kDeepest;
  }
  bool Close() {
    --depth_;
    return true;
  }
  bool Put(Scalar value) {
    if (depth_ == 0) return false;
    if (depth_ == 1) members_.back().second = std::move(value);
    return true;
  }

  std::vector<std::pair<std::string, Scalar>> members_;
  std::string why_ = "not a flat JSON object";
  int depth_ = 0;
};

// Ok: the text may be the value of the field.
Status CheckText(std::string_view field, std::string_view text) {
  if (field == "player" || field == "partner" || field == "giver" || field == "taker") {
    return CheckPlayerId(text);
  }
  if (field == "item") return CheckItemName(text);
  if (field == "guild") return CheckGuildName(text);
  if (field == "reason") return CheckReason(text);
  return {};
}

// Reads the fields of one event from an object. After a missing or wrong field the rest is ignored.
class FieldReader {
 public:
  explicit FieldReader(const FlatObject& from) : from_(from) {}

  void operator()(std::string_view name, std::string& to) {
    const Scalar* value = Need(name);
    if (value == nullptr) return;
    const auto* text = std::get_if<std::string>(value);
    if (text == nullptr) return Refuse(name, "is no text");
    if (const auto checked = CheckText(name, *text); !checked) {
      return Refuse(name, checked.error().message());
    }
    to = *text;
  }
  void operator()(std::string_view name, std::optional<std::string>& to) {
    if (from_.Find(name) == nullptr) return;
    (*this)(name, to.emplace());
  }
  void operator()(std::string_view name, std::int64_t& to) {
    const Scalar* value = Need(name);
    if (value == nullptr) return;
    const auto* number = std::get_if<std::int64_t>(value);
    if (number == nullptr || *number < 0 || *number > kMaxCoins) {
      return Refuse(name, fmt::format("is no whole number from 0 to {}", kMaxCoins));
    }
    to = *number;
  }
  const std::string& why() const { return why_; }

 private:
  const Scalar* Need(std::string_view name) {
    const Scalar* value = from_.Find(name);
    if (value == nullptr) Refuse(name, "is missing");
    return value;
  }
  void Refuse(std::string_view name, std::string_view why) {
    if (why_.empty()) why_ = fmt::format("field \"{}\" {}", name, why);
  }

  const FlatObject& from_;
  std::string why_;
};

template <typename E>
Result<Event> Decode(const FlatObject& from) {
  E made;
  FieldReader reader(from);
  E::ForEach(made, reader);
  if (!reader.why().empty()) {
    return Fail(ErrorCode::kCorruption, "event {}: {}", E::kType, reader.why());
  }
  return Event(std::move(made));
}

// Reads a payload that has exactly the form of EncodeEvent and texts without escapes, and refuses
// any other. Nearly all payloads in the log have this form, and a start reads millions of them.
class ExactReader {
 public:
  explicit ExactReader(std::string_view left) : left_(left) {}

  bool Skip(std::string_view want) {
    if (!left_.starts_with(want)) return false;
    left_.remove_prefix(want.size());
    return true;
  }
  // Up to the next quote.
  std::optional<std::string_view> Text() {
    const auto end = left_.find('"');
    if (end == std::string_view::npos) return std::nullopt;
    const auto text = left_.substr(0, end);
    const auto is_plain = [](char c) { return c >= ' ' && c <= '~' && c != '\\'; };
    if (!std::ranges::all_of(text, is_plain)) return std::nullopt;
    left_.remove_prefix(end + 1);
    return text;
  }

  void operator()(std::string_view name, std::string& to) {
    const auto text = Member(name) && Skip("\"") ? Text() : std::nullopt;
    is_exact_ = is_exact_ && text && CheckText(name, *text).has_value();
    if (is_exact_) to = *text;
  }
  void operator()(std::string_view name, std::optional<std::string>& to) {
    const std::string_view before = left_;
    const bool is_there = Member(name);
    left_ = before;
    if (!is_there) return;
    (*this)(name, to.emplace());
  }
  void operator()(std::string_view name, std::int64_t& to) {
    if (!Member(name)) {
      is_exact_ = false;
      return;
    }
    const bool is_digit = !left_.empty() && left_.front() >= '0' && left_.front() <= '9';
    const auto read = std::from_chars(left_.data(), left_.data() + left_.size(), to);
    const auto digits = static_cast<std::size_t>(read.ptr - left_.data());
    const bool is_plain =
        is_digit && read.ec == std::errc() && (left_.front() != '0' || digits == 1);
    is_exact_ = is_exact_ && is_plain && to <= kMaxCoins;
    left_.remove_prefix(digits);
  }
  bool is_exact() const { return is_exact_ && left_ == "}"; }

 private:
  bool Member(std::string_view name) { return Skip(", \"") && Skip(name) && Skip("\": "); }

  std::string_view left_;
  bool is_exact_ = true;
};

template <typename E>
std::optional<Event> DecodeExact(ExactReader reader) {
  E made;
  E::ForEach(made, reader);
  if (!reader.is_exact()) return std::nullopt;
  return Event(std::move(made));
}

// Decodes the events of one type.
struct EventDecoder {
  std::string_view type;
  Result<Event> (*decode)(const FlatObject&);
  std::optional<Event> (*decode_exact)(ExactReader);
};

template <std::size_t... kIndex>
constexpr auto MakeDecoders(std::index_sequence<kIndex...>) {
  return std::array<EventDecoder, sizeof...(kIndex)>{
      {{std::variant_alternative_t<kIndex, Event>::kType,
        &Decode<std::variant_alternative_t<kIndex, Event>>,
        &DecodeExact<std::variant_alternative_t<kIndex, Event>>}...}};
}

constexpr auto kDecoders = MakeDecoders(std::make_index_sequence<std::variant_size_v<Event>>());

const EventDecoder* FindDecoder(std::string_view type) {
  const auto found = std::ranges::find(kDecoders, type, &EventDecoder::type);
  return found == kDecoders.end() ? nullptr : &*found;
}

std::optional<Event> ParseExact(std::string_view payload) {
  ExactReader reader(payload);
  if (!reader.Skip("{\"event_type\": \"")) return std::nullopt;
  const auto type = reader.Text();
  const EventDecoder* decoder = type ? FindDecoder(*type) : nullptr;
  return decoder == nullptr ? std::nullopt : decoder->decode_exact(reader);
}

struct Writer {
  JsonObject& out;
  void operator()(std::string_view name, const std::string& value) { out.Text(name, value); }
  void operator()(std::string_view name, const std::optional<std::string>& value) {
    if (value) out.Text(name, *value);
  }
  void operator()(std::string_view name, std::int64_t value) { out.Number(name, value); }
};

}  // namespace

std::string EncodeEvent(const Event& event) {
  return std::visit(
      [](const auto& e) {
        using E = std::decay_t<decltype(e)>;
        JsonObject out;
        out.Text("event_type", E::kType);
        E::ForEach(e, Writer{out});
        return out.Take();
      },
      event);
}

Result<Event> ParseEvent(std::string_view payload) {
  if (auto exact = ParseExact(payload)) return std::move(*exact);
  FlatObject object;
  if (!nlohmann::json::sax_parse(payload, &object)) {
    return Fail(ErrorCode::kCorruption, "event: {}", object.why());
  }
  const Scalar* type = object.Find("event_type");
  const auto* name = type == nullptr ? nullptr : std::get_if<std::string>(type);
  if (name == nullptr) return Fail(ErrorCode::kCorruption, "event: no text in \"event_type\"");
  if (const EventDecoder* decoder = FindDecoder(*name)) return decoder->decode(object);
  return Fail(ErrorCode::kUnsupported, "event \"{}\" was written by a newer steelthread", *name);
}

}  // namespace st::game
