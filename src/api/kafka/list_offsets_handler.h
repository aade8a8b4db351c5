// Answers with offsets of partitions: their ends at once, those by time from a thread of its own,
// since records are read for them.
//
// Threads: Handle on io threads; look-ups by time on the thread kafka-look-up, each client in
//          turn.
// Limits:  kLookUpSliceUs (limits.h).
#pragma once

#include <memory>

#include "api/kafka/handler.h"
#include "net/fair_thread.h"
#include "os/clock.h"

namespace st::api {

class ListOffsetsHandler final : public Handler {
 public:
  ListOffsetsHandler(const log::Log& log, os::Clock& clock) : log_(log), clock_(clock) {}
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;
  void Stop() override { look_ups_.Stop(); }

 private:
  struct OffsetLookUp;

  // Answers where no look-up is left, else has the next ones made.
  void LookUp(const std::shared_ptr<OffsetLookUp>& look_up);

  const log::Log& log_;
  os::Clock& clock_;
  net::FairThread look_ups_{"kafka-look-up"};
};

}  // namespace st::api
