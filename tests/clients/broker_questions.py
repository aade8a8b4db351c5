"""What a broker tells of its settings, and of the operations that its client may do: asked of Kafka by
record_kafka.py, of us by a test. kafka-python's schemas speak the protocol.
"""
from kafka.protocol import admin, metadata

from group_questions import Member

BROKER, TOPIC, LOGGER = 4, 2, 8
FEW = ["num.partitions", "log.cleaner.threads", "ssl.key.password", "no.such.key"]
KNOWN = "described"
# The texts that explain settings are Kafka's own: they are no facts to tell, and are not kept.
LEFT_OUT = ("throttle_time_ms", "brokers", "cluster_id", "topic_id", "documentation")


def plain(value):
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if not k.startswith("_") and k not in LEFT_OUT}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return sorted(value) if isinstance(value, (set, frozenset)) else value


class Asker:
    def __init__(self, address):
        self.member, self.said = Member(address, "asker"), []

    def describe(self, title, versions, name, keys=None, kind=BROKER, synonyms=True, documentation=True):
        one = admin.DescribeConfigsRequest.DescribeConfigsResource
        for version in versions:
            answer = plain(self.member.call("DescribeConfigs", version, include_synonyms=synonyms,
                                            include_documentation=documentation, resources=[
                                                one(resource_type=kind, resource_name=name, configuration_keys=keys)]
                                            ).to_dict())
            for result in answer["results"]:
                result["configs"].sort(key=lambda config: config["name"])
            self.said.append([title, version, answer])

    def operations(self, title, versions, names, cluster, topics):
        one = metadata.MetadataRequest.MetadataRequestTopic
        for version in versions:
            answer = plain(self.member.call(
                "Metadata", version, topics=[one(name=name) for name in names], allow_auto_topic_creation=False,
                include_cluster_authorized_operations=cluster, include_topic_authorized_operations=topics).to_dict())
            told = [[topic["name"], topic["error_code"], topic["authorized_operations"]]
                    for topic in answer["topics"]]
            self.said.append([title, version, [answer.get("authorized_operations"), sorted(told)]])


def settings(asker):
    asker.describe("all", [4], "1")


def some(asker):
    for synonyms in (False, True):
        for documentation in (False, True):
            asker.describe(f"synonyms {synonyms}, documentation {documentation}", range(1, 5), "1", FEW,
                           synonyms=synonyms, documentation=documentation)
    asker.describe("no keys", [1, 4], "1", ["no.such.key"])
    asker.describe("of no broker", [1, 4], "")
    for name in ("2", "x"):
        asker.describe(f"of broker {name}", [1, 4], name, FEW)


def operations(asker):
    for cluster in (False, True):
        for topics in (False, True):
            asker.operations(f"cluster {cluster}, topics {topics}", range(8, 11), [KNOWN, "nowhere"], cluster, topics)
    for topics in (False, True):
        asker.operations(f"topics {topics}", range(11, 14), [KNOWN, "nowhere"], False, topics)


TALKS = {"settings": settings, "some": some, "operations": operations}


def ask(address, make):
    make(KNOWN)
    answers = {}
    for title, talk in TALKS.items():
        asker = Asker(address)
        talk(asker)
        asker.member.close()
        answers[title] = asker.said
    return answers
