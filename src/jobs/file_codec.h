// Tables' columns, written files, rewrite jobs and their answers as JSON. Decoding is total: a
// field that is missing or of another type takes its default.
#pragma once

#include <optional>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/table_layout.h"
#include "base/written_file.h"
#include "jobs/rewrite_messages.h"
#include "jobs/table_column.h"

namespace st::jobs {

nlohmann::json ToJson(const std::vector<TableColumn>& columns);
nlohmann::json ToJson(const WrittenFile& file);
nlohmann::json ToJson(const RewriteJob& job);
nlohmann::json ToJson(const TableLayout& layout);
// The answer to a rewrite; its reader.
nlohmann::json RewriteAnswer(const std::optional<WrittenFile>& file);
std::optional<WrittenFile> RewriteAnswerFrom(const nlohmann::json& json);

std::vector<TableColumn> TableColumnsFrom(const nlohmann::json& array);
WrittenFile WrittenFileFrom(const nlohmann::json& json);
RewriteJob RewriteJobFrom(const nlohmann::json& json);
// A missing one is empty; nullopt: a part of it is not understood.
std::optional<TableLayout> LayoutFrom(const nlohmann::json& json);

}  // namespace st::jobs
