"""The game API as people write it with Flask: each route sends an event to Kafka and answers.

The broker is named by KAFKA_BROKER, by default localhost:9092. Sending does not wait for the
broker, as usual: what is acknowledged here may still be lost.
"""
import json
import os

from flask import Flask, request
from kafka import KafkaProducer

app = Flask(__name__)
producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BROKER", "localhost:9092"))


def log_to_kafka(topic, event):
    event.update(request.headers)
    producer.send(topic, json.dumps(event).encode())


@app.route("/")
def default_response():
    log_to_kafka("events", {"event_type": "default"})
    return "This is the default response!\n"


@app.route("/purchase_a_sword")
def purchase_a_sword():
    log_to_kafka("events", {"event_type": "purchase_sword"})
    return "Sword Purchased!\n"


@app.route("/join_a_guild")
def join_a_guild():
    log_to_kafka("events", {"event_type": "join_guild"})
    return "Joined a guild!\n"
