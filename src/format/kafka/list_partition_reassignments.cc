#include "format/kafka/list_partition_reassignments.h"

#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<ListPartitionReassignmentsRequest> DecodeListPartitionReassignments(
    const RequestHeader& request) {
  Reader in = ReaderOf(request, kListPartitionReassignmentsApi);
  in.Int<std::int32_t>();  // time-out
  ListPartitionReassignmentsRequest list{ReadPartitionLists(in)};
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return list;
}

std::string EncodeListPartitionReassignments(const RequestHeader& request) {
  Writer out = AnswerTo(request, kListPartitionReassignmentsApi);
  out.Int(std::int32_t{0}).Int(Code(ErrorCode::kNone)).NullableString(std::nullopt);
  return out.ArrayLength(std::string_view()).Tags().Take();
}

}  // namespace st::kafka
