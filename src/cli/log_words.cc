#include "cli/log_words.h"

#include "cli/command_line.h"
#include "cli/log_command.h"

namespace st::cli {

void LogWords::AddTo(CommandLine& line) {
  auto* log =
      line.Group("log", "look at the log's files, and repair them", {"log verify", "log repair"});
  line.Add(*log, "verify", "check every byte; exit code 5 on damage",
           {"log verify --data .steelthread"}, VerifyLogFolder);
  line.Add(*log, "dump", "print every intact record, tab-separated", {"log dump -C examples/w205"},
           DumpLogFolder);
  auto* repair = line.Add(*log, "repair", "cut or isolate damage, after a copy of what goes",
                          {"log repair", "log repair --yes"},
                          [this](const auto& config) { return RepairLogFolder(config, repair_); });
  repair->add_flag("--yes", repair_.is_yes, "do it; else the command tells what it would do");
  repair->add_flag("--cut", repair_.may_cut,
                   "cut the last segment where its damage cannot be isolated, with the intact\n"
                   "entries behind it");
  repair->footer(
      "No server may run. Bytes that are replaced or removed are copied into the folder `removed`\n"
      "of the data folder first. Exit code 5: something cannot be repaired; nothing was "
      "changed.\n" +
      repair->get_footer());
}

}  // namespace st::cli
