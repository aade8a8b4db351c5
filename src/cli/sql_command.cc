#include "cli/sql_command.h"

#include <unistd.h>

#include <cstdio>

#include "base/text.h"
#include "cli/exit_code.h"
#include "cli/folder_sql_client.h"
#include "cli/interrupts.h"
#include "cli/server_locator.h"
#include "cli/sql_text.h"
#include "cli/table_format.h"
#include "client/http_sql_client.h"
#include "os/environment.h"
#include "os/paths.h"
#include "os/process.h"
#include "os/text_file.h"

namespace st::cli {
namespace {

constexpr std::size_t kMaxTextBytes = 8 << 20;

Result<std::string> ReadAll(std::FILE* file, const std::string& name) {
  std::string text;
  std::string buffer(1 << 16, '\0');
  while (true) {
    const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), file);
    text.append(buffer, 0, n);
    if (text.size() > kMaxTextBytes) {
      return Fail(ErrorCode::kInvalidArgument, "{}: more than {} bytes of SQL", name,
                  kMaxTextBytes);
    }
    if (n < buffer.size()) break;
  }
  if (std::ferror(file) != 0) return Fail(ErrorCode::kIo, "{}: cannot be read", name);
  return text;
}

Result<std::string> ReadText(const SqlOptions& options) {
  if (!options.text.empty() && !options.file.empty()) {
    return Fail(ErrorCode::kInvalidArgument, "give a statement or -f FILE, not both");
  }
  if (!options.text.empty()) return options.text;
  if (options.file.empty() || options.file == "-") {
    if (os::IsTerminal(STDIN_FILENO)) {
      std::fprintf(stderr, "steelthread: statements from the terminal, then Ctrl-D\n");
    }
    return ReadAll(stdin, "stdin");
  }
  ST_TRY(const auto file, os::OpenStream(options.file));
  auto text = ReadAll(file.get(), options.file);
  if (!text) return text;
  return os::TextOfEditor(std::move(*text), options.file);
}

// One run of the command, for all its statements.
class SqlRun {
 public:
  SqlRun(const app::Config& config, RowFormat format, client::SqlSession session)
      : config_(config), format_(format), session_(std::move(session)) {}

  int Run(const std::vector<std::string>& statements) {
    for (std::size_t i = 0; i < statements.size(); ++i) {
      if (i > 0 && format_ != RowFormat::kNdjson) std::fputc('\n', stdout);
      const int exit_code = RunOne(statements[i]);
      std::fflush(stdout);
      if (exit_code != 0) return exit_code;
    }
    return 0;
  }

 private:
  int RunOne(const std::string& sql) {
    auto answer = Begin(sql);
    if (!answer) return ExitForServer(answer.error());
    const Interrupts interrupts([this] { client_->Cancel(); });
    RowPrinter printer(format_, [this](std::string_view text) {
      is_broken_ = is_broken_ || std::fwrite(text.data(), 1, text.size(), stdout) != text.size();
    });
    bool has_columns = false;
    while (true) {
      if (!has_columns && !answer->columns.empty()) {
        has_columns = true;
        printer.SetColumns(answer->columns);
      }
      if (!answer->rows_json.empty()) {
        if (const auto added = printer.AddRows(answer->rows_json); !added) {
          return ExitFor(added.error());
        }
      }
      if (answer->next_uri.empty() || is_broken_) break;
      if (interrupts.interrupted()) client_->Cancel();
      answer = client_->Next();
      if (!answer) return ExitForServer(answer.error());
    }
    if (is_broken_) {  // the reader of our output is gone
      client_->Cancel();
      return kExitFailed;
    }
    return End(*answer, printer, {.sql = sql, .interrupted = interrupts.interrupted()});
  }

  // Suggests another command where a missing table is a topic of the server; "" otherwise.
  std::string TopicHint(const statement::Failure& failure) const {
    if (failure.name != "TABLE_NOT_FOUND") return "";
    auto client = ConnectKafka(config_, client::KafkaUse::kReading);
    if (!client) return "";
    const auto topics = client->Topics();
    if (!topics) return "";
    for (const auto& topic : *topics) {
      if (!failure.message.contains("." + AsciiLower(topic.name) + "'")) continue;
      return fmt::format(
          "\"{}\" is a topic, and its events are in tables; list them with \"show tables\"\n",
          topic.name);
    }
    return "";
  }

  struct Ending {
    const std::string& sql;
    bool interrupted;
  };
  int End(const statement::QueryResults& answer, RowPrinter& printer, const Ending& ending) const {
    if (answer.failure) {
      if (printer.row_count() > 0) printer.End();
      std::fflush(stdout);
      std::fputs(ErrorText(*answer.failure, ending.sql).c_str(), stderr);
      std::fputs(TopicHint(*answer.failure).c_str(), stderr);
      return ending.interrupted ? kExitInterrupted : kExitFailed;
    }
    printer.End();
    std::fflush(stdout);
    if (!answer.update_type.empty()) {
      std::fprintf(stderr, "%s\n", answer.update_type.c_str());
    } else if (format_ == RowFormat::kTable) {
      const auto rows = static_cast<long long>(printer.row_count());
      std::fprintf(stderr, "(%lld row%s)\n", rows, rows == 1 ? "" : "s");
    }
    return 0;
  }

  // Returns the first answer: from the server if one runs, otherwise from the folder's tables.
  Result<statement::QueryResults> Begin(const std::string& sql) {
    if (client_ != nullptr) return client_->Post(sql);
    ST_TRY_STATUS(CheckMayUse(config_));
    if (const auto endpoint = Endpoint(config_, "sql")) {
      client_ = client::MakeHttpSqlClient(*endpoint, session_);
      auto answer = client_->Post(sql);
      // A killed server leaves its endpoints behind, where nothing listens any more.
      if (answer || answer.error().code() != ErrorCode::kUnavailable) return answer;
    }
    ST_TRY(client_, OpenFolderSqlClient(config_, session_));
    return client_->Post(sql);
  }

  const app::Config& config_;
  const RowFormat format_;
  const client::SqlSession session_;
  std::unique_ptr<client::SqlClient> client_;
  bool is_broken_ = false;
};

}  // namespace

int RunSql(const app::Config& config, const SqlOptions& options) {
  const auto format = ParseRowFormat(options.format);
  if (!format) {
    return RefuseUsage(
        Error(ErrorCode::kInvalidArgument,
              "--format is table, json, ndjson, csv or markdown, not '" + options.format + "'"));
  }
  const auto text = ReadText(options);
  if (!text) return RefuseUsage(text.error());
  const auto statements = SplitStatements(*text);
  if (statements.empty()) {
    return RefuseUsage(
        Error(ErrorCode::kInvalidArgument, "no statement; try: steelthread sql \"show tables\""));
  }
  os::BlockTerminationSignals();
  return SqlRun(config, *format, {.schema = options.schema}).Run(statements);
}

}  // namespace st::cli
