#include "cli/pipeline_words.h"

#include <vector>

#include "cli/command_line.h"
#include "cli/usage.h"
#include "os/paths.h"
#include "trial/limits.h"

namespace st::cli {

void PipelineWords::AddTo(CommandLine& line) {
  AddTest(line);
  AddPipeline(line);
  AddGenerate(line);
}

void PipelineWords::AddTest(CommandLine& line) {
  auto* test =
      line.Add(line.root(), "test", "run the project's tests of pipelines, without a server",
               {"test", "test examples/w205", "test sword_purchases -C examples/w205", "test -u"},
               [this](const auto& config) { return RunTests(config, test_); });
  test->add_option_function<std::vector<std::string>>(
          "names",
          [this, &line](const std::vector<std::string>& words) {
            test_.names = words;
            if (os::KindOfPath(words.front()) != os::PathKind::kFolder) return;
            line.SetProject(words.front());
            test_.names.erase(test_.names.begin());
          },
          "of files, pipelines or tests (default: all), behind a project folder (default: this)")
      ->option_text("[FOLDER] [NAME ...]");
  test->add_flag("-u,--update", test_.is_update,
                 "write the rows that there are into the files, as what is expected");
  test->footer(
      "Reads tests/*.toml: records that topics are given, and the rows that tables must then have\n"
      "(docs/testing.md). Exit code 0: all tests passed.\n" +
      test->get_footer());
}

void PipelineWords::AddPipeline(CommandLine& line) {
  auto* pipeline = line.Group("pipeline", "run, pause and resume the project's SQL pipelines",
                              {"pipeline run sword_purchases", "pipeline pause sword_purchases"});
  auto* preview =
      line.Add(*pipeline, "preview", "the rows that the newest records would make, and write none",
               {"pipeline preview sword_purchases -C examples/w205",
                "pipeline preview sword_purchases --rows 100 --format json"},
               [this](const auto& config) { return PreviewPipeline(config, preview_); });
  preview->add_option("name", preview_.name, "the pipeline's table")->required();
  preview->add_option("--rows", preview_.records, "how many of the newest records (default 10)")
      ->check(Between<std::int64_t>(1, trial::kMaxPreviewRecords));
  line.AddFormat(*preview, preview_.format);
  preview->footer(
      "Reads the pipeline's file as it is now, served or not. A server need not run.\n" +
      preview->get_footer());
  auto* run =
      line.Add(*pipeline, "run", "take it from where its table stands to the log's end, now",
               {"pipeline run sword_purchases -C examples/w205"},
               [this](const auto& config) { return RunPipelineOnce(config, pipeline_); });
  run->add_option("name", pipeline_, "the pipeline's table")->required();
  run->add_flag("--once", once_, "once (the default): return when it is committed");
  auto* pause = line.Add(*pipeline, "pause", "have it read nothing until it is resumed",
                         {"pipeline pause sword_purchases -C examples/w205"},
                         [this](const auto& config) { return PausePipeline(config, pipeline_); });
  pause->add_option("name", pipeline_, "the pipeline's table")->required();
  auto* resume = line.Add(*pipeline, "resume", "resume a paused one from the position of its table",
                          {"pipeline resume sword_purchases -C examples/w205"},
                          [this](const auto& config) { return ResumePipeline(config, pipeline_); });
  resume->add_option("name", pipeline_, "the pipeline's table")->required();
  auto* accept =
      line.Add(*pipeline, "accept", "go on without records that are lost, or were removed by force",
               {"pipeline accept sword_purchases -C examples/w205"},
               [this](const auto& config) { return AcceptLosses(config, pipeline_); });
  accept->add_option("name", pipeline_, "the pipeline's table")->required();
  auto* reset = line.Add(*pipeline, "reset", "empty its table and fill it again from the log",
                         {"pipeline reset sword_purchases", "pipeline reset sword_purchases --yes"},
                         [this](const auto& config) { return ResetPipeline(config, reset_); });
  reset->add_option("name", reset_.name, "the pipeline's table")->required();
  reset->add_flag("--yes", reset_.is_sure,
                  "without it nothing is changed, and it says what would be");
  reset->add_flag("--no-wait", reset_.no_wait, "return before the table is filled");
}

void PipelineWords::AddGenerate(CommandLine& line) {
  auto* generate = line.Group("generate", "files for other engines", {"generate spark"});
  auto* spark = line.Add(*generate, "spark", "what Spark needs to run the same pipelines",
                         {"generate spark", "generate spark --to spark -C examples/w205"},
                         [this](const auto& config) { return GenerateSpark(config, generate_); });
  spark->add_option("--to", generate_.to, "where (default: the project folder)")
      ->check(NamesA("folder"));
  spark->add_flag("--force", generate_.may_replace, "replace files that are there");
}

}  // namespace st::cli
