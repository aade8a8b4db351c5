#include "cli/topic_consume_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

#include "cli/counted.h"
#include "cli/exit_code.h"
#include "cli/progress.h"
#include "cli/read_start.h"
#include "cli/record_format.h"
#include "cli/server_locator.h"
#include "cli/topic_finder.h"
#include "client/kafka_consumer.h"
#include "os/environment.h"

namespace st::cli {
namespace {

using client::KafkaClient;
using client::KafkaTopic;
using client::KafkaUse;

constexpr std::int32_t kFollowWaitMs = 500;
constexpr std::size_t kLinesBytes = 64 << 10;  // of lines for one write to stdout
constexpr std::string_view kValueFormat = R"(%s\n)";
constexpr std::string_view kPositionFormat = R"(%p\t%o\t%T\t%k\t%s\n)";

Result<RecordFormat> FormatOf(const ConsumeOptions& options) {
  if (!options.format.empty()) return RecordFormat::Parse(options.format);
  return RecordFormat::Parse(options.with_position ? kPositionFormat : kValueFormat);
}

// What the words of the command say.
struct Wanted {
  const ConsumeOptions& options;
  ReadStart from;
  RecordFormat format;
};

class Consumer {
 public:
  Consumer(KafkaClient& client, const KafkaTopic& topic, Wanted wanted)
      : client_(client),
        topic_(topic),
        wanted_(std::move(wanted)),
        has_headers_(wanted_.format.wants_headers()),
        consumer_(client, topic.name) {
    if (!os::IsTerminal(STDOUT_FILENO)) progress_.emplace();
  }

  Status Run() {
    ST_TRY_STATUS(FindRanges());
    const auto print = [this](const client::KafkaRecord& record) { return Print(record); };
    for (std::int32_t p = 0; p < topic_.partitions; ++p) {
      const auto next = next_[static_cast<std::size_t>(p)];
      const auto end = ends_[static_cast<std::size_t>(p)];
      if (!Wants(p) || next >= end) continue;
      const auto read = consumer_.ReadRange({.partition = p, .from = next, .to = end}, print);
      FlushLines();
      ST_TRY_STATUS(read);
    }
    progress_.reset();
    if (!wanted_.options.follow || done_) return {};
    for (std::int32_t p = 0; p < topic_.partitions; ++p) {
      if (Wants(p)) ST_TRY_STATUS(consumer_.Start(p, next_[static_cast<std::size_t>(p)]));
    }
    while (!done_) {
      const auto polled = consumer_.Poll(kFollowWaitMs, print);
      FlushLines();
      ST_TRY_STATUS(polled);
    }
    return {};
  }

 private:
  bool Wants(std::int32_t p) const {
    return !done_ && (wanted_.options.partition < 0 || wanted_.options.partition == p);
  }

  // Finds out where to begin in each partition, and where it ends now.
  Status FindRanges() {
    ST_TRY(const auto starts, client_.StartOffsets(topic_));
    ST_TRY(ends_, client_.EndOffsets(topic_));
    std::vector<std::int64_t> at_time(ends_.size(), -1);
    if (wanted_.from.kind == ReadStart::Kind::kTime) {
      ST_TRY(at_time, client_.OffsetsAtTime(topic_, wanted_.from.value));
    }
    for (std::size_t p = 0; p < ends_.size(); ++p) {
      const PartitionOffsets offsets{
          .start = starts[p], .end = ends_[p], .at_time = at_time[p] < 0 ? ends_[p] : at_time[p]};
      next_.push_back(StartIn(offsets, wanted_.from));
      if (!Wants(static_cast<std::int32_t>(p))) continue;
      if (next_[p] > offsets.end) {
        std::fprintf(stderr, "--from %lld is beyond the end of partition %zu, which is %lld\n",
                     static_cast<long long>(next_[p]), p, static_cast<long long>(offsets.end));
      }
      if (next_[p] < offsets.start) {
        if (next_[p] > 0) {  // 0 is another word for the beginning
          std::fprintf(stderr, "--from %lld is before the start of partition %zu, which is %lld\n",
                       static_cast<long long>(next_[p]), p, static_cast<long long>(offsets.start));
        }
        next_[p] = offsets.start;
      }
      to_read_ += std::max<std::int64_t>(offsets.end - next_[p], 0);
    }
    const auto most = wanted_.options.max_records;
    if (most >= 0) to_read_ = std::min(to_read_, most);
    return {};
  }

  // Returns false if no more records are wanted.
  bool Print(const client::KafkaRecord& record) {
    next_[static_cast<std::size_t>(record.partition())] = record.offset() + 1;
    FormattedRecord formatted{.topic = topic_.name,
                              .partition = record.partition(),
                              .offset = record.offset(),
                              .timestamp_ms = record.timestamp_ms(),
                              .key = record.key(),
                              .value = record.value(),
                              .headers = {}};
    if (has_headers_) formatted.headers = record.Headers();
    wanted_.format.Append(lines_, formatted);
    if (lines_.size() >= kLinesBytes) WriteLines();
    ++printed_;
    done_ = done_ || printed_ == wanted_.options.max_records;
    return !done_;
  }

  void WriteLines() {
    std::fwrite(lines_.data(), 1, lines_.size(), stdout);
    lines_.clear();
    done_ = done_ || std::ferror(stdout) != 0;
    if (!progress_) return;
    progress_->Show(fmt::format("{}: {} of {}, {}", topic_.name, printed_,
                                Counted(to_read_, "record"), Percent(printed_, to_read_)));
  }

  void FlushLines() {
    WriteLines();
    std::fflush(stdout);
    done_ = done_ || std::ferror(stdout) != 0;  // nobody gets what would be read
  }

  KafkaClient& client_;
  const KafkaTopic& topic_;
  const Wanted wanted_;
  const bool has_headers_;
  client::KafkaConsumer consumer_;
  std::vector<std::int64_t> next_;    // next offset of each partition
  std::vector<std::int64_t> ends_;    // of each partition, as it was at the start
  std::int64_t to_read_ = 0;          // records up to the ends
  std::optional<Progress> progress_;  // nullopt: the records are shown, or the ends are reached
  std::string lines_;                 // that stdout does not have yet
  std::int64_t printed_ = 0;
  bool done_ = false;
};

}  // namespace

int ConsumeTopic(const app::Config& config, const ConsumeOptions& options) {
  const auto from = ParseReadStart(options.from);
  if (!from) return RefuseUsage(from.error());
  auto format = FormatOf(options);
  if (!format) return RefuseUsage(format.error());
  auto client = ConnectKafka(config, options.follow ? KafkaUse::kFollowing : KafkaUse::kReading);
  if (!client) return ExitForServer(client.error());
  const auto topic = FindTopic(config, *client, options.topic);
  if (!topic) return ExitFor(topic.error());
  if (auto known = CheckPartition(*topic, options.partition); !known) return ExitFor(known.error());
  if (options.max_records == 0) return 0;
  const auto done =
      Consumer(*client, *topic, {.options = options, .from = *from, .format = *std::move(format)})
          .Run();
  return done ? 0 : ExitFor(done.error());
}

}  // namespace st::cli
