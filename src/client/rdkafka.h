// librdkafka's functions, of the shared library that is loaded when a client is first made: the
// server and most commands need none of it, and it brings OpenSSL and SASL. For the sources of this
// module alone.
//
// Threads: safe from any thread.
#pragma once

#include <librdkafka/rdkafka.h>

#include "base/result.h"

namespace st::client {

#define ST_RDKAFKA_FUNCTIONS(USE)                \
  USE(rd_kafka_AdminOptions_destroy)             \
  USE(rd_kafka_AdminOptions_new)                 \
  USE(rd_kafka_AdminOptions_set_request_timeout) \
  USE(rd_kafka_CreateTopics)                     \
  USE(rd_kafka_CreateTopics_result_topics)       \
  USE(rd_kafka_NewTopic_destroy)                 \
  USE(rd_kafka_NewTopic_new)                     \
  USE(rd_kafka_NewTopic_set_config)              \
  USE(rd_kafka_conf_destroy)                     \
  USE(rd_kafka_conf_new)                         \
  USE(rd_kafka_conf_set)                         \
  USE(rd_kafka_conf_set_dr_msg_cb)               \
  USE(rd_kafka_conf_set_error_cb)                \
  USE(rd_kafka_conf_set_log_cb)                  \
  USE(rd_kafka_conf_set_opaque)                  \
  USE(rd_kafka_conf_set_resolve_cb)              \
  USE(rd_kafka_consume_batch_queue)              \
  USE(rd_kafka_consume_queue)                    \
  USE(rd_kafka_consume_start_queue)              \
  USE(rd_kafka_consume_stop)                     \
  USE(rd_kafka_destroy)                          \
  USE(rd_kafka_err2name)                         \
  USE(rd_kafka_err2str)                          \
  USE(rd_kafka_event_CreateTopics_result)        \
  USE(rd_kafka_event_destroy)                    \
  USE(rd_kafka_event_error)                      \
  USE(rd_kafka_flush)                            \
  USE(rd_kafka_header_get)                       \
  USE(rd_kafka_header_get_all)                   \
  USE(rd_kafka_last_error)                       \
  USE(rd_kafka_message_destroy)                  \
  USE(rd_kafka_message_headers)                  \
  USE(rd_kafka_message_timestamp)                \
  USE(rd_kafka_metadata)                         \
  USE(rd_kafka_metadata_destroy)                 \
  USE(rd_kafka_new)                              \
  USE(rd_kafka_offsets_for_times)                \
  USE(rd_kafka_poll)                             \
  USE(rd_kafka_produce)                          \
  USE(rd_kafka_purge)                            \
  USE(rd_kafka_queue_destroy)                    \
  USE(rd_kafka_queue_new)                        \
  USE(rd_kafka_queue_poll)                       \
  USE(rd_kafka_topic_destroy)                    \
  USE(rd_kafka_topic_new)                        \
  USE(rd_kafka_topic_partition_list_add)         \
  USE(rd_kafka_topic_partition_list_destroy)     \
  USE(rd_kafka_topic_partition_list_new)         \
  USE(rd_kafka_topic_result_error)               \
  USE(rd_kafka_topic_result_error_string)

// NOLINTBEGIN(readability-identifier-naming): librdkafka names them so
struct RdKafkaFunctions {
#define ST_RDKAFKA_MEMBER(NAME) decltype(&::NAME) NAME = nullptr;
  ST_RDKAFKA_FUNCTIONS(ST_RDKAFKA_MEMBER)
#undef ST_RDKAFKA_MEMBER
};
// NOLINTEND(readability-identifier-naming)

// Loads the library, where it is not loaded yet.
// Errors:  kIo it is not there, or lacks a function; with the package to install.
Status LoadRdKafka();
// Requires: LoadRdKafka() succeeded.
const RdKafkaFunctions& RdKafka();

}  // namespace st::client
