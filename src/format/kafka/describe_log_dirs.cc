#include "format/kafka/describe_log_dirs.h"

#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<DescribeLogDirsRequest> DecodeDescribeLogDirs(const RequestHeader& request) {
  Reader in = ReaderOf(request, kDescribeLogDirsApi);
  DescribeLogDirsRequest describe{ReadPartitionLists(in)};
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return describe;
}

std::string EncodeDescribeLogDirs(const RequestHeader& request, const DescribedLogDir& dir) {
  Writer out = AnswerTo(request, kDescribeLogDirsApi);
  out.Int(std::int32_t{0});  // throttle
  if (request.version >= 3) out.Int(Code(ErrorCode::kNone));
  out.ArrayLength(std::string_view("1")).Int(Code(ErrorCode::kNone)).String(dir.path);
  WriteTopicsWith(out, dir.topics, [&](const SizedPartition& part) {
    out.Int(part.partition)
        .Int(part.bytes)
        .Int(std::int64_t{0})
        .Bool(false);  // lag, future replica
  });
  if (request.version >= 4) out.Int(dir.total_bytes).Int(dir.usable_bytes);
  return out.Tags().Tags().Take();
}

}  // namespace st::kafka
