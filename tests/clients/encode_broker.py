#!/usr/bin/env python3
"""Writes src/api/kafka/broker_settings.txt from what Kafka tells of its broker (kafka_broker_answers.json).

    .deps/venv/bin/python tests/clients/encode_broker.py

A line a setting, by name, of fields that tabs separate: name, number of its type, 1 where clients cannot set it, 1 where
its value is secret, number of its default's source, default. A default of \\N is null. What record_kafka.py sets for
its broker is told with its default.
"""
import json
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RECORDED = ROOT / "tests/clients/kafka_broker_answers.json"
OUT = ROOT / "src/api/kafka/broker_settings.txt"
DEFAULT, DEFAULT_OF_BROKERS = 5, 3


def recorded_settings(recorded):
    """What Kafka tells of all of them."""
    (_, _, answer), = recorded["settings"]
    return answer["results"][0]["configs"]


def default_of(config):
    """(source, value) of what holds where nobody sets it; value None: null."""
    values = {synonym["source"]: synonym["value"] for synonym in config["synonyms"]}
    source = DEFAULT_OF_BROKERS if DEFAULT_OF_BROKERS in values else DEFAULT
    return source, values.get(source)


def line(config):
    source, value = default_of(config)
    fields = [config["name"], str(config["config_type"]), str(int(config["read_only"])), str(int(config["is_sensitive"])),
              str(source), "\\N" if value is None else value]
    assert not any("\t" in field or "\n" in field for field in fields), config["name"]
    return "\t".join(fields) + "\n"


def encoded(recorded):
    return "".join(line(config) for config in recorded_settings(recorded))


if __name__ == "__main__":
    OUT.write_text(encoded(json.loads(RECORDED.read_text())))
