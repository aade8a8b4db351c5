// The statistics of a data file that has the rows of others. Pure.
#pragma once

#include <map>
#include <vector>

#include "lake/data_file.h"
#include "lake/view.h"

namespace st::upkeep {

// Of the columns that all files have statistics of. A bound is left out where a file with values
// lacks it, or where it is none of the column's present type.
std::map<int, lake::DataFile::ColumnStats> MergedStats(
    const std::vector<const lake::DataFile*>& files, const std::vector<lake::Column>& columns);

}  // namespace st::upkeep
