// Hostile bytes as every request that is understood, in every version, and as what it carries.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "format/kafka/create_topics.h"
#include "format/kafka/describe_configs.h"
#include "format/kafka/fetch.h"
#include "format/kafka/init_producer_id.h"
#include "format/kafka/list_offsets.h"
#include "format/kafka/metadata.h"
#include "format/kafka/produce.h"
#include "format/kafka/request_header.h"
#include "format/record/record_batch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  auto header = st::kafka::DecodeHeader(bytes);
  if (!header) return 0;
  for (std::int16_t version = 0; version <= 11; ++version) {
    header->version = version;
    if (const auto produce = st::kafka::DecodeProduce(*header)) {
      std::string scratch;
      for (const auto& topic : produce->topics) {
        for (const auto& part : topic.partitions) {
          st::Ignore(st::record::CheckBatch(part.records), "must not crash");
          st::Ignore(st::record::CheckRecords(part.records, 1 << 20, scratch), "must not crash");
        }
      }
    }
    static_cast<void>(st::kafka::DecodeFetch(*header));
    static_cast<void>(st::kafka::DecodeListOffsets(*header));
    static_cast<void>(st::kafka::DecodeMetadata(*header));
    static_cast<void>(st::kafka::DecodeInitProducerId(*header));
    static_cast<void>(st::kafka::DecodeCreateTopics(*header));
    static_cast<void>(st::kafka::DecodeDescribeConfigs(*header));
  }
  return 0;
}
