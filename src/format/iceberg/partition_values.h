// Partition values in manifests and manifest lists; internal to format/iceberg.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "format/avro/container.h"
#include "format/iceberg/layout.h"
#include "format/iceberg/manifest.h"

namespace st::iceberg {

// The Avro record of a spec's partition values, with one optional field a partition field.
std::string PartitionRecordSchema(const PartitionSpec& spec,
                                  const std::vector<PartitionFieldType>& types);
// Appends the record.
void PutPartition(avro::Encoder& row, const ManifestHead& head, const PartitionValues& values);
// Reads a record of any writer. kUnsupported: a field of a type that no partition value has.
Result<PartitionValues> PartitionFrom(const avro::Value& record);

// Appends the summaries of a manifest's partition fields.
void PutSummaries(avro::Encoder& row, const std::vector<FieldSummary>& summaries);
std::vector<FieldSummary> SummariesFrom(const avro::Value& list);

}  // namespace st::iceberg
