"""The settings of the broker and the operations of a client, compared with Apache Kafka's answers; librdkafka's and
kafka-python's view of both."""
import json
import shutil

import pytest
from confluent_kafka import TopicCollection
from confluent_kafka.admin import AclOperation, AdminClient, ConfigResource, ResourceType
from kafka.admin import ConfigResource as PythonResource
from kafka.admin import KafkaAdminClient

import broker_questions
import encode_broker
from conftest import DEADLINE_S, ROOT, Server

RECORDED = json.loads(encode_broker.RECORDED.read_text())
BROKERS_OWN, DEFAULT = 4, 5
GROUP_DELAY = "group.initial.rebalance.delay.ms"


def make(server, name):
    assert server.run("topic", "create", name).returncode == 0


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("broker")
    shutil.copytree(ROOT / "examples/w205", folder, dirs_exist_ok=True)
    server = Server(folder)
    server.settings |= {"group.initial_rebalance_delay_ms": "17", "kafka.num_partitions": "3",
                        "kafka.io_threads": "5"}
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def answered(running):
    return broker_questions.ask(running.endpoints["kafka"], lambda name: make(running, name))


def own_of(server):
    """The values that this server does not share with Kafka's defaults."""
    address = server.endpoints["kafka"].rsplit(":", 1)[0]
    return {"broker.id": "1", "fetch.max.bytes": str(16 << 20), "group.consumer.max.size": "1000",
            "group.coordinator.rebalance.protocols": "classic,consumer", GROUP_DELAY: "17", "group.max.size": "1000",
            "group.min.session.timeout.ms": "1000", "listeners": f"PLAINTEXT://{address}:0",
            "log.cleaner.enable": "false", "log.dirs": str(server.data / "log"), "log.retention.ms": "-1",
            "node.id": "1", "num.network.threads": "5", "num.partitions": "3", "process.roles": "broker"}


def as_here(config, own):
    """Kafka's setting without what its recorder set, and with ours."""
    source, value = encode_broker.default_of(config)
    synonyms = [one for one in config["synonyms"] if one["source"] != BROKERS_OWN]
    told = config | {"value": value, "config_source": source, "synonyms": synonyms}
    if config["name"] not in own:
        return told
    ours = {"name": config["name"], "value": own[config["name"]], "source": BROKERS_OWN}
    return told | {"value": ours["value"], "config_source": BROKERS_OWN, "read_only": True,
                   "synonyms": [ours, *synonyms]}


def test_every_setting_is_told_as_kafka_tells_it(running, answered):
    own = own_of(running)
    ours, kafkas = (encode_broker.recorded_settings(one) for one in (answered, RECORDED))
    assert [config["name"] for config in ours] == [config["name"] for config in kafkas] and len(ours) > 300
    for config, kafka in zip(ours, kafkas):
        assert config == as_here(kafka, own), kafka["name"]
    assert own.keys() <= {config["name"] for config in ours}


def test_some_settings_are_told_in_every_version(running, answered):
    assert len(answered["some"]) == len(RECORDED["some"])
    for (title, version, our), (asked, of, kafka) in zip(answered["some"], RECORDED["some"]):
        assert (title, version) == (asked, of)
        for result in kafka["results"]:
            for config in result["configs"]:
                if config["name"] == "num.partitions":
                    told = {"name": "num.partitions", "value": "3", "source": BROKERS_OWN}
                    config |= {"value": "3", "config_source": BROKERS_OWN,
                               "synonyms": [told, *config["synonyms"]] if config["synonyms"] else []}
        assert our == kafka, (title, version)


def test_operations_are_told_as_kafka_tells_them(answered):
    assert answered["operations"] == RECORDED["operations"]
    assert any(cluster for _, _, (cluster, _) in answered["operations"])


def test_the_table_of_settings_is_what_kafka_told():
    """python3 tests/clients/encode_broker.py writes it."""
    assert encode_broker.OUT.read_text() == encode_broker.encoded(RECORDED)


def test_librdkafka_is_told_of_all_settings_and_operations(running):
    admin = AdminClient({"bootstrap.servers": running.endpoints["kafka"]})
    resource = ConfigResource(ResourceType.BROKER, "1")
    settings = admin.describe_configs([resource])[resource].result(DEADLINE_S)
    assert len(settings) > 300
    assert (settings["num.partitions"].value, settings["num.partitions"].is_read_only) == ("3", True)
    assert settings["ssl.key.password"].is_sensitive and settings["ssl.key.password"].value is None
    assert settings[GROUP_DELAY].value == "17"
    cluster = admin.describe_cluster(include_authorized_operations=True).result(DEADLINE_S)
    assert {AclOperation.CREATE, AclOperation.ALTER, AclOperation.DESCRIBE, AclOperation.CLUSTER_ACTION,
            AclOperation.DESCRIBE_CONFIGS, AclOperation.ALTER_CONFIGS, AclOperation.IDEMPOTENT_WRITE
            } == set(cluster.authorized_operations)
    assert not admin.describe_cluster().result(DEADLINE_S).authorized_operations
    make(running, "operations")
    topic = admin.describe_topics(TopicCollection(["operations"]), include_authorized_operations=True)["operations"]
    assert {AclOperation.READ, AclOperation.WRITE, AclOperation.DELETE} < set(
        topic.result(DEADLINE_S).authorized_operations)


def test_kafka_python_is_told_of_all_settings(running):
    admin = KafkaAdminClient(bootstrap_servers=running.endpoints["kafka"])
    told = repr(admin.describe_configs([PythonResource("BROKER", "1")], config_filter="all"))
    assert "num.partitions" in told and "log.cleaner.threads" in told
    admin.close()
