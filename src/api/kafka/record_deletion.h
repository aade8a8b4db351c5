// How records are deleted by request.
#pragma once

#include <functional>
#include <optional>

#include "base/ids.h"
#include "base/result.h"

namespace st::api {

// Deletes the records before an offset, or all that are there, and gives the partition's start as
// it then is, durable; on any thread. It fails as log::RecordRemoval::MoveStart does.
using DeleteRecords = std::function<void(TopicPartition tp, std::optional<Offset> before,
                                         std::function<void(Result<Offset>)> done)>;

}  // namespace st::api
