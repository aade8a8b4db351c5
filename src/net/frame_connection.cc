#include "net/frame_connection.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <span>
#include <utility>
#include <vector>

#include "base/coding.h"
#include "net/limits.h"
#include "net/memory.h"

namespace st::net {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

// Runs `task` on the io thread with the connection, if that is still open. `core` lives as long as
// tasks run.
template <typename Task>
void PostTo(const std::shared_ptr<Mailbox>& mailbox, ServerCore& core, std::uint64_t number,
            Task task) {
  mailbox->Post([core = &core, number, task = std::move(task)]() mutable {
    const auto connection = core->Find(number);
    if (connection) task(static_cast<FrameConnection&>(*connection));
  });
}

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
    Post(std::exchange(mailbox_, nullptr), [request = place_.request](FrameConnection& connection) {
      connection.CloseAfter(request);
    });
  }
  void HoldBack() override {
    if (const auto connection = Find()) connection->HoldBack(place_.request);
  }
  void RunAfter(std::int64_t delay_us, std::function<void()> task) override {
    core_.RunAfter(delay_us, std::move(task));
  }
  void Release() override {
    if (!mailbox_) return;
    Post(mailbox_,
         [request = place_.request](FrameConnection& connection) { connection.Release(request); });
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
    Post(std::exchange(mailbox_, nullptr), [request = place_.request, payload = std::move(payload)](
                                               FrameConnection& connection) mutable {
      connection.Answer(request, std::move(payload));
    });
  }
  std::shared_ptr<FrameConnection> Find() const {  // on the io thread
    return std::static_pointer_cast<FrameConnection>(core_.Find(place_.connection));
  }
  template <typename Task>
  void Post(const std::shared_ptr<Mailbox>& mailbox, Task task) {
    PostTo(mailbox, core_, place_.connection, std::move(task));
  }

  std::shared_ptr<Mailbox> mailbox_;
  ServerCore& core_;
  const Place place_;
};

}  // namespace

FrameConnection::FrameConnection(FrameShared& shared, std::unique_ptr<Stream> stream,
                                 const ServerCore::Place& place)
    : shared_(shared), number_(place.number), stream_(std::move(stream)), charge_(place.memory) {
  session_.local = stream_->local();
  session_.peer = stream_->peer();
}

void FrameConnection::Sweep(std::int64_t now_us) {
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

// Charges to its client what the connection holds beyond the uncharged bytes that each may hold. A
// frame that waits for room holds none.
bool FrameConnection::Recharge() {
  const std::uint64_t held = (waits_for_room_ ? 0 : wanted_) + in_hand_bytes_ + unsent_bytes_;
  return charge_.Resize(held > kUnchargedBytes ? held - kUnchargedBytes : 0);
}

std::uint64_t FrameConnection::RoomForAnswer(std::uint64_t request) const {
  if (is_closed_ || request - first_slot_ >= slots_.size()) return 0;
  const std::uint64_t room = charge_.Room() + slots_[request - first_slot_].reserved_bytes;
  return room - std::min<std::uint64_t>(room, charge_.units());
}

bool FrameConnection::Reserve(std::uint64_t request, std::uint64_t bytes) {
  if (is_closed_ || request - first_slot_ >= slots_.size()) return false;
  auto& reserved = slots_[request - first_slot_].reserved_bytes;
  const std::size_t before = std::exchange(reserved, bytes);
  in_hand_bytes_ += bytes - before;
  if (Recharge()) return true;
  in_hand_bytes_ -= bytes - before;
  reserved = before;
  return false;
}

bool FrameConnection::MayRead() const {
  const bool has_frame = is_reading_ || waits_for_room_ || waits_for_turn_;
  return !is_closed_ && !is_draining_ && !has_frame && !is_alone_ &&
         slots_.size() < shared_.options.max_pipelined;
}

void FrameConnection::ReadLength() {
  if (!MayRead()) return;
  is_reading_ = true;
  reader_.Read(length_, shared_from_this(), [this](error_code error) {
    is_reading_ = false;
    if (error) return Drain();
    Fence([&] { TakeLength(); });
  });
}

void FrameConnection::TakeLength() {
  const auto size = LoadBig<std::uint32_t>({length_.data(), kFrameLengthBytes});
  if (size > shared_.options.max_frame_bytes) return CloseFor(CloseReason::kTooLarge);
  if (is_draining_) return;
  wanted_ = size;
  frame_began_us_ = MonotonicUs();
  waits_for_room_ = true;
  TryFrame();
  if (waits_for_room_) charge_.CountRefusal();
}

void FrameConnection::TryFrame() {
  if (!waits_for_room_) return;
  waits_for_room_ = false;
  if (!Recharge()) {
    waits_for_room_ = true;
    if (!std::exchange(is_listed_, true)) {
      shared_.waiting.Add([core = shared_.core, number = number_] {
        PostTo(core->mailbox(), *core, number,
               [](FrameConnection& waiter) { waiter.RetryFrame(); });
      });
    }
    return;
  }
  Fence([&] {
    frame_.clear();
    frame_.reserve(wanted_);
    ReadBody();
  });
}

void FrameConnection::RetryFrame() {
  is_listed_ = false;
  TryFrame();
}

void FrameConnection::DropFrame() {
  FreeMemory(frame_);
  wanted_ = 0;
  frame_began_us_ = 0;
  waits_for_room_ = waits_for_turn_ = false;
  static_cast<void>(Recharge());  // it shrinks, so it cannot fail
}

// The buffer grows as bytes arrive, so an announced length alone costs no memory.
void FrameConnection::ReadBody() {
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
void FrameConnection::DeliverIfItsTurn() {
  if (is_closed_ || is_draining_) return DropFrame();
  frame_began_us_ = 0;
  const auto& is_pipelined = shared_.options.is_pipelined;
  const bool is_alone = is_pipelined && !is_pipelined(frame_);
  waits_for_turn_ = held_back_by_ || (is_alone && !(slots_.empty() && writing_.empty()));
  if (waits_for_turn_) return;
  is_alone_ = is_alone;
  Deliver();
}

void FrameConnection::Deliver() {
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

void FrameConnection::Answer(std::uint64_t request, std::optional<std::string> payload) {
  if (is_closed_ || request - first_slot_ >= slots_.size()) return;  // an earlier answer closed it
  Slot& slot = slots_[request - first_slot_];
  if (slot.ready) return;
  slot.ready = true;
  in_hand_bytes_ -= std::exchange(slot.bytes, 0) + std::exchange(slot.reserved_bytes, 0);
  if (payload) {
    unsent_bytes_ += kFrameLengthBytes + payload->size();
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

void FrameConnection::Release(std::uint64_t request) {
  if (is_closed_ || held_back_by_ != request) return;
  held_back_by_.reset();
  if (waits_for_turn_) Fence([&] { DeliverIfItsTurn(); });
}

void FrameConnection::CloseAfter(std::uint64_t request) {
  if (is_closed_ || request - first_slot_ >= slots_.size()) return;
  slots_[request - first_slot_].ready = true;
  slots_[request - first_slot_].close = true;
  Fence([&] { Flush(); });
}

// A small answer is joined with its length; a large one is sent behind it without a copy.
void FrameConnection::Queue(std::string payload) {
  std::string length;
  AppendBig(length, static_cast<std::uint32_t>(payload.size()));
  if (payload.size() <= kFrameGrowthBytes) {
    payload.insert(0, length);
  } else {
    writing_.push_back(std::move(length));
  }
  writing_.push_back(std::move(payload));
}

void FrameConnection::Flush() {
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
  shared_.waiting.RetrySome();
  if (writing_.empty()) return CloseIfDrained();
  if (!was_writing) WriteSome();
}

// Ends a peer that takes none of its answers, or too little: only real progress restarts the
// timeout.
void FrameConnection::WriteSome() {
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

void FrameConnection::OnWritten(std::size_t n) {
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

void FrameConnection::Drain() {
  is_draining_ = true;
  if (!is_reading_) DropFrame();
  CloseIfDrained();
}

void FrameConnection::CloseIfDrained() {
  if (is_draining_ && writing_.empty() && slots_.empty()) Close();
}

void FrameConnection::CloseFor(CloseReason reason) {
  if (!is_closed_) shared_.closed.Count(reason);
  Close();
}

void FrameConnection::Close() {
  if (is_closed_) return;
  is_closed_ = true;
  stream_->Close();
  charge_ = {};
  shared_.waiting.RetrySome();
  shared_.core->Remove(number_);
}

}  // namespace st::net
