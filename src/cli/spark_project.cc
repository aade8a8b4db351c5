#include "cli/spark_project.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/percent.h"

namespace st::cli {
namespace {

// Each is in Maven's registry: of the Kafka source no later one is. Spark and its Kafka source
// must have one version.
constexpr std::string_view kSpark = "4.1.1";
constexpr std::string_view kKafkaPackage = "org.apache.spark:spark-sql-kafka-0-10_2.13:4.1.1";
constexpr std::string_view kIcebergPackage =
    "org.apache.iceberg:iceberg-spark-runtime-4.1_2.13:1.11.0";

// In quotes, as JSON, YAML and Python take it.
std::string Quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string FileUri(const SparkProject& project, std::string_view name) {
  return "file://" + PercentEncodePath(project.folder) + "/" + std::string(name);
}

// The text behind the last slash of the folder.
std::string NameOf(const SparkProject& project) {
  const auto name = project.folder.substr(project.folder.rfind('/') + 1);
  return name.empty() ? "steelthread" : name;
}

}  // namespace

std::string SparkCommand(std::string_view verb) {
  return fmt::format("spark-pipelines --packages {},{} {}", kKafkaPackage, kIcebergPackage, verb);
}

std::string SparkPipelineYml(const SparkProject& project) {
  std::string text = fmt::format(
      R"(# Made by `steelthread generate spark`: Spark runs the project's pipelines with it.
# Once, with a JDK 17 or 21 at hand:
#   pip install 'pyspark[pipelines]=={}'
# Then, in this folder, with the server running:
#   {}
# dry-run in place of run checks the pipelines alone.
name: {}
storage: {}
catalog: lake
database: default
configuration:
  spark.sql.session.timeZone: UTC
  # Tables of Iceberg in a folder; the namespace is a folder in it, which must be there.
  spark.sql.catalog.lake: org.apache.iceberg.spark.SparkCatalog
  spark.sql.catalog.lake.type: hadoop
  spark.sql.catalog.lake.warehouse: {}
  # Rows find their columns by name, whatever the order of both.
  spark.sql.iceberg.check-ordering: "false"
libraries:
  - glob: {{include: spark_sources.py}}
)",
      kSpark, SparkCommand("run"), Quoted(NameOf(project)),
      Quoted(FileUri(project, "spark-checkpoints")), Quoted(FileUri(project, "spark-warehouse")));
  // Each by its name: a folder must hold nothing but SQL and Python.
  for (const auto& file : project.files) {
    text += fmt::format("  - glob: {{include: {}}}\n", Quoted(file));
  }
  return text;
}

std::string SparkSourcesPy(const SparkProject& project) {
  std::string text = fmt::format(
      R"(# Made by `steelthread generate spark`: the topics of the pipelines, as streams.
import os

from pyspark import pipelines as dp
from pyspark.sql import SparkSession

KAFKA = os.environ.get("STEELTHREAD_KAFKA", {})


def topic(name):
    return (SparkSession.active().readStream.format("kafka")
            .option("kafka.bootstrap.servers", KAFKA)
            .option("subscribe", name).option("startingOffsets", "earliest").load())
)",
      Quoted(project.kafka));
  std::size_t number = 0;
  for (const auto& name : project.topics) {
    text += fmt::format(R"(

@dp.temporary_view(name={})
def topic_{}():
    return topic({})
)",
                        Quoted(name), ++number, Quoted(name));
  }
  return text;
}

}  // namespace st::cli
