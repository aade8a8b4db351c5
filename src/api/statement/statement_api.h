// The client protocol of Trino and Presto over HTTP, for clients of either.
#pragma once

#include "net/http.h"
#include "query/engine.h"

namespace st::api {

// POST /v1/statement, GET and DELETE /v1/statement/executing/{id}/{slug}/{token}, GET /v1/info,
// GET /v1/info/state, GET /v1/query/{id}; everything else goes to `otherwise`.
//
// A statement's own failure is an answer with status 200, as the protocol wants it. 400: a body
// that is no statement; 403: a web page of another origin asks; 404: no such statement; 410: an
// answer before the last; 503 with Retry-After: too many polls of one statement.
//
// Threads: the handler runs on the io thread and does not block; answers that wait come from the
//          engine's threads.
// Owner:   `engine` must outlive the server.
net::HttpHandler MakeStatementHandler(query::Engine& engine, net::HttpHandler otherwise);

}  // namespace st::api
