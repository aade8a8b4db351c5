#include "net/frame_server.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <deque>
#include <span>

#include "base/coding.h"
#include "net/close_reasons.h"
#include "net/limits.h"
#include "net/memory.h"
#include "net/server_core.h"

namespace st::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kLengthBytes = 4;

// State that the connections of one server share. Only the io thread uses what is not constant.
struct Shared {
  Shared(FrameOptions frame_options, FrameHandler frame_handler)
      : options(std::move(frame_options)),
        handler(std::move(frame_handler)),
        closed(options.metrics, options.name) {
    if (options.metrics == nullptr) return;
    frames = &options.metrics->Counter("steelthread_net_frames_total", "Frames received.",
                                       fmt::format("listener=\"{}\"", options.name));
  }
  // Lets connections that wait for room of a budget try again.
  void Retry();

  const FrameOptions options;
  const FrameHandler handler;
  ServerCore* core = nullptr;
  Metric* frames = nullptr;
  CloseCounter closed;
  std::deque<std::uint64_t> waiting;  // numbers of connections that wait for room
};

// Requests are numbered; an answer stays in `slots_` until all earlier ones were sent.
class Connection final : public ServedConnection, public std::enable_shared_from_this<Connection> {
 public:
  Connection(Shared& shared, std::unique_ptr<Stream> stream, const ServerCore::Place& place);
  void Start() override { ReadLength(); }
  void Sweep(std::int64_t now_us) override;
  // Stops reading, and closes once all requests in hand are answered.
  void Drain() override;
  void Close() override;
  bool IsExpendable() const override { return slots_.empty() && writing_.empty(); }
  void Answer(std::uint64_t request, std::optional<std::string> payload);
  void CloseAfter(std::uint64_t request);
  void HoldBack(std::uint64_t request) { held_back_by_ = request; }
  void Release(std::uint64_t request);
  std::uint64_t RoomForAnswer(std::uint64_t request) const;
  bool Reserve(std::uint64_t request, std::uint64_t bytes);
  // Tries a frame that waited for room again.
  void RetryFrame();

 private:
  struct Slot {
    bool ready = false;
    bool close = false;
    std::size_t bytes = 0;               // charged for the request
    std::size_t reserved_bytes = 0;      // charged for its answer
    std::optional<std::string> payload;  // nullopt: no answer is sent
  };
  bool MayRead() const;
  void ReadLength();
  void TakeLength();
  void TryFrame();
  void DropFrame();
  void ReadBody();
  void Deliver();
  void DeliverIfItsTurn();
  void Queue(std::string payload);
  void Flush();
  void WriteSome();
  void OnWritten(std::size_t n);
  void CloseIfDrained();
  void CloseFor(CloseReason reason);
  bool Recharge();

  Shared& shared_;
  const std::uint64_t number_;
  const std::unique_ptr<Stream> stream_;
  WholeReader reader_{*stream_};
  FrameSession session_;
  Charge charge_;
  std::array<char, kLengthBytes> length_{};
  std::size_t wanted_ = 0;  // charged bytes of the frame that is read or waits
  std::string frame_;
  std::deque<Slot> slots_;
  std::uint64_t first_slot_ = 0;
  std::size_t in_hand_bytes_ = 0;    // charged bytes of slots_
  std::deque<std::string> writing_;  // answers being sent; of the first, `written_` bytes are out
  std::size_t written_ = 0;
  std::size_t unsent_bytes_ = 0;
  std::size_t progress_bytes_ = 0;  // bytes that the peer took since write_began_us_
  std::int64_t write_began_us_ = 0;
  std::int64_t frame_began_us_ = 0;  // 0: no frame has begun
  std::optional<std::uint64_t> held_back_by_;
  bool is_reading_ = false;
  bool waits_for_room_ = false;
  bool is_listed_ = false;  // it is in shared_.waiting
  bool waits_for_turn_ = false;
  bool is_alone_ = false;  // the request in hand is not pipelined
  bool has_begun_ = false;
  bool is_draining_ = false;
  bool is_closed_ = false;
  std::int64_t last_active_us_ = MonotonicUs();
};

// Carries an answer from any thread to the io thread.
class Responder final : public FrameResponder {
 public:
  struct Place {
    std::uint64_t connection;
    std::uint64_t request;
  };
  Responder(ServerCore& core, Place place) : mailbox_(core.mailbox()), core_(core), place_(place) {}
  ~Responder() override {
    if (mailbox_) Close();
  }
  void Send(std::string payload) override { Answer(std::move(payload)); }
  void SendNothing() override { Answer(std::nullopt); }
  void Close() override {
    Post(std::move(mailbox_),
         [request = place_.request](Connection& connection) { connection.CloseAfter(request); });
  }
  void HoldBack() override {
    if (const auto connection = Find()) connection->HoldBack(place_.request);
  }
  void Release() override {
    if (!mailbox_) return;
    Post(mailbox_,
         [request = place_.request](Connection& connection) { connection.Release(request); });
  }
  std::uint64_t Room() const override {
    const auto connection = Find();
    return connection ? connection->RoomForAnswer(place_.request) : 0;
  }
  bool Reserve(std::uint64_t bytes) override {
    const auto connection = Find();
    return connection && connection->Reserve(place_.request, bytes);
  }

 private:
  void Answer(std::optional<std::string> payload) {
    Post(std::move(mailbox_),
         [request = place_.request, payload = std::move(payload)](Connection& connection) mutable {
           connection.Answer(request, std::move(payload));
         });
  }
  std::shared_ptr<Connection> Find() const {  // on the io thread
    return std::static_pointer_cast<Connection>(core_.Find(place_.connection));
  }
  // `core_` lives as long as tasks run.
  template <typename Task>
  void Post(std::shared_ptr<Mailbox> mailbox, Task task) {
    mailbox->Post([core = &core_, number = place_.connection, task = std::move(task)]() mutable {
      const auto connection = core->Find(number);
      if (connection) task(static_cast<Connection&>(*connection));
    });
  }

  std::shared_ptr<Mailbox> mailbox_;
  ServerCore& core_;
  const Place place_;
};

// Tries a few at a time. Others are tried when more room is freed, and at each sweep.
void Shared::Retry() {
  for (std::size_t n = std::min(waiting.size(), kRetriedWaiters); n > 0; --n) {
    const std::uint64_t number = waiting.front();
    waiting.pop_front();
    const auto connection = core->Find(number);
    if (connection) static_cast<Connection&>(*connection).RetryFrame();
  }
}

Connection::Connection(Shared& shared, std::unique_ptr<Stream> stream,
                       const ServerCore::Place& place)
    : shared_(shared), number_(place.number), stream_(std::move(stream)), charge_(place.memory) {
  session_.local = stream_->local();
  session_.peer = stream_->peer();
}

void Connection::Sweep(std::int64_t now_us) {
  const auto& options = shared_.options;
  if (!writing_.empty() && now_us - write_began_us_ > options.write_timeout_us) {
    return CloseFor(CloseReason::kWriteTimeout);
  }
  if (frame_began_us_ != 0 && now_us - frame_began_us_ > options.frame_timeout_us) {
    return CloseFor(waits_for_room_ ? CloseReason::kNoRoom : CloseReason::kFrameTimeout);
  }
  const auto idle_us = has_begun_ ? options.idle_timeout_us : options.first_frame_timeout_us;
  if (slots_.empty() && wanted_ == 0 && now_us - last_active_us_ > idle_us) {
    return CloseFor(CloseReason::kIdle);
  }
  TryFrame();
}

// Charges to its client what the connection holds beyond the uncharged bytes that each may hold.
bool Connection::Recharge() {
  const std::uint64_t held = wanted_ + in_hand_bytes_ + unsent_bytes_;
  return charge_.Resize(held > kUnchargedBytes ? held - kUnchargedBytes : 0);
}

std::uint64_t Connection::RoomForAnswer(std::uint64_t request) const {
  if (is_closed_ || request - first_slot_ >= slots_.size()) return 0;
  const std::uint64_t room = charge_.Room() + slots_[request - first_slot_].reserved_bytes;
  return room - std::min<std::uint64_t>(room, charge_.units());
}

bool Connection::Reserve(std::uint64_t request, std::uint64_t bytes) {
  if (is_closed_ || request - first_slot_ >= slots_.size()) return false;
  auto& reserved = slots_[request - first_slot_].reserved_bytes;
  const std::size_t before = std::exchange(reserved, bytes);
  in_hand_bytes_ += bytes - before;
  if (Recharge()) return true;
  in_hand_bytes_ -= bytes - before;
  reserved = before;
  return false;
}

bool Connection::MayRead() const {
  const bool has_frame = is_reading_ || waits_for_room_ || waits_for_turn_;
  return !is_closed_ && !is_draining_ && !has_frame && !is_alone_ &&
         slots_.size() < shared_.options.max_pipelined;
}

void Connection::ReadLength() {
  if (!MayRead()) return;
  is_reading_ = true;
  reader_.Read(length_, shared_from_this(), [this](error_code error) {
    is_reading_ = false;
    if (error) return Drain();
    Fence([&] { TakeLength(); });
  });
}

void Connection::TakeLength() {
  const auto size = LoadBig<std::uint32_t>({length_.data(), kLengthBytes});
  if (size > shared_.options.max_frame_bytes) return CloseFor(CloseReason::kTooLarge);
  if (is_draining_) return;
  wanted_ = size;
  frame_began_us_ = MonotonicUs();
  waits_for_room_ = true;
  TryFrame();
  if (waits_for_room_) charge_.CountRefusal();
}

void Connection::TryFrame() {
  if (!waits_for_room_) return;
  if (!Recharge()) {
    if (!std::exchange(is_listed_, true)) shared_.waiting.push_back(number_);
    return;
  }
  waits_for_room_ = false;
  Fence([&] {
    frame_.clear();
    frame_.reserve(wanted_);
    ReadBody();
  });
}

void Connection::RetryFrame() {
  is_listed_ = false;
  TryFrame();
}

void Connection::DropFrame() {
  FreeMemory(frame_);
  wanted_ = 0;
  frame_began_us_ = 0;
  waits_for_room_ = waits_for_turn_ = false;
  static_cast<void>(Recharge());  // it shrinks, so it cannot fail
}

// The buffer grows as bytes arrive, so an announced length alone costs no memory.
void Connection::ReadBody() {
  const std::size_t had = frame_.size();
  if (had == wanted_) return DeliverIfItsTurn();
  const std::size_t step = std::min(wanted_ - had, std::max(had, kFrameGrowthBytes));
  frame_.resize(had + step);
  is_reading_ = true;
  reader_.Read(std::span(frame_).subspan(had), shared_from_this(), [this](error_code error) {
    is_reading_ = false;
    if (error) return Drain();
    Fence([&] { ReadBody(); });
  });
}

// A frame that is not pipelined waits until all earlier ones are answered and their answers taken.
// Any frame waits while an earlier one holds it back.
void Connection::DeliverIfItsTurn() {
  if (is_closed_ || is_draining_) return DropFrame();
  frame_began_us_ = 0;
  const auto& is_pipelined = shared_.options.is_pipelined;
  const bool is_alone = is_pipelined && !is_pipelined(frame_);
  waits_for_turn_ = held_back_by_ || (is_alone && !(slots_.empty() && writing_.empty()));
  if (waits_for_turn_) return;
  is_alone_ = is_alone;
  Deliver();
}

void Connection::Deliver() {
  last_active_us_ = MonotonicUs();
  has_begun_ = true;
  if (shared_.frames != nullptr) shared_.frames->Add();
  const std::uint64_t number = first_slot_ + slots_.size();
  in_hand_bytes_ += wanted_;
  slots_.push_back({.bytes = std::exchange(wanted_, 0), .payload = {}});
  auto responder = std::make_unique<Responder>(
      *shared_.core, Responder::Place{.connection = number_, .request = number});
  try {
    shared_.handler(session_, std::move(frame_), std::move(responder));
  } catch (const std::exception&) {
    return CloseFor(CloseReason::kFailure);
  }
  frame_ = {};
  ReadLength();
}

void Connection::Answer(std::uint64_t request, std::optional<std::string> payload) {
  if (is_closed_ || request - first_slot_ >= slots_.size()) return;  // an earlier answer closed it
  Slot& slot = slots_[request - first_slot_];
  if (slot.ready) return;
  slot.ready = true;
  in_hand_bytes_ -= std::exchange(slot.bytes, 0) + std::exchange(slot.reserved_bytes, 0);
  if (payload) {
    unsent_bytes_ += kLengthBytes + payload->size();
    slot.payload = std::move(payload);
  }
  if (!Recharge()) {
    charge_.CountRefusal();
    return CloseFor(CloseReason::kNoRoom);
  }
  if (held_back_by_ == request) held_back_by_.reset();
  last_active_us_ = MonotonicUs();
  Fence([&] { Flush(); });
}

void Connection::Release(std::uint64_t request) {
  if (is_closed_ || held_back_by_ != request) return;
  held_back_by_.reset();
  if (waits_for_turn_) Fence([&] { DeliverIfItsTurn(); });
}

void Connection::CloseAfter(std::uint64_t request) {
  if (is_closed_ || request - first_slot_ >= slots_.size()) return;
  slots_[request - first_slot_].ready = true;
  slots_[request - first_slot_].close = true;
  Fence([&] { Flush(); });
}

// A small answer is joined with its length; a large one is sent behind it without a copy.
void Connection::Queue(std::string payload) {
  std::string length;
  AppendBig(length, static_cast<std::uint32_t>(payload.size()));
  if (payload.size() <= kFrameGrowthBytes) {
    payload.insert(0, length);
  } else {
    writing_.push_back(std::move(length));
  }
  writing_.push_back(std::move(payload));
}

void Connection::Flush() {
  if (is_closed_) return;
  const bool was_writing = !writing_.empty();
  while (!slots_.empty() && slots_.front().ready) {
    if (slots_.front().close) {
      is_draining_ = true;
      slots_.clear();
      break;
    }
    if (auto& payload = slots_.front().payload) Queue(std::move(*payload));
    slots_.pop_front();
    ++first_slot_;
  }
  if (slots_.empty() && writing_.empty()) is_alone_ = false;
  if (waits_for_turn_) DeliverIfItsTurn();
  ReadLength();
  if (!shared_.waiting.empty()) shared_.Retry();
  if (is_closed_) return;
  if (writing_.empty()) return CloseIfDrained();
  if (!was_writing) WriteSome();
}

// Ends a peer that takes none of its answers, or too little: only real progress restarts the
// timeout.
void Connection::WriteSome() {
  if (progress_bytes_ == 0 || progress_bytes_ >= kMinWriteProgressBytes) {
    write_began_us_ = MonotonicUs();
    progress_bytes_ = 0;
  }
  std::vector<asio::const_buffer> buffers;
  for (const auto& part : writing_) buffers.push_back(asio::buffer(part));
  buffers.front() += written_;
  stream_->WriteSome(buffers, [self = shared_from_this()](error_code error, std::size_t n) {
    if (error) return self->Close();
    self->Fence([&] { self->OnWritten(n); });
  });
}

void Connection::OnWritten(std::size_t n) {
  if (is_closed_) return;
  written_ += n;
  unsent_bytes_ -= n;
  progress_bytes_ += n;
  while (!writing_.empty() && written_ >= writing_.front().size()) {
    written_ -= writing_.front().size();
    writing_.pop_front();
  }
  if (writing_.empty()) progress_bytes_ = 0;
  static_cast<void>(Recharge());  // it shrinks, so it cannot fail
  if (!writing_.empty()) return WriteSome();
  Flush();
}

void Connection::Drain() {
  is_draining_ = true;
  if (!is_reading_) DropFrame();
  CloseIfDrained();
}

void Connection::CloseIfDrained() {
  if (is_draining_ && writing_.empty() && slots_.empty()) Close();
}

void Connection::CloseFor(CloseReason reason) {
  if (!is_closed_) shared_.closed.Count(reason);
  Close();
}

void Connection::Close() {
  if (is_closed_) return;
  is_closed_ = true;
  stream_->Close();
  charge_ = {};
  if (!shared_.waiting.empty()) {
    asio::post(shared_.core->io(), [shared = &shared_] { shared->Retry(); });
  }
  shared_.core->Remove(number_);
}

std::int64_t ShortestTimeout(const FrameOptions& options) {
  return std::min({options.first_frame_timeout_us, options.frame_timeout_us,
                   options.idle_timeout_us, options.write_timeout_us});
}

class Server final : public FrameServer {
 public:
  Server(FrameOptions options, FrameHandler handler)
      : shared_(std::move(options), std::move(handler)),
        core_({.listen = shared_.options.listen,
               .name = shared_.options.name,
               .max_connections = shared_.options.max_connections,
               .budgets = shared_.options.budgets,
               .sweep_us = SweepInterval(ShortestTimeout(shared_.options)),
               .metrics = shared_.options.metrics},
              [this](std::unique_ptr<Stream> stream, const ServerCore::Place& place) {
                return std::make_shared<Connection>(shared_, std::move(stream), place);
              }) {
    shared_.core = &core_;
  }
  Status Open() { return core_.Open(); }
  const std::string& address() const override { return core_.address(); }
  void Stop(std::int64_t grace_us) override { core_.Stop(grace_us); }
  void RunAfter(std::int64_t delay_us, std::function<void()> task) override {
    core_.mailbox()->Post([this, delay_us, task = std::move(task)]() mutable {
      auto timer =
          std::make_shared<asio::steady_timer>(core_.io(), std::chrono::microseconds(delay_us));
      timer->async_wait(
          [this, timer, task = std::move(task)](error_code) { core_.RunFenced(task); });
    });
  }

 private:
  Shared shared_;
  ServerCore core_;
};

}  // namespace

Result<std::unique_ptr<FrameServer>> FrameServer::Start(FrameOptions options,
                                                        FrameHandler handler) {
  auto server = std::make_unique<Server>(std::move(options), std::move(handler));
  ST_TRY_STATUS(server->Open());
  return server;
}

}  // namespace st::net
