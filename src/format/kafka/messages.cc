#include "format/kafka/messages.h"

#include <algorithm>
#include <functional>
#include <unordered_map>
#include <unordered_set>

#include "format/kafka/limits.h"
#include "format/kafka/wire.h"

namespace st::kafka {
namespace {

Writer Response(const RequestHeader& request) {
  Writer out;
  out.Int(request.correlation_id);
  return out;
}

// Reads an array of topics, each with an array of partitions; within kMaxRequestPartitions.
void ReadTopics(Reader& in, const std::function<void(std::string_view)>& topic,
                const std::function<void()>& partition) {
  std::int32_t left = kMaxRequestPartitions;
  for (auto n = in.ArrayLength(kMaxRequestPartitions); in.ok() && n > 0; --n) {
    topic(in.String());
    const auto partitions = in.ArrayLength(left);
    left -= std::max(partitions, 0);
    for (auto m = partitions; in.ok() && m > 0; --m) partition();
  }
}

// Of names that mostly are one view into the request.
bool IsSame(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.data() == b.data() || a == b);
}

// Writes parts grouped by topic, as they stand.
template <typename Part>
void WriteTopics(Writer& out, const std::vector<Part>& parts,
                 const std::function<void(const Part&)>& write) {
  std::vector<std::pair<std::size_t, std::size_t>> groups;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool is_same =
        !groups.empty() && IsSame(parts[groups.back().first].topic, parts[i].topic);
    if (!is_same) {
      groups.emplace_back(i, 0);
    }
    ++groups.back().second;
  }
  out.ArrayLength(groups);
  for (const auto& [first, count] : groups) {
    out.String(parts[first].topic).Int(static_cast<std::int32_t>(count));
    for (std::size_t i = first; i < first + count; ++i) write(parts[i]);
  }
}

std::int16_t Code(ErrorCode error) { return static_cast<std::int16_t>(error); }
// An error's text, null where there is none.
std::optional<std::string_view> OrNull(std::string_view text) {
  if (text.empty()) return std::nullopt;
  return text.substr(0, kMaxMessageBytes);
}

}  // namespace

const std::vector<ApiRange>& ApiRanges() {
  static const std::vector<ApiRange> ranges = {
      {ApiKey::kProduce, 0, 8, 3},         {ApiKey::kFetch, 4, 11, 4},
      {ApiKey::kListOffsets, 0, 5, 0},     {ApiKey::kMetadata, 0, 8, 0},
      {ApiKey::kFindCoordinator, 0, 2, 0}, {ApiKey::kApiVersions, 0, 4, 0},
      {ApiKey::kCreateTopics, 0, 4, 0},    {ApiKey::kInitProducerId, 0, 1, 0},
      {ApiKey::kDescribeConfigs, 0, 3, 0},
  };
  return ranges;
}

const ApiRange* FindApi(std::int16_t key) {
  for (const auto& range : ApiRanges()) {
    if (static_cast<std::int16_t>(range.key) == key) return &range;
  }
  return nullptr;
}

std::optional<RequestHeader> DecodeHeader(std::string_view frame) {
  Reader in(frame);
  RequestHeader header;
  header.key = in.Int<std::int16_t>();
  header.version = in.Int<std::int16_t>();
  header.correlation_id = in.Int<std::int32_t>();
  header.client_id = in.String();
  if (!in.ok()) return std::nullopt;
  header.body = frame.substr(frame.size() - in.left());
  return header;
}

bool IsProduce(std::string_view frame) {
  Reader in(frame);
  const auto key = in.Int<std::int16_t>();
  return in.ok() && key == static_cast<std::int16_t>(ApiKey::kProduce);
}

std::string EncodeApiVersions(const RequestHeader& request, bool unsupported) {
  const std::int16_t version = unsupported ? std::int16_t{0} : request.version;
  Writer out = Response(request);  // the header of this response is version 0 always
  out.Int(Code(unsupported ? ErrorCode::kUnsupportedVersion : ErrorCode::kNone));
  const bool flexible = version >= 3;
  const auto n = static_cast<std::int32_t>(ApiRanges().size());
  if (flexible) {
    out.Int(static_cast<std::int8_t>(n + 1));  // compact array; there are few
  } else {
    out.Int(n);
  }
  for (const auto& range : ApiRanges()) {
    out.Int(static_cast<std::int16_t>(range.key)).Int(range.min).Int(range.max);
    if (flexible) out.Int(std::int8_t{0});  // no tagged fields
  }
  if (version >= 1) out.Int(std::int32_t{0});  // throttle
  if (flexible) out.Int(std::int8_t{0});
  return out.Take();
}

std::optional<ProduceRequest> DecodeProduce(const RequestHeader& request) {
  Reader in(request.body);
  ProduceRequest produce;
  if (const auto id = in.NullableString()) produce.transactional_id = *id;
  produce.acks = in.Int<std::int16_t>();
  in.Int<std::int32_t>();  // timeout: a commit is never that slow without failing
  ReadTopics(
      in, [&](std::string_view name) { produce.topics.push_back({name, {}}); },
      [&] {
        const auto partition = in.Int<std::int32_t>();
        const auto records = in.NullableBytes().value_or(std::string_view());
        produce.topics.back().partitions.push_back({partition, records});
      });
  if (!in.ok()) return std::nullopt;
  return produce;
}

std::string EncodeProduce(const RequestHeader& request,
                          const std::vector<ProducedPartition>& parts) {
  Writer out = Response(request);
  WriteTopics<ProducedPartition>(out, parts, [&](const ProducedPartition& part) {
    out.Int(part.partition).Int(Code(part.error)).Int(part.base_offset);
    out.Int(std::int64_t{-1});  // log append time: the records keep the producer's
    if (request.version >= 5) out.Int(std::int64_t{0});  // log start
    if (request.version >= 8) out.Int(std::int32_t{0}).NullableString(OrNull(part.message));
  });
  out.Int(std::int32_t{0});  // throttle
  return out.Take();
}

std::optional<FetchRequest> DecodeFetch(const RequestHeader& request) {
  Reader in(request.body);
  FetchRequest fetch;
  in.Int<std::int32_t>();  // replica
  fetch.max_wait_ms = in.Int<std::int32_t>();
  fetch.min_bytes = in.Int<std::int32_t>();
  fetch.max_bytes = in.Int<std::int32_t>();
  in.Int<std::int8_t>();  // isolation: there are no transactions
  if (request.version >= 7) {
    in.Int<std::int32_t>();  // session id and epoch: every fetch is a full one
    in.Int<std::int32_t>();
  }
  std::string_view topic;
  ReadTopics(
      in, [&](std::string_view name) { topic = name; },
      [&] {
        FetchPartition part{.topic = topic, .partition = in.Int<std::int32_t>()};
        if (request.version >= 9) in.Int<std::int32_t>();  // leader epoch
        part.offset = in.Int<std::int64_t>();
        if (request.version >= 5) in.Int<std::int64_t>();  // follower's log start
        part.max_bytes = in.Int<std::int32_t>();
        fetch.partitions.push_back(part);
      });
  if (request.version >= 7) {  // what a session forgets: there is none
    ReadTopics(in, [](std::string_view) {}, [&] { in.Int<std::int32_t>(); });
  }
  if (request.version >= 11) in.String();  // rack
  if (!in.ok()) return std::nullopt;
  return fetch;
}

std::string EncodeFetch(const RequestHeader& request, const std::vector<FetchedPartition>& parts) {
  constexpr std::size_t kHeadBytes = 64;  // of the answer, or of a partition
  std::size_t bytes = kHeadBytes;
  for (const auto& part : parts) bytes += kHeadBytes + part.topic.size() + part.records.size();
  Writer out(bytes);
  out.Int(request.correlation_id);
  out.Int(std::int32_t{0});                                                 // throttle
  if (request.version >= 7) out.Int(std::int16_t{0}).Int(std::int32_t{0});  // no session
  WriteTopics<FetchedPartition>(out, parts, [&](const FetchedPartition& part) {
    out.Int(part.partition).Int(Code(part.error)).Int(part.high_watermark);
    out.Int(part.high_watermark);  // last stable offset
    if (request.version >= 5) out.Int(part.log_start);
    out.Int(std::int32_t{-1});                             // no aborted transactions
    if (request.version >= 11) out.Int(std::int32_t{-1});  // no preferred replica
    out.Bytes(part.records);
  });
  return out.Take();
}

std::optional<std::vector<ListedPartition>> DecodeListOffsets(const RequestHeader& request) {
  Reader in(request.body);
  std::vector<ListedPartition> parts;
  in.Int<std::int32_t>();                           // replica
  if (request.version >= 2) in.Int<std::int8_t>();  // isolation
  std::string_view topic;
  ReadTopics(
      in, [&](std::string_view name) { topic = name; },
      [&] {
        ListedPartition part{.topic = topic, .partition = in.Int<std::int32_t>()};
        if (request.version >= 4) in.Int<std::int32_t>();  // leader epoch
        part.timestamp = in.Int<std::int64_t>();
        if (request.version == 0) in.Int<std::int32_t>();  // how many offsets: one is answered
        parts.push_back(part);
      });
  if (!in.ok()) return std::nullopt;
  return parts;
}

std::string EncodeListOffsets(const RequestHeader& request,
                              const std::vector<ListedPartition>& parts) {
  Writer out = Response(request);
  if (request.version >= 2) out.Int(std::int32_t{0});  // throttle
  WriteTopics<ListedPartition>(out, parts, [&](const ListedPartition& part) {
    out.Int(part.partition).Int(Code(part.error));
    if (request.version == 0) {
      out.Int(std::int32_t{part.offset >= 0 ? 1 : 0});
      if (part.offset >= 0) out.Int(part.offset);
      return;
    }
    out.Int(part.found_timestamp).Int(part.offset);
    if (request.version >= 4) out.Int(std::int32_t{0});  // leader epoch
  });
  return out.Take();
}

std::optional<MetadataRequest> DecodeMetadata(const RequestHeader& request) {
  Reader in(request.body);
  MetadataRequest metadata;
  const auto n = in.ArrayLength(kMaxRequestNames);
  metadata.all_topics = n < 0 || (n == 0 && request.version == 0);
  std::unordered_set<std::string_view> seen;
  for (auto i = n; in.ok() && i > 0; --i) {
    const auto name = in.String();
    if (!seen.insert(name).second) continue;
    if (seen.size() > kMaxRequestTopics) in.Break();
    metadata.topics.push_back(name);
  }
  if (request.version >= 4) metadata.may_create = in.Bool();
  if (request.version >= 8) in.Int<std::int16_t>();  // whether to tell allowed operations: never
  if (!in.ok()) return std::nullopt;
  return metadata;
}

std::size_t MetadataBytes(const Metadata& metadata) {
  constexpr std::size_t kHeadBytes = 512;
  constexpr std::size_t kTopicBytes = 16;
  constexpr std::size_t kPartitionBytes = 38;
  std::size_t bytes = kHeadBytes + metadata.host.size() + metadata.cluster_id.size();
  for (const auto& topic : metadata.topics) {
    bytes += kTopicBytes + topic.name.size();
    bytes += kPartitionBytes * static_cast<std::size_t>(topic.partitions);
  }
  return bytes;
}

std::string EncodeMetadata(const RequestHeader& request, const Metadata& metadata) {
  constexpr std::int32_t kNode = 1;
  constexpr std::int32_t kNoOperations = INT32_MIN;
  Writer out(MetadataBytes(metadata));
  out.Int(request.correlation_id);
  const auto v = request.version;
  if (v >= 3) out.Int(std::int32_t{0});  // throttle
  out.Int(std::int32_t{1}).Int(kNode).String(metadata.host).Int(metadata.port);
  if (v >= 1) out.NullableString(std::nullopt);  // rack
  if (v >= 2) out.String(metadata.cluster_id);
  if (v >= 1) out.Int(kNode);  // controller
  out.ArrayLength(metadata.topics);
  for (const auto& topic : metadata.topics) {
    out.Int(Code(topic.error)).String(topic.name);
    if (v >= 1) out.Bool(false);  // internal
    out.Int(topic.partitions);
    for (std::int32_t p = 0; p < topic.partitions; ++p) {
      out.Int(std::int16_t{0}).Int(p).Int(kNode);
      if (v >= 7) out.Int(std::int32_t{0});                                 // leader epoch
      out.Int(std::int32_t{1}).Int(kNode).Int(std::int32_t{1}).Int(kNode);  // replicas, in sync
      if (v >= 5) out.Int(std::int32_t{0});                                 // offline
    }
    if (v >= 8) out.Int(kNoOperations);
  }
  if (v >= 8) out.Int(kNoOperations);
  return out.Take();
}

std::string EncodeFindCoordinator(const RequestHeader& request, ErrorCode error,
                                  std::string_view message) {
  Writer out = Response(request);
  if (request.version >= 1) out.Int(std::int32_t{0});
  out.Int(Code(error));
  if (request.version >= 1) out.NullableString(message);
  out.Int(std::int32_t{-1}).String("").Int(std::int32_t{-1});
  return out.Take();
}

std::optional<std::optional<std::string_view>> DecodeInitProducerId(const RequestHeader& request) {
  Reader in(request.body);
  const auto id = in.NullableString();
  in.Int<std::int32_t>();  // transaction timeout
  if (!in.ok()) return std::nullopt;
  return std::optional(id);
}

std::string EncodeInitProducerId(const RequestHeader& request, ErrorCode error,
                                 std::int64_t producer_id) {
  Writer out = Response(request);
  const bool ok = error == ErrorCode::kNone;
  out.Int(std::int32_t{0}).Int(Code(error)).Int(producer_id);
  out.Int(static_cast<std::int16_t>(ok ? 0 : -1));
  return out.Take();
}

std::optional<CreateTopicsRequest> DecodeCreateTopics(const RequestHeader& request) {
  Reader in(request.body);
  CreateTopicsRequest create;
  std::unordered_map<std::string_view, std::size_t> seen;
  for (auto n = in.ArrayLength(kMaxRequestNames); in.ok() && n > 0; --n) {
    NewTopic topic;
    topic.name = in.String();
    topic.partitions = in.Int<std::int32_t>();
    topic.replication = in.Int<std::int16_t>();
    for (auto m = in.ArrayLength(kMaxRequestPartitions); in.ok() && m > 0; --m) {
      topic.has_assignment = true;
      in.Int<std::int32_t>();
      for (auto k = in.ArrayLength(kMaxRequestPartitions); in.ok() && k > 0; --k) {
        in.Int<std::int32_t>();
      }
    }
    for (auto m = in.ArrayLength(kMaxRequestSettings); in.ok() && m > 0; --m) {
      const auto name = in.String();
      if (!topic.config) topic.config = name;
      in.NullableString();
    }
    const auto [first, is_new] = seen.emplace(topic.name, create.topics.size());
    if (is_new) {
      create.topics.push_back(topic);
    } else {
      create.topics[first->second].is_repeated = true;
    }
    if (seen.size() > kMaxRequestTopics) in.Break();
  }
  in.Int<std::int32_t>();  // timeout
  if (request.version >= 1) create.validate_only = in.Bool();
  if (!in.ok()) return std::nullopt;
  return create;
}

std::string EncodeCreateTopics(const RequestHeader& request,
                               const std::vector<CreatedTopic>& topics) {
  Writer out = Response(request);
  if (request.version >= 2) out.Int(std::int32_t{0});
  out.ArrayLength(topics);
  for (const auto& topic : topics) {
    out.String(topic.name).Int(Code(topic.error));
    if (request.version >= 1) out.NullableString(OrNull(topic.message));
  }
  return out.Take();
}

std::optional<std::vector<DescribedResource>> DecodeDescribeConfigs(const RequestHeader& request) {
  Reader in(request.body);
  std::vector<DescribedResource> resources;
  std::unordered_map<std::int8_t, std::unordered_set<std::string_view>> seen;  // by type
  std::int32_t left = kMaxRequestSettings;
  for (auto n = in.ArrayLength(kMaxRequestNames); in.ok() && n > 0; --n) {
    DescribedResource resource{.type = in.Int<std::int8_t>(), .name = in.String()};
    const auto keys = in.ArrayLength(left);
    left -= std::max(keys, 0);
    if (keys >= 0) resource.wanted.emplace();
    for (auto m = keys; in.ok() && m > 0; --m) resource.wanted->push_back(in.String());
    if (!seen[resource.type].insert(resource.name).second) continue;
    resources.push_back(std::move(resource));
    if (resources.size() > kMaxRequestTopics) in.Break();
  }
  if (request.version >= 1) in.Bool();  // synonyms: there are none
  if (request.version >= 3) in.Bool();  // documentation: there is none
  if (!in.ok()) return std::nullopt;
  return resources;
}

std::string EncodeDescribeConfigs(const RequestHeader& request,
                                  const std::vector<DescribedResource>& resources) {
  constexpr std::int8_t kDefaultSource = 5;
  constexpr std::int8_t kStringType = 2;
  constexpr std::int8_t kLongType = 5;
  Writer out = Response(request);
  out.Int(std::int32_t{0}).ArrayLength(resources);
  for (const auto& resource : resources) {
    out.Int(Code(resource.error)).NullableString(OrNull(resource.message));
    out.Int(resource.type).String(resource.name).ArrayLength(resource.settings);
    for (const auto& setting : resource.settings) {
      out.String(setting.name).String(setting.value).Bool(true);  // read only
      if (request.version == 0) {
        out.Bool(true).Bool(false);  // default, not secret
        continue;
      }
      out.Int(kDefaultSource).Bool(false).Int(std::int32_t{0});  // not secret, no synonyms
      if (request.version >= 3) {
        out.Int(setting.is_number ? kLongType : kStringType).NullableString(std::nullopt);
      }
    }
  }
  return out.Take();
}

std::optional<std::string> EncodeUnsupportedVersion(const RequestHeader& request) {
  if (request.key == static_cast<std::int16_t>(ApiKey::kApiVersions)) {
    return EncodeApiVersions(request, true);
  }
  return std::nullopt;
}

}  // namespace st::kafka
