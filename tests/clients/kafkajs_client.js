// A program that uses kafkajs as programs do; tests/clients/test_kafkajs.py runs it.
//
//     NODE_PATH=.deps/node node tests/clients/kafkajs_client.js HOST:PORT
//
// Prints what it saw as one line of JSON.
const {Kafka, logLevel, CompressionTypes, ConfigResourceTypes} = require('kafkajs');

const RECORDS = 100;
const kafka = new Kafka({clientId: 'shop', brokers: [process.argv[2]], logLevel: logLevel.NOTHING});

// Runs a member of the group until `enough` is true of what it read; what it read since.
async function consume(group, topic, enough) {
  const consumer = kafka.consumer({groupId: group, maxWaitTimeInMs: 100});
  const read = [];
  await consumer.connect();
  await consumer.subscribe({topics: [topic], fromBeginning: true});
  await new Promise((resolve, reject) => {
    consumer.on(consumer.events.CRASH, (event) => reject(event.payload.error));
    consumer.run({
      partitionsConsumedConcurrently: 2,
      eachMessage: async ({partition, message}) => {
        read.push([partition, Number(message.offset), message.key && message.key.toString(),
          message.value.toString(), String(message.headers.kind || '')]);
        if (enough(read)) resolve();
      },
    }).catch(reject);
  });
  await consumer.stop();  // commits what was read
  await consumer.disconnect();
  return read;
}

async function produce(topic, from, compression) {
  const producer = kafka.producer({idempotent: true, maxInFlightRequests: 1});
  await producer.connect();
  const messages = [];
  for (let i = from; i < from + RECORDS; ++i) {
    messages.push({key: `k${i % 7}`, value: `v${i}`, headers: {kind: 'test'}});
  }
  const sent = await producer.send({topic, messages, compression});
  await producer.disconnect();
  return sent.map((one) => one.errorCode);
}

async function main() {
  const saw = {};
  const admin = kafka.admin();
  await admin.connect();
  const topic = 'javascript';
  saw.created = await admin.createTopics({topics: [{topic, numPartitions: 2,
    configEntries: [{name: 'max.message.bytes', value: '50000'}]}]});
  saw.again = await admin.createTopics({topics: [{topic}]});
  saw.topics = (await admin.listTopics()).filter((name) => name === topic);
  saw.sent = [await produce(topic, 0, CompressionTypes.None), await produce(topic, RECORDS, CompressionTypes.GZIP)];
  saw.read = await consume('shop', topic, (read) => read.length === 2 * RECORDS);
  await produce(topic, 2 * RECORDS, CompressionTypes.None);
  saw.later = await consume('shop', topic, (read) => read.length === RECORDS);
  saw.offsets = (await admin.fetchOffsets({groupId: 'shop', topics: [topic]}))[0].partitions
      .map((one) => [one.partition, Number(one.offset)]).sort();
  saw.ends = (await admin.fetchTopicOffsets(topic)).map((one) => [one.partition, Number(one.high)]).sort();
  const described = await admin.describeConfigs({includeSynonyms: false,
    resources: [{type: ConfigResourceTypes.TOPIC, name: topic, configNames: ['max.message.bytes', 'cleanup.policy']}]});
  saw.settings = described.resources[0].configEntries.map((one) => [one.configName, one.configValue]).sort();
  await admin.createPartitions({topicPartitions: [{topic, count: 3}]});
  saw.partitions = (await admin.fetchTopicMetadata({topics: [topic]})).topics[0].partitions.length;
  saw.groups = (await admin.listGroups()).groups.filter((one) => one.groupId === 'shop');
  saw.state = (await admin.describeGroups(['shop'])).groups[0].state;
  await admin.resetOffsets({groupId: 'shop', topic, earliest: true});
  saw.reset = (await consume('shop', topic, (read) => read.length === 3 * RECORDS)).length;
  await admin.deleteGroups(['shop']);
  await admin.deleteTopics({topics: [topic]});
  saw.left = (await admin.listTopics()).filter((name) => name === topic);
  await admin.disconnect();
  console.log(JSON.stringify(saw));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
