#!/usr/bin/env python3
"""Writes requests and answers about topics, in every version, as kafka-python encodes them.

    .deps/venv/bin/python tests/clients/encode_topics.py

The tests of src/format/kafka decode topic_requests.txt and encode topic_answers.txt.
"""
import pathlib

from kafka.protocol import admin

FORMAT = pathlib.Path(__file__).resolve().parent.parent.parent / "src/format/kafka"
CLIENT = "kafka-python-3.0.12"


def requests():
    """(name, versions, fields of a version, meaning in a version)"""
    grown = admin.CreatePartitionsRequest.CreatePartitionsTopic
    to = grown.CreatePartitionsAssignment
    yield ("CreatePartitions", range(4), lambda v: dict(timeout_ms=9, validate_only=True, topics=[
        grown(name="t", count=3, assignments=[to(broker_ids=[1]), to(broker_ids=[1, 2])]),
        grown(name="u", count=4, assignments=None)]), lambda v: "dry=1 t:3[1][1,2] u:4")


def answers():
    """(name, versions, fields of a version)"""
    grown = admin.CreatePartitionsResponse.CreatePartitionsTopicResult
    yield ("CreatePartitions", range(4), lambda v: dict(results=[
        grown(name="t", error_code=0, error_message=None), grown(name="u", error_code=37, error_message="no")]))


def main():
    rows = []
    for name, versions, fields, meaning in requests():
        for version in versions:
            request = getattr(admin, f"{name}Request")(**fields(version))
            request.with_header(correlation_id=7, client_id="c")
            frame = request.encode(version=version, header=True)
            rows.append(f"{CLIENT} {request.API_KEY} {version} | {meaning(version)} | {frame.hex()}")
    head = "# client key version | meaning | frame; made by tests/clients/encode_topics.py\n"
    (FORMAT / "topic_requests.txt").write_text(head + "\n".join(rows) + "\n")
    rows = []
    for name, versions, fields in answers():
        for version in versions:
            answer = getattr(admin, f"{name}Response")(throttle_time_ms=0, **fields(version))
            rows.append(f"{CLIENT} {answer.API_KEY} {version} | - | {answer.encode(version=version).hex()}")
    head = "# client key version | - | answer behind its header; made by tests/clients/encode_topics.py\n"
    (FORMAT / "topic_answers.txt").write_text(head + "\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
