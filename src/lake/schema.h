// Field ids of a table's columns, and the changes of columns under which older data files stay
// readable. Pure.
//
// Format: Iceberg spec, Schema Evolution; docs/formats/lake.md
#pragma once

#include <string_view>
#include <vector>

#include "base/nested_type.h"
#include "base/result.h"
#include "format/iceberg/table_metadata.h"
#include "lake/view.h"

namespace st::lake {

// kInvalidArgument: no columns or too many, a name that is empty, doubled or reserved, in whatever
// depth, a type that no column can have, or more than kMaxSchemaBytes of metadata in all.
Status CheckColumns(const std::vector<Column>& columns);

// Every value of `from` is one of `to`, and Iceberg allows the change: int to long, float to
// double, a decimal to more digits before the point.
bool IsWidening(const NestedType& from, const NestedType& to);

// The types of two columns are equal but for ids.
bool IsSameType(std::string_view a, std::string_view b);

// Columns as nested fields, with their ids. Requires: the text of every type was checked.
std::vector<NestedField> NestedFieldsOf(const std::vector<Column>& columns);

// Columns as fields of a schema. A field, nested or not, that has no id gets the next one behind
// `last_id`: those of a column or struct first, then those inside them, as Iceberg does.
// Requires: CheckColumns found nothing.
std::vector<iceberg::Field> FieldsOf(const std::vector<Column>& columns, int& last_id);

// The fields that make `columns` of the table's current schema, by id: a column, or a field of a
// struct, that has the id of a present one is that one, and may have another name, stand elsewhere
// and have a wider type. One with the id 0 is new. Elements, keys and values of a column that stays
// keep their ids, which may be 0 in `columns`. A present one that is missing in `columns` goes.
//
// Requires: CheckColumns found nothing.
// Errors: kInvalidArgument names the column and what is wrong, also where files are partitioned by
//         a column that would go.
Result<std::vector<iceberg::Field>> ChangedFields(const iceberg::TableMetadata& metadata,
                                                  const std::vector<Column>& columns, int& last_id);

// Makes `fields` the current schema; one with the same fields that the table had before is it
// again.
void SetFields(std::vector<iceberg::Field> fields, iceberg::TableMetadata& metadata);

// The columns of the current schema, as a View shows them: fields of structs have their names in
// data files (lake/file_names.h). `file_names` is the text of kFileNamesProperty, which was
// checked.
std::vector<Column> ColumnsOf(const iceberg::TableMetadata& metadata,
                              std::string_view file_names = "");

}  // namespace st::lake
