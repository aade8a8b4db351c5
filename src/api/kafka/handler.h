// The part of the adapter that serves one API of Kafka.
#pragma once

#include <memory>

#include "api/kafka/request.h"
#include "net/frame_server.h"

namespace st::api {

// Answers the requests of one API, in every version that its range serves.
//
// Threads: Handle and RefuseVersion on the io threads of the listener, at the same time for
//          connections of several; answers from any thread.
// Owner:   ApiTable; the log and the clock that a handler takes must outlive it.
class Handler {
 public:
  Handler() = default;
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;
  virtual ~Handler() = default;

  // Answers `request`, now or later. False: it does not decode or is over a limit, and nothing was
  // answered; the caller closes the connection, as Kafka does.
  virtual bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
                      const Responder& responder) = 0;
  // Takes a request of a version that is not served: closes the connection, as Kafka does.
  virtual void RefuseVersion(const Request& /*request*/, const Responder& responder) {
    responder->Close();
  }
  // Ends the handler's own threads. The listener has stopped before.
  virtual void Stop() {}
};

}  // namespace st::api
