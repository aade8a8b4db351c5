#include "game/snapshot.h"

#include <algorithm>

#include "base/check.h"
#include "base/crc32c.h"
#include "base/endian.h"
#include "game/command.h"

namespace st::game {
namespace {

// A chunk: magic, version, kind, two zero bytes, payload length, CRC-32C of all but itself.
constexpr std::uint32_t kMagic = 0x53474D31;  // "1MGS"
constexpr std::uint8_t kVersion = 1;
enum class Kind : std::uint8_t { kHead = 1, kGuilds = 2, kPlayers = 3, kEnd = 4 };
constexpr std::size_t kCrcAt = 12;

void PutNumber(std::string& out, std::uint64_t number) {  // LEB128
  while (number >= 0x80) {
    out += static_cast<char>(number | 0x80);
    number >>= 7;
  }
  out += static_cast<char>(number);
}

void PutText(std::string& out, std::string_view text) {
  PutNumber(out, text.size());
  out += text;
}

void PutStacks(std::string& out, const Stacks& stacks) {
  PutNumber(out, stacks.all().size());
  std::uint32_t last = 0;
  for (const Stack& stack : stacks.all()) {
    PutNumber(out, stack.item - last);
    PutNumber(out, stack.count);
    last = stack.item;
  }
}

std::string Framed(Kind kind, std::string_view payload) {
  std::string chunk;
  chunk.reserve(kChunkHeadBytes + payload.size());
  AppendLittle(chunk, kMagic);
  chunk += static_cast<char>(kVersion);
  chunk += static_cast<char>(kind);
  chunk.append(2, '\0');
  AppendLittle(chunk, static_cast<std::uint32_t>(payload.size()));
  AppendLittle(chunk, Crc32c(payload, Crc32c(chunk)));
  chunk += payload;
  return chunk;
}

std::string HeadChunk(const State& state) {
  std::string out;
  const Totals& totals = state.totals();
  for (const auto number :
       {totals.granted, totals.spent, totals.paid, totals.earned, totals.orders, totals.trades}) {
    PutNumber(out, number);
  }
  PutNumber(out, state.players().size());
  PutNumber(out, state.guilds().size());
  PutNumber(out, state.items().size());
  for (std::uint32_t i = 0; i < state.items().size(); ++i) {
    PutText(out, state.items().At(i));
    const ItemTotals item = state.item(state.items().At(i));
    for (const auto number : {item.bought, item.sold, item.used}) PutNumber(out, number);
  }
  return Framed(Kind::kHead, out);
}

// Takes numbers and texts off the front; after the first mistake everything is 0 and empty.
class Bytes {
 public:
  explicit Bytes(std::string_view left) : left_(left) {}
  std::uint64_t Number() {
    std::uint64_t number = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (left_.empty()) return Bad();
      const auto byte = static_cast<unsigned char>(left_.front());
      left_.remove_prefix(1);
      if (shift == 63 && byte > 1) return Bad();
      number |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return number;
    }
    return Bad();
  }
  // At most `most`.
  std::uint32_t Number(std::uint32_t most) {
    const std::uint64_t number = Number();
    if (number > most) return static_cast<std::uint32_t>(Bad());
    return static_cast<std::uint32_t>(number);
  }
  std::string_view Text() {
    const std::uint64_t size = Number();
    if (size > left_.size()) {
      Bad();
      return {};
    }
    const auto text = left_.substr(0, size);
    left_.remove_prefix(size);
    return text;
  }
  bool is_good() const { return is_good_; }
  bool is_at_end() const { return is_good_ && left_.empty(); }

 private:
  std::uint64_t Bad() {
    is_good_ = false;
    left_ = {};
    return 0;
  }
  std::string_view left_;
  bool is_good_ = true;
};

}  // namespace

State::Snapshot::Snapshot(const State& state)
    : state_(state),
      players_(state.players().size()),
      guilds_(state.guilds().size()),
      is_written_(state.blocks_.size()) {
  chunks_.push_back(HeadChunk(state));
}

void State::Snapshot::BeforeChange(std::uint32_t block) {
  if (block < is_written_.size() && !is_written_[block]) chunks_.push_back(PlayersChunk(block));
}

bool State::Snapshot::Next(std::string& chunk) {
  if (chunks_.empty() && next_guild_ < guilds_) chunks_.push_back(GuildsChunk());
  while (chunks_.empty() && next_block_ < is_written_.size()) BeforeChange(next_block_++);
  if (chunks_.empty() && !is_ended_) {
    is_ended_ = true;
    std::string out;
    PutNumber(out, made_);
    chunks_.push_back(Framed(Kind::kEnd, out));
  }
  if (chunks_.empty()) return false;
  chunk = std::move(chunks_.front());
  chunks_.pop_front();
  ++made_;
  return true;
}

std::string State::Snapshot::PlayersChunk(std::uint32_t block) {
  is_written_[block] = true;
  std::string out;
  PutNumber(out, block);
  const std::uint32_t first = block * kPlayersPerChunk;
  const std::uint32_t end = std::min(first + kPlayersPerChunk, players_);
  for (std::uint32_t i = first; i < end; ++i) {
    const Player& player = state_.player(i);
    PutText(out, state_.players().At(i));
    PutNumber(out, static_cast<std::uint64_t>(player.coins));
    // The guild's number from 1; 0: none.
    PutNumber(out, player.guild == kNoGuild ? 0 : std::uint64_t{player.guild} + 1);
    PutStacks(out, player.inventory);
    PutStacks(out, player.cart);
  }
  return Framed(Kind::kPlayers, out);
}

// A guild's name and founder never change; who is in it, the players' chunks say.
std::string State::Snapshot::GuildsChunk() {
  std::string out;
  const std::uint32_t end = std::min(next_guild_ + kGuildsPerChunk, guilds_);
  PutNumber(out, next_guild_);
  PutNumber(out, end - next_guild_);
  for (; next_guild_ < end; ++next_guild_) {
    PutText(out, state_.guilds().At(next_guild_));
    PutNumber(out, state_.guild(next_guild_).founder);
  }
  return Framed(Kind::kGuilds, out);
}

Result<std::size_t> ChunkBytes(std::string_view head) {
  if (head.size() < kChunkHeadBytes || LoadLittle<std::uint32_t>(head) != kMagic) {
    return Fail(ErrorCode::kCorruption, "game snapshot: no chunk begins here");
  }
  const auto version = static_cast<std::uint8_t>(head[4]);
  if (version != kVersion) {
    return Fail(ErrorCode::kUnsupported, "game snapshot: format {}, this program reads {}", version,
                kVersion);
  }
  const auto size = LoadLittle<std::uint32_t>(head.substr(8));
  if (size > kMaxChunkBytes) {
    return Fail(ErrorCode::kCorruption, "game snapshot: a chunk of {} bytes, at most {} are taken",
                size, kMaxChunkBytes);
  }
  return kChunkHeadBytes + size;
}

class StateReader::Impl {
 public:
  explicit Impl(std::uint64_t seed) : seed_(seed) {}

  Status Add(std::string_view chunk) {
    ST_TRY(const auto size, ChunkBytes(chunk.substr(0, std::min(chunk.size(), kChunkHeadBytes))));
    if (chunk.size() != size) return Damaged("a chunk is cut");
    const auto payload = chunk.substr(kChunkHeadBytes);
    if (Crc32c(payload, Crc32c(chunk.substr(0, kCrcAt))) !=
        LoadLittle<std::uint32_t>(chunk.substr(kCrcAt))) {
      return Damaged("a chunk's checksum is wrong");
    }
    if (is_ended_) return Damaged("chunks after the end");
    Bytes in(payload);
    ST_TRY_STATUS(Take(static_cast<Kind>(chunk[5]), in));
    if (!in.is_at_end()) return Damaged("a chunk is malformed");
    ++chunks_;
    return {};
  }

  Result<std::unique_ptr<State>> Finish();

 private:
  // A player until all are there, since chunks come in any order.
  struct Block {
    std::vector<std::string> names;
    std::unique_ptr<State::Block> players;
  };

  static std::unexpected<Error> Damaged(std::string_view why) {
    return Fail(ErrorCode::kCorruption, "game snapshot: {}", why);
  }
  Status Take(Kind kind, Bytes& in) {
    if ((kind == Kind::kHead) != (state_ == nullptr)) return Damaged("chunks in disorder");
    switch (kind) {
      case Kind::kHead:
        return TakeHead(in);
      case Kind::kGuilds:
        return TakeGuilds(in);
      case Kind::kPlayers:
        return TakePlayers(in);
      case Kind::kEnd:
        is_ended_ = true;
        if (in.Number() != chunks_) return Damaged("chunks are missing");
        return {};
    }
    return Damaged("a chunk of unknown kind");
  }
  Status TakeHead(Bytes& in);
  Status TakeGuilds(Bytes& in);
  Status TakePlayers(Bytes& in);
  Status TakePlayer(Bytes& in, std::string& name, Player& player) const;
  Status TakeStacks(Bytes& in, Stacks& stacks) const;

  const std::uint64_t seed_;
  std::unique_ptr<State> state_;
  std::uint32_t players_ = 0;
  std::uint32_t guilds_ = 0;
  std::vector<Block> blocks_;
  std::uint64_t chunks_ = 0;
  bool is_ended_ = false;
};

Status StateReader::Impl::TakeHead(Bytes& in) {
  state_ = std::make_unique<State>(seed_);
  Totals& totals = state_->totals_;
  for (auto* number : {&totals.granted, &totals.spent, &totals.paid, &totals.earned, &totals.orders,
                       &totals.trades}) {
    *number = in.Number();
  }
  players_ = in.Number(kMaxPlayers);
  guilds_ = in.Number(kMaxGuilds);
  const std::uint32_t items = in.Number(kMaxItems);
  for (std::uint32_t i = 0; i < items && in.is_good(); ++i) {
    const auto name = in.Text();
    if (!CheckItemName(name) || state_->item_names_.Find(name)) return Damaged("a bad item");
    ItemTotals& item = state_->item_totals_[state_->AddItem(name)];
    for (auto* number : {&item.bought, &item.sold, &item.used}) *number = in.Number();
  }
  return {};
}

Status StateReader::Impl::TakeGuilds(Bytes& in) {
  const std::uint32_t first = in.Number(kMaxGuilds);
  const std::uint32_t count = in.Number(kGuildsPerChunk);
  if (first != state_->guild_names_.size() || count > guilds_ - first) {
    return Damaged("guilds in disorder");
  }
  for (std::uint32_t i = 0; i < count && in.is_good(); ++i) {
    const auto name = in.Text();
    if (!CheckGuildName(name) || state_->guild_names_.Find(name)) return Damaged("a bad guild");
    const std::uint32_t founder = in.Number(kMaxPlayers);
    if (founder >= players_) return Damaged("a guild without founder");
    state_->AddGuild(name, founder);
  }
  return {};
}

Status StateReader::Impl::TakePlayers(Bytes& in) {
  const std::uint32_t number = in.Number(kMaxPlayers / kPlayersPerChunk);
  const std::uint64_t first = std::uint64_t{number} * kPlayersPerChunk;
  if (first >= players_) return Damaged("players beyond the last");
  if (blocks_.size() <= number) blocks_.resize(std::size_t{number} + 1);
  Block& block = blocks_[number];
  if (block.players != nullptr) return Damaged("players twice");
  const auto count =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(kPlayersPerChunk, players_ - first));
  block.players = std::make_unique<State::Block>(kPlayersPerChunk);
  block.names.resize(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    ST_TRY_STATUS(TakePlayer(in, block.names[i], (*block.players)[i]));
  }
  return {};
}

Status StateReader::Impl::TakePlayer(Bytes& in, std::string& name, Player& player) const {
  name = in.Text();
  if (!CheckPlayerId(name)) return Damaged("a bad player");
  const std::uint64_t coins = in.Number();
  if (coins > static_cast<std::uint64_t>(kMaxCoins)) return Damaged("a wallet is too full");
  player.coins = static_cast<std::int64_t>(coins);
  player.guild = in.Number(guilds_) - 1;  // 0 becomes kNoGuild
  ST_TRY_STATUS(TakeStacks(in, player.inventory));
  return TakeStacks(in, player.cart);
}

Status StateReader::Impl::TakeStacks(Bytes& in, Stacks& stacks) const {
  const std::uint32_t items = state_->item_names_.size();
  const std::uint32_t count = in.Number(items);
  stacks.Reserve(count);
  std::uint64_t item = 0;
  for (std::uint32_t i = 0; i < count && in.is_good(); ++i) {
    const std::uint64_t step = in.Number();
    item += step;
    const std::uint32_t held = in.Number(static_cast<std::uint32_t>(kMaxQuantity));
    if (step > items || item >= items || (step == 0 && i != 0) || held == 0) {
      return Damaged("a bad stack");
    }
    stacks.Set(static_cast<std::uint32_t>(item), held);
  }
  return {};
}

Result<std::unique_ptr<State>> StateReader::Impl::Finish() {
  if (!is_ended_) return Damaged("its end is missing");
  if (state_->guild_names_.size() != guilds_) return Damaged("guilds are missing");
  const std::uint64_t want = (std::uint64_t{players_} + kPlayersPerChunk - 1) / kPlayersPerChunk;
  if (blocks_.size() != want) return Damaged("players are missing");
  for (auto& block : blocks_) {
    if (block.players == nullptr) return Damaged("players are missing");
    for (const auto& name : block.names) {
      if (state_->player_names_.Find(name)) return Damaged("two players of one name");
      const std::uint32_t number = state_->player_names_.Add(name);
      const std::uint32_t guild = (*block.players)[number % kPlayersPerChunk].guild;
      if (guild == kNoGuild) continue;
      auto& members = state_->guilds_[guild].members;
      if (std::ssize(members) >= kMaxGuildMembers) return Damaged("a guild is too full");
      members.push_back(number);
    }
    block.names = {};
    state_->blocks_.push_back(std::move(block.players));
  }
  return std::move(state_);
}

StateReader::StateReader(std::uint64_t seed) : impl_(std::make_unique<Impl>(seed)) {}
StateReader::~StateReader() = default;
Status StateReader::Add(std::string_view chunk) { return impl_->Add(chunk); }
Result<std::unique_ptr<State>> StateReader::Finish() { return impl_->Finish(); }

}  // namespace st::game
