// Owners of librdkafka's objects. For the sources of this module alone: its other headers name
// librdkafka's types without their definitions.
#pragma once

#include <memory>

#include "client/rdkafka.h"

namespace st::client {

// Calls librdkafka's function `kDestroy` on the object that it owns.
template <auto kDestroy>
struct KafkaDeleter {
  template <typename T>
  void operator()(T* object) const {
    (RdKafka().*kDestroy)(object);
  }
};

template <typename T, auto kDestroy>
using KafkaOwned = std::unique_ptr<T, KafkaDeleter<kDestroy>>;

using KafkaConf = KafkaOwned<rd_kafka_conf_t, &RdKafkaFunctions::rd_kafka_conf_destroy>;
using KafkaMetadata =
    KafkaOwned<const rd_kafka_metadata_t, &RdKafkaFunctions::rd_kafka_metadata_destroy>;
using KafkaPartitions = KafkaOwned<rd_kafka_topic_partition_list_t,
                                   &RdKafkaFunctions::rd_kafka_topic_partition_list_destroy>;
using KafkaNewTopic = KafkaOwned<rd_kafka_NewTopic_t, &RdKafkaFunctions::rd_kafka_NewTopic_destroy>;
using KafkaAdminOptions =
    KafkaOwned<rd_kafka_AdminOptions_t, &RdKafkaFunctions::rd_kafka_AdminOptions_destroy>;
using KafkaQueue = KafkaOwned<rd_kafka_queue_t, &RdKafkaFunctions::rd_kafka_queue_destroy>;
using KafkaEvent = KafkaOwned<rd_kafka_event_t, &RdKafkaFunctions::rd_kafka_event_destroy>;

}  // namespace st::client
