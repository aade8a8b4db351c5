// Translates DuckDB's errors to the statement protocol, without details of the server.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "jobs/query_messages.h"
#include "worker/query/text.h"

namespace st::worker::query {

// `error` is the error of module sql for text.text(), with the setting errors_as_json or without.
// Messages name places of the client's text; file names of the server, hints about
// settings and lists of candidates are left out.
jobs::QueryError QueryErrorFrom(const Error& error, const DuckText& text);

// The error says that a data file of one of the tables is missing, damaged or cannot be read: names
// table, file and remedy, with the code kCorruption. nullopt: it says something else.
std::optional<jobs::QueryError> UnreadableFile(const Error& error,
                                               const std::vector<jobs::QueryTable>& tables);

// Of JobControl::Check: USER_CANCELED or EXCEEDED_TIME_LIMIT.
jobs::QueryError QueryErrorFromStop(const Error& stop);

}  // namespace st::worker::query
