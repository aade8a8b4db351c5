// One connection of a FrameServer: reads frames, hands them over and writes their answers in order.
// For net alone.
#pragma once

#include <array>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "net/budget.h"
#include "net/close_reasons.h"
#include "net/frame_server.h"
#include "net/room_queue.h"
#include "net/server_core.h"
#include "net/stream.h"

namespace st::net {

// What the connections of one io thread share.
//
// Threads: the io thread, but for what is constant.
struct FrameShared {
  FrameShared(const FrameOptions& frame_options, const FrameHandler& frame_handler,
              RoomQueue& room_queue)
      : options(frame_options),
        handler(frame_handler),
        waiting(room_queue),
        closed(options.metrics, options.name) {
    if (options.metrics == nullptr) return;
    frames = &options.metrics->Counter("steelthread_net_frames_total", "Frames received.",
                                       fmt::format("listener=\"{}\"", options.name));
  }

  const FrameOptions& options;
  const FrameHandler& handler;
  RoomQueue& waiting;
  ServerCore* core = nullptr;
  Metric* frames = nullptr;
  CloseCounter closed;
};

inline constexpr std::size_t kFrameLengthBytes = 4;

// Requests are numbered; an answer stays in `slots_` until all earlier ones were sent.
//
// Threads: the io thread.
// Owner:   `shared` must outlive it.
class FrameConnection final : public ServedConnection,
                              public std::enable_shared_from_this<FrameConnection> {
 public:
  FrameConnection(FrameShared& shared, std::unique_ptr<Stream> stream,
                  const ServerCore::Place& place);
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

  FrameShared& shared_;
  const std::uint64_t number_;
  const std::unique_ptr<Stream> stream_;
  WholeReader reader_{*stream_};
  FrameSession session_;
  Charge charge_;
  std::array<char, kFrameLengthBytes> length_{};
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

}  // namespace st::net
