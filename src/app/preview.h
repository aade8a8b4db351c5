// What a pipeline of the project would make of the newest records of its topics. The project's
// files are read as they are now, so that a pipeline that is not served yet can be seen.
//
// Errors: those of LoadProject and project::MakeServedProject; kNotFound no such pipeline; those of
//         trial::MakePreview.
#pragma once

#include <cstdint>
#include <string>

#include "app/config.h"
#include "app/serving.h"
#include "app/stores.h"
#include "base/result.h"
#include "os/env.h"
#include "trial/preview.h"

namespace st::app {

// From a data folder that no server has open; the folder stays as it is.
Result<trial::Preview> PreviewFolder(const os::Env& env, const Config& config,
                                     const std::string& name, std::int64_t records);

// From the stores of a running server. kInvalidArgument: the number of records.
Result<trial::Preview> PreviewServed(Stores& stores, const Serving& serving,
                                     const std::string& name, std::int64_t records);

}  // namespace st::app
