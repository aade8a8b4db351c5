// Partitioning and sort order of a table: names of columns to Iceberg's specs, and back.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/table_layout.h"
#include "format/iceberg/manifest.h"
#include "format/iceberg/table_metadata.h"
#include "lake/view.h"

namespace st::lake {

// kInvalidArgument: the layout does not fit columns of these names and types.
Status CheckLayout(const TableLayout& layout, const std::vector<Column>& columns);

// Makes this the layout of files that are added from now on. A spec or order that the table had
// before is used again; a field of a new spec has the id of an equivalent one (spec, Partition
// Evolution). kInvalidArgument: it does not fit the current columns.
Status SetLayout(const TableLayout& layout, iceberg::TableMetadata& metadata);
// Takes the fields of columns that the current schema lacks out of the layout.
void FitLayout(iceberg::TableMetadata& metadata);

// The layout by the current names; fields of columns that are gone are left out.
TableLayout LayoutOf(const iceberg::TableMetadata& metadata);
// All specs of the table, as a View shows them.
std::vector<PartitionSpec> SpecsOf(const iceberg::TableMetadata& metadata);

// Says which column has the name of a partition field that is made of something else. Iceberg's
// Java library loads no such table, whatever files are left of the spec. "": none has.
std::string NameClash(const std::vector<Column>& columns, const std::vector<PartitionSpec>& specs);
// kInvalidArgument: NameClash of the current columns.
Status CheckFieldNames(const iceberg::TableMetadata& metadata);

// What the manifests of files of a spec begin with; refers to `metadata`. kCorruption: the table
// has no such spec.
Result<iceberg::ManifestHead> HeadOf(const iceberg::TableMetadata& metadata, int spec_id);

}  // namespace st::lake
