// The files with which `spark-pipelines` of Spark 4.1 runs a project's pipelines. Pure.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace st::cli {

struct SparkProject {
  std::string folder;  // absolute, of the files
  std::string kafka;   // "127.0.0.1:9092"
  std::set<std::string> topics;
  std::vector<std::string> files;  // with SQL, by their paths in the folder
};

// The folder of the catalog's namespace, in the project's.
inline constexpr std::string_view kSparkNamespace = "spark-warehouse/default";

// The shell's command; `verb` is run or dry-run.
std::string SparkCommand(std::string_view verb);
std::string SparkPipelineYml(const SparkProject& project);
// A view for each topic, with the columns of Spark's Kafka source.
std::string SparkSourcesPy(const SparkProject& project);

}  // namespace st::cli
