// The Iceberg REST catalog, read-only: other engines list and load the lake's tables through it.
#pragma once

#include "lake/lake.h"
#include "net/http.h"

namespace st::api {

// Answers the reading part of Iceberg's REST catalog protocol under /v1: config, namespaces,
// tables, with HEAD for "does it exist". Every other method is refused as read-only (403
// ForbiddenException); errors have Iceberg's form {"error": {"message", "type", "code"}}.
//
// Owner:  `lake` must outlive the handler.
// Format: Iceberg's rest-catalog-open-api.yaml. All lists are one page; namespaces have one level.
net::HttpHandler MakeCatalogHandler(const lake::Lake& lake);

}  // namespace st::api
