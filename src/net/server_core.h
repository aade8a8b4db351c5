// The common part of this module's servers: connections on an io thread with their deadlines, their
// end, and tasks for the thread. Asio's types stay in this module.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/metrics.h"
#include "base/mutex.h"
#include "base/result.h"
#include "net/budget.h"
#include "net/stream.h"
#include "os/process.h"
#include "os/thread.h"

namespace st::net {

// Microseconds of a clock that never goes back.
std::int64_t MonotonicUs();
// Interval of checking deadlines of which the shortest is this.
std::int64_t SweepInterval(std::int64_t shortest_timeout_us);

// Carries tasks to an io thread for as long as it runs. A responder holds the mailbox and the
// number of its connection, never the connection, so an answer may come after the server is
// destroyed.
//
// Threads: safe from any.
class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  using Task = std::move_only_function<void()>;
  explicit Mailbox(boost::asio::io_context& io) : io_(&io) {}
  // Runs `task` on the io thread; drops it, on this thread, if the server has stopped.
  void Post(Task task);
  // Drops waiting tasks and all later ones.
  void Close();

 private:
  void Run();

  Mutex mu_;
  boost::asio::io_context* io_ ST_GUARDED_BY(mu_);
  std::vector<Task> tasks_ ST_GUARDED_BY(mu_);
};

// Counts its owner in a number for as long as it lives.
class Counted {
 public:
  Counted() = default;
  explicit Counted(std::atomic<std::uint32_t>& count)
      : count_(&count), before_(count.fetch_add(1)) {}
  Counted(Counted&& other) noexcept
      : count_(std::exchange(other.count_, nullptr)), before_(other.before_) {}
  Counted& operator=(Counted&& other) noexcept {
    std::swap(count_, other.count_);
    std::swap(before_, other.before_);
    return *this;
  }
  ~Counted() {
    if (count_ != nullptr) count_->fetch_sub(1);
  }
  // How many there were before.
  std::uint32_t before() const { return before_; }

 private:
  std::atomic<std::uint32_t>* count_ = nullptr;
  std::uint32_t before_ = 0;
};

// One accepted connection; all of it on the io thread, and gone before ServerCore's thread ends but
// for handlers that Asio still holds.
class ServedConnection {
 public:
  virtual ~ServedConnection() = default;
  virtual void Start() = 0;
  // Checks its deadline.
  virtual void Sweep(std::int64_t now_us) = 0;
  // Takes no more requests; ends when the current ones are answered.
  virtual void Drain() = 0;
  // Closes its stream and calls ServerCore::Remove.
  virtual void Close() = 0;
  // It has no unanswered request and no unsent answer.
  virtual bool IsExpendable() const = 0;

 protected:
  // Runs one step of the connection. An exception, such as std::bad_alloc, ends this connection and
  // nothing else.
  template <typename Step>
  void Fence(Step&& step) {
    try {
      std::forward<Step>(step)();
    } catch (const std::exception&) {
      Close();
    }
  }
};

// Connections of a listener and their io thread; a listener may have several (acceptor.h).
//
// Threads: Start, BeginStop and Join from one thread; Take, load, RunAfter and post() from any;
//          everything else on the io thread.
class ServerCore {
 public:
  struct Place {
    std::uint64_t number = 0;
    bool is_over = false;                   // to be refused politely
    std::shared_ptr<BudgetAccount> memory;  // of its client's address
  };
  using MakeConnection =
      std::function<std::shared_ptr<ServedConnection>(std::unique_ptr<Stream>, const Place&)>;
  struct Options {
    std::string name;                   // of the listener
    std::uint32_t max_connections = 0;  // of the listener, beside the budget's
    std::uint32_t max_refusals = 0;     // connections over the limit to refuse politely, at a time
    ClientBudgets budgets;
    std::int64_t sweep_us = 0;
    MetricRegistry* metrics = nullptr;
    // Connections of the listener that are not to be refused, on all of its io threads.
    std::shared_ptr<std::atomic<std::uint32_t>> served;
  };
  ServerCore(Options options, MakeConnection make);
  ServerCore(const ServerCore&) = delete;
  ServerCore& operator=(const ServerCore&) = delete;
  ~ServerCore();

  void Start();
  // Serves a connected socket of this address family, or closes it if the server stops.
  void Take(os::UniqueFd socket, int family);
  // Number of the connections that were taken and have not closed.
  std::uint32_t load() const { return load_; }
  // Lets requests in hand be answered for at most `grace_us`, then closes.
  void BeginStop(std::int64_t grace_us);
  // Returns when the io thread has ended.
  void Join();

  // Runs a task on the io thread after `delay_us`, fenced. Safe from any thread while the core
  // lives; dropped when it has stopped.
  void RunAfter(std::int64_t delay_us, std::function<void()> task);
  // Runs a task on the io thread; an exception is counted and ends the task.
  void RunFenced(const std::function<void()>& task);
  void CountFailure() {
    if (failed_ != nullptr) failed_->Add();
  }

  const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }
  boost::asio::io_context& io() { return io_; }
  // None if it has closed.
  std::shared_ptr<ServedConnection> Find(std::uint64_t number) const;
  void Remove(std::uint64_t number);
  bool is_stopping() const { return is_stopping_; }

 private:
  struct Entry {
    std::shared_ptr<ServedConnection> connection;
    Counted load;
    Counted served;  // of those that are not over
    Charge charge;   // of the connections' budget
    bool is_over = false;
  };
  void Admit(std::unique_ptr<Stream> stream, Counted load);
  // Closes a connection of the client with the most connections, to admit one of a client with
  // fewer than the average; false where this thread has none.
  bool MakeRoomFor(const BudgetAccount& newcomer);
  void Serve();
  void ScheduleSweep(std::int64_t delay_us);
  void ForEach(const std::function<void(ServedConnection&)>& visit);
  void Drain(std::int64_t grace_us);

  const Options options_;
  const MakeConnection make_;
  Metric* open_ = nullptr;
  Metric* accepted_ = nullptr;
  Metric* refused_ = nullptr;
  Metric* failed_ = nullptr;
  boost::asio::io_context io_{1};
  std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>(io_);
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer sweep_timer_{io_};
  boost::asio::steady_timer stop_timer_{io_};
  std::unordered_map<std::uint64_t, Entry> connections_;
  std::uint64_t last_number_ = 0;
  std::uint32_t over_ = 0;
  bool is_stopping_ = false;
  std::atomic<std::uint32_t> load_ = 0;
  os::Thread thread_;
};

}  // namespace st::net
