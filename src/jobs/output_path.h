// The paths of a job's output files.
#pragma once

#include <cstddef>
#include <string>

namespace st::jobs {

// The path of file `index` of a job whose output path is `base`: the base itself for 0, else its
// UUID raised by so much, so that all are names of data files. A base that does not end with
// "<UUID>.parquet" gets ".<index>" behind it.
std::string OutputPath(const std::string& base, std::size_t index);

}  // namespace st::jobs
