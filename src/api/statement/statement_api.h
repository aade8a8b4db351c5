// The client protocol of Trino and Presto over HTTP, for clients of either.
#pragma once

#include "api/http/route_table.h"
#include "query/engine.h"

namespace st::api {

// Adds POST /v1/statement, GET and DELETE /v1/statement/executing/{id}/{slug}/{token}, GET
// /v1/info, GET /v1/info/state, GET /v1/query/{id}.
//
// A statement's own failure is an answer with status 200, as the protocol wants it. 400: a body
// that is no statement; 404: no such statement; 410: an answer before the last; 503 with
// Retry-After: too many polls of one statement.
//
// Threads: the handlers run on io threads and do not block; answers that wait come from the
//          engine's threads.
// Owner:   `engine` must outlive the table.
void AddStatementRoutes(query::Engine& engine, http::RouteTable& table);

}  // namespace st::api
