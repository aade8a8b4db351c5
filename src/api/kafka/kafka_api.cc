#include "api/kafka/kafka_api.h"

#include <algorithm>
#include <atomic>

#include "api/kafka/errors.h"
#include "api/kafka/fetcher.h"
#include "api/kafka/limits.h"
#include "api/kafka/request.h"
#include "base/text.h"
#include "format/kafka/messages.h"
#include "format/record/record_batch.h"
#include "log/limits.h"
#include "net/frames.h"

namespace st::api {
namespace {

namespace k = st::kafka;
using k::ErrorCode;

// Collects what several callbacks bring; the last one runs `done`.
template <typename Part>
struct Gather {
  std::vector<Part> parts;
  std::atomic<std::size_t> missing = 0;
  std::function<void(const std::vector<Part>&)> done;
  void Arrived() {
    if (missing.fetch_sub(1) == 1) done(parts);
  }
};

class Api final : public KafkaApi {
 public:
  Api(KafkaOptions options, log::Log& log) : options_(std::move(options)), log_(log) {}

  Status Open() {
    fetcher_ = std::make_unique<Fetcher>(log_, [this](std::int64_t delay_us, auto task) {
      server_->RunAfter(delay_us, std::move(task));
    });
    ST_TRY(server_, net::FrameServer::Start(
                        {.listen = options_.listen,
                         .name = "kafka",
                         .max_frame_bytes = kMaxRequestBytes,
                         .metrics = options_.metrics},
                        [this](net::FrameSession& session, std::string frame, auto responder) {
                          Handle(session, std::move(frame), std::move(responder));
                        }));
    return {};
  }
  const std::string& address() const override { return server_->address(); }
  void Stop(std::int64_t grace_us) override { server_->Stop(grace_us); }

 private:
  void Handle(net::FrameSession& session, std::string frame, Responder responder) {
    auto request = std::make_shared<Request>(Request{std::move(frame), {}});
    const auto header = k::DecodeHeader(request->frame);
    const k::ApiRange* api = header ? k::FindApi(header->key) : nullptr;
    if (api == nullptr) return responder->Close();  // as Kafka does for what it does not know
    request->header = *header;
    if (header->version > api->max || header->version < api->served_from) {
      const auto refusal = k::EncodeUnsupportedVersion(*header);
      return refusal ? responder->Send(*refusal) : responder->Close();
    }
    switch (api->key) {
      case k::ApiKey::kProduce:
        return Produce(request, responder);
      case k::ApiKey::kFetch:
        return fetcher_->Fetch(request, responder);
      case k::ApiKey::kListOffsets:
        return ListOffsets(*request, responder);
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

  // What the log does not look at, the records inside; the log says what else is wrong with a
  // batch.
  Status CheckContents(std::string_view batch) {
    const auto header = record::ParseHeader(batch);
    if (!header || header->total_bytes() != batch.size() || batch.size() > log::kMaxBatchBytes) {
      return {};
    }
    const Status contents = record::CheckRecords(batch, kMaxRecordBytes, scratch_);
    if (scratch_.capacity() > kKeptScratchBytes) std::string().swap(scratch_);
    if (!contents && !record::CheckBatch(batch)) return {};
    return contents;
  }

  void Produce(const std::shared_ptr<Request>& request, const Responder& responder) {
    const auto produce = k::DecodeProduce(request->header);
    if (!produce) return responder->Close();
    auto gather = std::make_shared<Gather<k::ProducedPartition>>();
    std::vector<std::string_view> records;
    for (const auto& topic : produce->topics) {
      for (const auto& part : topic.partitions) {
        gather->parts.push_back({.topic = topic.name, .partition = part.partition});
        records.push_back(part.records);
      }
    }
    gather->done = [request, responder,
                    quiet = produce->acks == 0](const std::vector<k::ProducedPartition>& parts) {
      const bool failed = std::ranges::any_of(
          parts, [](const auto& part) { return part.error != ErrorCode::kNone; });
      if (!quiet) return responder->Send(k::EncodeProduce(request->header, parts));
      failed ? responder->Close() : responder->SendNothing();
    };
    gather->missing = records.size() + 1;
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (const auto may = MayWrite(gather->parts[i].topic); !may) {
        gather->parts[i].error = ErrorCode::kTopicAuthorizationFailed;
        gather->parts[i].message = may.error().message();
        gather->Arrived();
        continue;
      }
      const auto tp = FindPartition(log_, gather->parts[i].topic, gather->parts[i].partition);
      if (!tp || produce->transactional_id) {
        gather->parts[i].error = tp ? ErrorCode::kTransactionalIdAuthorizationFailed
                                    : ErrorCode::kUnknownTopicOrPartition;
        gather->Arrived();
        continue;
      }
      if (const auto contents = CheckContents(records[i]); !contents) {
        const bool broken = contents.error().code() == st::ErrorCode::kCorruption;
        gather->parts[i].error = broken ? ErrorCode::kInvalidRecord : ErrorCode::kMessageTooLarge;
        gather->parts[i].message = contents.error().message();
        gather->Arrived();
        continue;
      }
      log_.Append(*tp, std::string(records[i]), {}, [gather, i](Result<log::AppendResult> result) {
        auto& part = gather->parts[i];
        if (result) {
          part.base_offset = result->base_offset.value();
        } else {
          part.error = KafkaErrorFor(result.error());
          part.message = result.error().message();
        }
        gather->Arrived();
      });
    }
    gather->Arrived();
  }

  void ListOffsets(const Request& request, const Responder& responder) {
    auto parts = k::DecodeListOffsets(request.header);
    if (!parts) return responder->Close();
    constexpr std::int64_t kLatest = -1;
    constexpr std::int64_t kEarliest = -2;
    for (auto& part : *parts) {
      const auto tp = FindPartition(log_, part.topic, part.partition);
      if (!tp) {
        part.error = ErrorCode::kUnknownTopicOrPartition;
      } else if (part.timestamp == kLatest) {
        part.offset = log_.EndOffset(*tp).value();
      } else if (part.timestamp == kEarliest) {
        part.offset = log_.StartOffset(*tp).value();
      } else if (const auto found = log_.OffsetForTime(*tp, part.timestamp)) {
        part.offset = found->first.value();
        part.found_timestamp = found->second;
      }
    }
    responder->Send(k::EncodeListOffsets(request.header, *parts));
  }

  void Metadata(const net::FrameSession& session, const std::shared_ptr<Request>& request,
                const Responder& responder) {
    const auto wanted = k::DecodeMetadata(request->header);
    if (!wanted) return responder->Close();
    auto gather = std::make_shared<Gather<k::MetadataTopic>>();
    std::vector<std::string> names = wanted->topics;
    if (wanted->all_topics) {
      for (const auto& topic : log_.Topics()) names.push_back(topic.name);
    }
    const std::string& address = options_.advertise.empty() ? session.local : options_.advertise;
    gather->done = [this, request, responder,
                    address](const std::vector<k::MetadataTopic>& topics) {
      const auto colon = address.rfind(':');
      std::string host = address.substr(0, colon);
      if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
      responder->Send(k::EncodeMetadata(
          request->header,
          {host, static_cast<std::int32_t>(ParseInt64(address.substr(colon + 1)).value_or(0)),
           log_.id().ToString(), topics}));
    };
    gather->missing = names.size() + 1;
    for (const auto& name : names) gather->parts.push_back({.name = name});
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto take = [gather, i](const Result<log::TopicInfo>& topic) {
        if (topic) {
          gather->parts[i].partitions = topic->partitions;
        } else {
          const bool bad_name = topic.error().code() == st::ErrorCode::kInvalidArgument;
          gather->parts[i].error =
              bad_name ? ErrorCode::kInvalidTopic : KafkaErrorFor(topic.error());
        }
        gather->Arrived();
      };
      if (const auto topic = log_.FindTopic(names[i])) {
        take(*topic);
      } else if (!wanted->may_create) {
        take(Fail(st::ErrorCode::kNotFound, "no topic {}", names[i]));
      } else if (const Status may = MayCreate(names[i]); !may) {
        take(std::unexpected(may.error()));
      } else {
        log_.CreateTopicAsync(names[i], options_.num_partitions, {},
                              [this, take, name = names[i]](Result<log::TopicInfo> made) {
                                // Another connection may have been first.
                                const auto there = made ? std::nullopt : log_.FindTopic(name);
                                take(there ? Result<log::TopicInfo>(*there) : made);
                              });
      }
    }
    gather->Arrived();
  }

  Status MayCreate(const std::string& name) const {
    return options_.may_create_topic ? options_.may_create_topic(name) : Status{};
  }

  Status MayWrite(const std::string& name) const {
    return options_.may_write_topic ? options_.may_write_topic(name) : Status{};
  }

  k::CreatedTopic CheckNewTopic(const k::NewTopic& topic) const {
    if (const Status may = MayCreate(topic.name); !may) {
      return {topic.name, ErrorCode::kPolicyViolation, may.error().message()};
    }
    if (topic.has_assignment) {
      return {topic.name, ErrorCode::kInvalidReplicaAssignment,
              "replica assignment: there is one node"};
    }
    if (topic.replication != 1 && topic.replication != -1) {
      return {topic.name, ErrorCode::kInvalidReplicationFactor,
              fmt::format("replication factor {}: there is one node", topic.replication)};
    }
    for (const auto& [name, value] : topic.configs) {
      const bool retention = name.starts_with("retention.");
      return {topic.name, ErrorCode::kInvalidConfig,
              retention ? name + " is refused: this log keeps everything, nothing is deleted yet"
                        : name + " is no setting of a topic here"};
    }
    return {topic.name, ErrorCode::kNone, ""};
  }

  void CreateTopics(const std::shared_ptr<Request>& request, const Responder& responder) {
    const auto create = k::DecodeCreateTopics(request->header);
    if (!create) return responder->Close();
    auto gather = std::make_shared<Gather<k::CreatedTopic>>();
    gather->done = [request, responder](const std::vector<k::CreatedTopic>& topics) {
      responder->Send(k::EncodeCreateTopics(request->header, topics));
    };
    for (const auto& topic : create->topics) gather->parts.push_back(CheckNewTopic(topic));
    gather->missing = gather->parts.size() + 1;
    for (std::size_t i = 0; i < gather->parts.size(); ++i) {
      if (gather->parts[i].error != ErrorCode::kNone || create->validate_only) {
        gather->Arrived();
        continue;
      }
      const auto& topic = create->topics[i];
      const auto partitions = topic.partitions == -1 ? options_.num_partitions : topic.partitions;
      log_.CreateTopicAsync(topic.name, partitions, {}, [gather, i](Result<log::TopicInfo> made) {
        auto& part = gather->parts[i];
        if (!made) {
          const bool bad = made.error().code() == st::ErrorCode::kInvalidArgument;
          const bool count = made.error().message().find("partitions;") != std::string::npos;
          part.error = !bad    ? KafkaErrorFor(made.error())
                       : count ? ErrorCode::kInvalidPartitions
                               : ErrorCode::kInvalidTopic;
          part.message = made.error().message();
        }
        gather->Arrived();
      });
    }
    gather->Arrived();
  }

  void InitProducerId(const std::shared_ptr<Request>& request, const Responder& responder) {
    const auto transactional_id = k::DecodeInitProducerId(request->header);
    if (!transactional_id) return responder->Close();
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
    return {{"auto.create.topics.enable", "true"},
            {"default.replication.factor", "1", true},
            {"log.retention.ms", "-1", true},
            {"message.max.bytes", largest, true},
            {"num.partitions", std::to_string(options_.num_partitions), true}};
  }

  void DescribeConfigs(const Request& request, const Responder& responder) {
    auto resources = k::DecodeDescribeConfigs(request.header);
    if (!resources) return responder->Close();
    for (auto& resource : *resources) {
      const bool is_topic = resource.type == k::kTopicResource;
      if (is_topic && !log_.FindTopic(resource.name)) {
        resource.error = ErrorCode::kUnknownTopicOrPartition;
        resource.message = fmt::format("no topic {}", resource.name);
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
  std::string scratch_;  // io thread only
  std::unique_ptr<Fetcher> fetcher_;
  std::unique_ptr<net::FrameServer> server_;
};

}  // namespace

Result<std::unique_ptr<KafkaApi>> KafkaApi::Start(KafkaOptions options, log::Log& log) {
  auto api = std::make_unique<Api>(std::move(options), log);
  ST_TRY_STATUS(api->Open());
  return api;
}

}  // namespace st::api
