#include "api/kafka/kafka_api.h"

#include <algorithm>
#include <set>

#include "api/kafka/errors.h"
#include "api/kafka/fetcher.h"
#include "api/kafka/lane.h"
#include "api/kafka/limits.h"
#include "api/kafka/producing.h"
#include "api/kafka/request.h"
#include "api/kafka/topic_maker.h"
#include "base/text.h"
#include "format/kafka/messages.h"
#include "log/limits.h"
#include "net/address.h"
#include "net/frames.h"

namespace st::api {
namespace {

namespace k = st::kafka;
using k::ErrorCode;

class Api final : public KafkaApi {
 public:
  Api(KafkaOptions options, log::Log& log, os::Clock& clock)
      : options_(std::move(options)),
        log_(log),
        clock_(clock),
        topics_(log, clock,
                {.num_partitions = options_.num_partitions,
                 .auto_create = options_.auto_create_topics,
                 .may_create = options_.may_create_topic,
                 .metrics = options_.metrics}),
        producing_(log, options_.may_write_topic) {
    if (options_.metrics == nullptr) return;
    refused_ = &options_.metrics->Counter(
        "steelthread_kafka_refused_total",
        "Requests that closed their connection: over a limit, or not understood.");
  }

  Status Open() {
    fetcher_ = std::make_unique<Fetcher>(log_, clock_, [this](std::int64_t delay_us, auto task) {
      server_->RunAfter(delay_us, std::move(task));
    });
    ST_TRY(server_, net::FrameServer::Start(
                        {.listen = options_.listen,
                         .name = "kafka",
                         .max_frame_bytes = kMaxRequestBytes,
                         .is_pipelined = k::IsProduce,
                         .budgets = options_.budgets,
                         .metrics = options_.metrics},
                        [this](net::FrameSession& session, std::string frame, auto responder) {
                          Handle(session, std::move(frame), std::move(responder));
                        }));
    return {};
  }
  const std::string& address() const override { return server_->address(); }
  void Stop(std::int64_t grace_us) override {
    server_->Stop(grace_us);
    producing_.Stop();
    look_ups_.Stop();
  }

 private:
  // As Kafka does with what it does not take.
  void Refuse(const Responder& responder) {
    if (refused_ != nullptr) refused_->Add();
    responder->Close();
  }

  void Handle(net::FrameSession& session, std::string frame, const Responder& responder) {
    auto request =
        std::make_shared<Request>(Request{std::move(frame), {}, net::ClientOf(session.peer)});
    const auto header = k::DecodeHeader(request->frame);
    const k::ApiRange* api = header ? k::FindApi(header->key) : nullptr;
    if (api == nullptr) return Refuse(responder);
    if (api->key != k::ApiKey::kProduce && request->frame.size() > kMaxPlainRequestBytes) {
      return Refuse(responder);
    }
    request->header = *header;
    if (header->version > api->max || header->version < api->served_from) {
      const auto refusal = k::EncodeUnsupportedVersion(*header);
      return refusal ? responder->Send(*refusal) : responder->Close();
    }
    switch (api->key) {
      case k::ApiKey::kProduce:
        return producing_.Produce(request, responder);
      case k::ApiKey::kFetch:
        return fetcher_->Fetch(request, responder);
      case k::ApiKey::kListOffsets:
        return ListOffsets(request, responder);
      case k::ApiKey::kMetadata:
        return Metadata(session, request, responder);
      case k::ApiKey::kFindCoordinator:
        return responder->Send(k::EncodeFindCoordinator(
            *header, ErrorCode::kGroupAuthorizationFailed,
            "consumer groups are not offered by this server: assign partitions instead"));
      case k::ApiKey::kApiVersions:
        return responder->Send(k::EncodeApiVersions(*header, false));
      case k::ApiKey::kCreateTopics:
        return CreateTopics(request, responder);
      case k::ApiKey::kInitProducerId:
        return InitProducerId(request, responder);
      case k::ApiKey::kDescribeConfigs:
        return DescribeConfigs(*request, responder);
    }
  }

  // A request for offsets; those by time are looked up in a lane, since records are read for them.
  struct Listing {
    std::shared_ptr<Request> request;
    Responder responder;
    std::vector<k::ListedPartition> parts;
    std::vector<std::pair<std::size_t, TopicPartition>> by_time;
    std::size_t next = 0;
  };

  void ListOffsets(const std::shared_ptr<Request>& request, const Responder& responder) {
    auto parts = k::DecodeListOffsets(request->header);
    if (!parts) return Refuse(responder);
    constexpr std::int64_t kLatest = -1;
    constexpr std::int64_t kEarliest = -2;
    auto listing = std::make_shared<Listing>(
        Listing{.request = request, .responder = responder, .parts = std::move(*parts)});
    PartitionFinder finder(log_);
    std::set<TopicPartition> seen;
    for (std::size_t i = 0; i < listing->parts.size(); ++i) {
      auto& part = listing->parts[i];
      const auto tp = finder.Find(part.topic, part.partition);
      if (!tp) {
        part.error = ErrorCode::kUnknownTopicOrPartition;
      } else if (!seen.insert(*tp).second) {
        part.error = ErrorCode::kInvalidRequest;  // as Kafka: named more than once
      } else if (part.timestamp == kLatest) {
        part.offset = log_.EndOffset(*tp).value();
      } else if (part.timestamp == kEarliest) {
        part.offset = log_.StartOffset(*tp).value();
      } else {
        listing->by_time.emplace_back(i, *tp);
      }
    }
    LookUp(listing);
  }

  void LookUp(const std::shared_ptr<Listing>& listing) {
    if (listing->next == listing->by_time.size()) {
      return listing->responder->Send(
          k::EncodeListOffsets(listing->request->header, listing->parts));
    }
    look_ups_.Submit(listing->request->client, [this, listing] {
      const std::int64_t began_us = clock_.MonotonicUs();
      while (listing->next < listing->by_time.size()) {
        const auto& [at, tp] = listing->by_time[listing->next++];
        auto& part = listing->parts[at];
        if (const auto found = log_.OffsetForTime(tp, part.timestamp)) {
          part.offset = found->first.value();
          part.found_timestamp = found->second;
        }
        if (clock_.MonotonicUs() - began_us > kLookUpSliceUs) break;
      }
      LookUp(listing);
    });
  }

  void Metadata(const net::FrameSession& session, const std::shared_ptr<Request>& request,
                const Responder& responder) {
    const auto wanted = k::DecodeMetadata(request->header);
    if (!wanted) return Refuse(responder);
    auto gather = std::make_shared<Gather<k::MetadataTopic>>();
    const auto all = std::make_shared<const std::vector<log::TopicInfo>>(
        wanted->all_topics ? log_.Topics() : std::vector<log::TopicInfo>());
    const std::string& address = options_.advertise.empty() ? session.local : options_.advertise;
    // `all` has the names that `topics` views.
    gather->done = [this, request, responder, all,
                    address](const std::vector<k::MetadataTopic>& topics) {
      const auto colon = address.rfind(':');
      std::string host = address.substr(0, colon);
      if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
      responder->Send(k::EncodeMetadata(
          request->header,
          {host, static_cast<std::int32_t>(ParseInt64(address.substr(colon + 1)).value_or(0)),
           log_.id().ToString(), topics}));
    };
    auto& parts = gather->parts;
    for (const auto& topic : *all) {
      parts.push_back({.name = topic.name, .partitions = topic.partitions});
    }
    std::vector<std::size_t> missing;
    for (const auto name : wanted->topics) {
      const bool is_possible = name.size() <= k::kMaxTopicNameBytes;
      const auto topic = is_possible ? log_.FindTopic(std::string(name)) : std::nullopt;
      if (!topic && wanted->may_create) missing.push_back(parts.size());
      parts.push_back({.error = topic ? ErrorCode::kNone : ErrorCode::kUnknownTopicOrPartition,
                       .name = name,
                       .partitions = topic ? topic->partitions : 0});
    }
    if (k::MetadataBytes({.host = address, .topics = parts}) > responder->Room()) {
      return Refuse(responder);
    }
    gather->missing = missing.size() + 1;
    for (const auto i : missing) {
      topics_.MakeByUse(request->client, parts[i].name, [gather, i](const TopicMaker::Made& made) {
        auto& part = gather->parts[i];
        part.error = made ? ErrorCode::kNone : made.error().error;
        part.partitions = made ? made->partitions : 0;
        gather->Arrived();
      });
    }
    gather->Arrived();
  }

  void CreateTopics(const std::shared_ptr<Request>& request, const Responder& responder) {
    const auto create = k::DecodeCreateTopics(request->header);
    if (!create) return Refuse(responder);
    auto gather = std::make_shared<Gather<k::CreatedTopic>>();
    gather->done = [request, responder](const std::vector<k::CreatedTopic>& topics) {
      responder->Send(k::EncodeCreateTopics(request->header, topics));
    };
    for (const auto& topic : create->topics) {
      gather->parts.push_back({.name = topic.name, .message = {}});
    }
    gather->missing = gather->parts.size() + 1;
    for (std::size_t i = 0; i < gather->parts.size(); ++i) {
      topics_.Make(request->client, create->topics[i], create->validate_only,
                   [gather, i](const TopicMaker::Made& made) {
                     auto& part = gather->parts[i];
                     if (!made) part.error = made.error().error;
                     if (!made) part.message = made.error().message;
                     gather->Arrived();
                   });
    }
    gather->Arrived();
  }

  void InitProducerId(const std::shared_ptr<Request>& request, const Responder& responder) {
    const auto transactional_id = k::DecodeInitProducerId(request->header);
    if (!transactional_id) return Refuse(responder);
    if (*transactional_id) {
      return responder->Send(k::EncodeInitProducerId(
          request->header, ErrorCode::kTransactionalIdAuthorizationFailed, -1));
    }
    responder->Send(
        k::EncodeInitProducerId(request->header, ErrorCode::kNone, log_.NewProducerId().value()));
  }

  // What is true of every topic, and of the one node.
  std::vector<k::DescribedSetting> SettingsOf(std::int8_t type) const {
    const auto largest = std::to_string(log::kMaxBatchBytes);
    if (type == k::kTopicResource) {
      return {{"cleanup.policy", "delete"},         {"compression.type", "producer"},
              {"max.message.bytes", largest, true}, {"message.timestamp.type", "CreateTime"},
              {"min.insync.replicas", "1", true},   {"retention.bytes", "-1", true},
              {"retention.ms", "-1", true}};
    }
    return {{"auto.create.topics.enable", options_.auto_create_topics ? "true" : "false"},
            {"default.replication.factor", "1", true},
            {"log.retention.ms", "-1", true},
            {"message.max.bytes", largest, true},
            {"num.partitions", std::to_string(options_.num_partitions), true}};
  }

  void DescribeConfigs(const Request& request, const Responder& responder) {
    auto resources = k::DecodeDescribeConfigs(request.header);
    if (!resources) return Refuse(responder);
    for (auto& resource : *resources) {
      const bool is_topic = resource.type == k::kTopicResource;
      const bool is_possible = resource.name.size() <= k::kMaxTopicNameBytes;
      if (is_topic && !(is_possible && log_.FindTopic(std::string(resource.name)))) {
        resource.error = ErrorCode::kUnknownTopicOrPartition;
        resource.message = "no such topic";
      } else if (!is_topic && (resource.type != k::kBrokerResource || resource.name != "1")) {
        resource.error = ErrorCode::kInvalidRequest;
        resource.message = "only topics and broker 1 have settings here";
      } else {
        resource.settings = SettingsOf(resource.type);
        std::erase_if(resource.settings, [&](const k::DescribedSetting& setting) {
          return resource.wanted && std::ranges::count(*resource.wanted, setting.name) == 0;
        });
      }
    }
    responder->Send(k::EncodeDescribeConfigs(request.header, *resources));
  }

  KafkaOptions options_;
  log::Log& log_;
  os::Clock& clock_;
  Metric* refused_ = nullptr;
  TopicMaker topics_;
  Producing producing_;
  Lane look_ups_{"kafka-look-up"};
  std::unique_ptr<Fetcher> fetcher_;
  std::unique_ptr<net::FrameServer> server_;
};

}  // namespace

Result<std::unique_ptr<KafkaApi>> KafkaApi::Start(KafkaOptions options, log::Log& log,
                                                  os::Clock& clock) {
  auto api = std::make_unique<Api>(std::move(options), log, clock);
  ST_TRY_STATUS(api->Open());
  return api;
}

}  // namespace st::api
