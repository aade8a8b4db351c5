// Power loss at every step of a script: a repeat of an answered key gets the same answer, and no
// key is in the log twice.
#include <gtest/gtest.h>

#include <future>
#include <set>

#include "collect/collector.h"
#include "log/partition_choice.h"
#include "log/testing.h"

namespace st::collect {
namespace {

constexpr std::size_t kMaxImages = 1500;
constexpr std::size_t kMemory = 4;

// A server in small: log, keys and collector on one disk.
class Store {
 public:
  Store(os::testing::MemoryFileSystem& fs, os::testing::StepClock& clock, os::Random& random)
      : log_(log::LocalLog::Open(
                 {fs, clock, random},
                 {.dir = "/log", .allocate_chunk_bytes = 64 << 10, .reserve_bytes = 0})
                 .value()),
        topic_(Topic(*log_)),
        answers_(idempotency::KeyStore::Open(
                     {fs, clock, random}, *log_,
                     {.dir = "/answers", .max_keys = 1000, .memory_keys = kMemory})
                     .value()),
        collector_({fs, clock, random}, *log_, {.answers = answers_.get()}) {}
  ~Store() {
    log_->Stop();
    answers_->Stop();
  }
  Result<Outcome> Collect(const std::string& key) {
    std::promise<Result<Outcome>> done;
    NewEvent event{.value = key,
                   .key = key,
                   .remembered = idempotency::Remembered{
                       .key = key,
                       .request = answers_->hasher().OfKey({.key = "request of " + key}),
                       .answer = {.body = "made " + key}}};
    collector_.Collect(collector_.Open("events"), std::move(event),
                       [&](const Result<Outcome>& r) { done.set_value(r); });
    return done.get_future().get();
  }
  std::vector<std::string> Values() const {
    std::vector<std::string> all;
    for (const auto tp : log::PartitionsOf(topic_)) {
      const auto values = log::testing::ReadValues(*log_, tp);
      all.insert(all.end(), values.begin(), values.end());
    }
    return all;
  }

 private:
  static log::TopicInfo Topic(log::LocalLog& log) {
    const auto found = log.FindTopic("events");
    return found ? *found : log.CreateTopic("events", 2).value();
  }

  std::unique_ptr<log::LocalLog> log_;
  const log::TopicInfo topic_;
  std::unique_ptr<idempotency::KeyStore> answers_;
  Collector collector_;
};

class KeyStoreCrash : public ::testing::Test {
 protected:
  struct Image {
    std::unique_ptr<os::testing::MemoryFileSystem> disk;
    std::int64_t acknowledged = 0;  // keys 0, 1, …
  };
  // Keys one after the other, over `openings` of the store; an image before each step of the disk.
  void Run(int openings, int keys) {
    Mutex mu;  // the commit thread and the answers' thread write
    fs_.SetHook([&](const std::string&, const std::string&) -> Status {
      MutexLock lock(mu);
      // First: what is answered while the image is taken need not be in it.
      const std::int64_t acknowledged = acknowledged_;
      if (images_.size() < kMaxImages) images_.push_back({fs_.Crash(*random_), acknowledged});
      return {};
    });
    for (int opening = 0; opening < openings; ++opening) {
      Store store(fs_, clock_, *log_random_);
      for (int i = 0; i < keys; ++i) {
        const auto done = store.Collect(std::to_string(acknowledged_.load()));
        ASSERT_TRUE(done) << done.error().message();
        ASSERT_FALSE(done->repeated);
        positions_.push_back(done->position);
        ++acknowledged_;
      }
      clock_.Advance(1'800'000'000);  // half an hour
    }
    fs_.SetHook({});
  }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(5);
  std::unique_ptr<os::Random> log_random_ = os::MakeSeededRandom(6);
  std::atomic<std::int64_t> acknowledged_ = 0;
  std::vector<TopicPosition> positions_;  // of the acknowledged keys
  std::vector<Image> images_;
};

TEST_F(KeyStoreCrash, NoAcknowledgedKeyIsForgottenOrStoredTwice) {
  constexpr int kOpenings = 4;
  constexpr int kKeys = 30;
  Run(kOpenings, kKeys);
  ASSERT_GT(images_.size(), 200U);
  for (auto& image : images_) {
    Store store(*image.disk, clock_, *log_random_);
    for (std::int64_t i = 0; i < image.acknowledged; ++i) {
      const auto key = std::to_string(i);
      const auto again = store.Collect(key);
      ASSERT_TRUE(again) << again.error().message();
      ASSERT_TRUE(again->repeated) << key << " of " << image.acknowledged;
      ASSERT_EQ(again->position, positions_.at(static_cast<std::size_t>(i)));
      ASSERT_EQ(again->repeated->body, "made " + key);
    }
    ASSERT_TRUE(store.Collect(std::to_string(image.acknowledged)));
    const auto values = store.Values();
    ASSERT_EQ(std::set<std::string>(values.begin(), values.end()).size(), values.size());
  }
}

}  // namespace
}  // namespace st::collect
