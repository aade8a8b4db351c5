// The Iceberg REST catalog, read-only: other engines list and load the lake's tables through it.
#pragma once

#include "api/http/route_table.h"
#include "lake/catalog.h"

namespace st::api {

// The routes of the reading part of Iceberg's REST catalog protocol under /v1: config, namespaces,
// tables, with HEAD for "does it exist". Every other method is refused as read-only (403
// ForbiddenException); errors have Iceberg's form {"error": {"message", "type", "code"}}.
//
// Owner:  `lake` must outlive the table.
// Format: Iceberg's rest-catalog-open-api.yaml. All lists are one page; namespaces have one level.
std::unique_ptr<http::RouteTable> MakeCatalogRoutes(const lake::Catalog& lake,
                                                    http::Gate gate = {});

}  // namespace st::api
