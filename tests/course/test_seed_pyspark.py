"""The seed's PySpark part: read the topic, parse each value as JSON, show the frame."""
import json
import subprocess

from conftest import DEADLINE_S

# The seed's "should see" block of the log, after its curl lines.
SHOULD_SEE = [
    *3 * [{"Host": "localhost:5000", "event_type": "default", "Accept": "*/*",
           "User-Agent": "curl/7.47.0"}],
    *4 * [{"Host": "localhost:5000", "event_type": "purchase_sword", "Accept": "*/*",
           "User-Agent": "curl/7.47.0"}],
]
# The same as Spark shows it: columns by name, cells to the right.
SHOULD_SHOW = """\
+------+--------------+-----------+--------------+
|Accept|          Host| User-Agent|    event_type|
+------+--------------+-----------+--------------+
|   */*|localhost:5000|curl/7.47.0|       default|
|   */*|localhost:5000|curl/7.47.0|       default|
|   */*|localhost:5000|curl/7.47.0|       default|
|   */*|localhost:5000|curl/7.47.0|purchase_sword|
|   */*|localhost:5000|curl/7.47.0|purchase_sword|
|   */*|localhost:5000|curl/7.47.0|purchase_sword|
|   */*|localhost:5000|curl/7.47.0|purchase_sword|
+------+--------------+-----------+--------------+

"""


def play(server):
    """The seed's curl lines, as its curl sent them."""
    server.run("topic", "create", "events", "--partitions", "1", "--replication-factor", "1",
               "--if-not-exists")
    for path in ["/"] * 3 + ["/purchase_a_sword"] * 4:
        subprocess.run(["curl", "-sS", "-A", "curl/7.47.0", "-H", "Host: localhost:5000",
                        f"http://{server.endpoints['http']}{path}"], check=True,
                       capture_output=True, timeout=DEADLINE_S)


def read(server, spark):
    raw_events = spark \
        .read \
        .format("kafka") \
        .option("kafka.bootstrap.servers", server.endpoints["kafka"]) \
        .option("subscribe", "events") \
        .option("startingOffsets", "earliest") \
        .option("endingOffsets", "latest") \
        .load()
    raw_events.cache()
    events = raw_events.select(raw_events.value.cast("string"))
    return events.rdd.map(lambda x: json.loads(x.value)).toDF()


def test_the_seeds_pyspark_session_shows_its_events(server, spark, capsys):
    play(server)
    extracted_events = read(server, spark)
    capsys.readouterr()
    extracted_events.show()
    assert capsys.readouterr().out == SHOULD_SHOW
    assert [row.asDict() for row in extracted_events.collect()] == SHOULD_SEE
