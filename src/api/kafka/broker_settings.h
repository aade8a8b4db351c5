// The settings of a broker as Kafka names them, for administrators: all keys that a broker of
// Apache Kafka 4.1 has, with what holds here.
//
// A key whose meaning this server has tells this server's value. Every other key tells Kafka's
// default, although it changes nothing here: clients and tools look for keys that they know.
//
// Threads: pure functions.
// Source:  what Apache Kafka 4.1.1 answers (tests/clients/kafka_broker_answers.json).
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "format/kafka/describe_configs.h"

namespace st::api {

// Values of this server, by Kafka's key.
using OwnSettings = std::map<std::string, std::string, std::less<>>;

// All settings, by name. Where a value of ours is not Kafka's default, the broker has set it, and
// clients cannot. Requires: each key of `own` is one of Kafka's.
std::vector<kafka::DescribedSetting> DescribeBroker(const OwnSettings& own);
// Those of them that are set for all brokers of the cluster.
std::vector<kafka::DescribedSetting> SettingsOfEveryBroker(
    const std::vector<kafka::DescribedSetting>& of_broker);

// The lines of broker_settings.txt; tests/clients/encode_broker.py says what a line has.
std::string_view BrokerSettingsText();

}  // namespace st::api
