#include "cli/generate_command.h"

#include <fmt/format.h>

#include <cstdio>
#include <utility>
#include <vector>

#include "app/project.h"
#include "cli/exit_code.h"
#include "cli/spark_project.h"
#include "os/file_system.h"
#include "os/paths.h"
#include "os/text_file.h"

namespace st::cli {
namespace {

constexpr std::string_view kPipelines = "pipelines";

// A file to write, by its path in the folder.
struct NewText {
  std::string path;
  std::string text;
};

Result<std::vector<NewText>> CopiesOfPipelines(os::FileSystem& fs, const std::string& project) {
  const auto folder = os::JoinPath(project, kPipelines);
  std::vector<NewText> copies;
  ST_TRY(const auto names, fs.List(folder));
  for (const auto& name : names) {
    if (!name.ends_with(".sql") || name.starts_with('.')) continue;
    ST_TRY(auto text, os::ReadTextFile(fs, os::JoinPath(folder, name)));
    copies.push_back({.path = os::JoinPath(kPipelines, name), .text = std::move(text)});
  }
  return copies;
}

Status Write(const app::Config& config, const GenerateOptions& options) {
  const auto fs = os::MakePosixFileSystem();
  ST_TRY(const auto project, app::LoadProject(*fs, config.project));
  if (project.pipelines.empty()) {
    return Fail(ErrorCode::kNotFound, "{} has no pipelines: there is no pipelines/*.sql",
                config.project);
  }
  ST_TRY(const auto from, os::CanonicalPath(config.project));
  ST_TRY(auto folder, os::CanonicalPath(options.to.empty() ? from : options.to));
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  ST_TRY(auto files, CopiesOfPipelines(*fs, from));
  SparkProject spark{.folder = folder, .kafka = config.kafka_listen, .topics = {}, .files = {}};
  for (const auto& pipeline : project.pipelines) {
    spark.topics.insert(pipeline.topics.begin(), pipeline.topics.end());
  }
  for (const auto& file : files) spark.files.push_back(file.path);
  if (folder == from) files.clear();  // they are there
  files.push_back({.path = "spark-pipeline.yml", .text = SparkPipelineYml(spark)});
  files.push_back({.path = "spark_sources.py", .text = SparkSourcesPy(spark)});
  for (const auto& file : files) {
    const auto path = os::JoinPath(folder, file.path);
    ST_TRY(const bool exists, fs->Exists(path));
    if (!exists || options.may_replace) continue;
    return Fail(ErrorCode::kAlreadyExists,
                "{} exists: nothing was written; --force replaces the files that are there", path);
  }
  for (const auto& file : files) {
    const auto path = os::JoinPath(folder, file.path);
    ST_TRY_STATUS(fs->CreateDirs(os::DirName(path)));
    ST_TRY_STATUS(os::WriteFileAtomically(*fs, path, file.text));
    std::puts(path.c_str());
  }
  // Spark refuses a pipeline whose namespace is missing; in such a catalog it is a folder.
  ST_TRY_STATUS(fs->CreateDirs(os::JoinPath(folder, kSparkNamespace)));
  std::puts(fmt::format("next, in {}, with the server running:\n{}", folder, SparkCommand("run"))
                .c_str());
  return {};
}

}  // namespace

int GenerateSpark(const app::Config& config, const GenerateOptions& options) {
  const auto written = Write(config, options);
  return written ? 0 : ExitFor(written.error());
}

}  // namespace st::cli
