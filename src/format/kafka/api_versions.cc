#include "format/kafka/api_versions.h"

#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::string EncodeApiVersions(const RequestHeader& request, std::span<const ApiRange> offered,
                              bool unsupported) {
  const std::int16_t version = unsupported ? std::int16_t{0} : request.version;
  Writer out = AnswerTo(request);  // its header is version 0 also in flexible versions
  out.Int(Code(unsupported ? ErrorCode::kUnsupportedVersion : ErrorCode::kNone));
  const bool flexible = version >= 3;
  const auto n = static_cast<std::int32_t>(offered.size());
  if (flexible) {
    out.Int(static_cast<std::int8_t>(n + 1));  // compact array; there are few
  } else {
    out.Int(n);
  }
  for (const auto& range : offered) {
    out.Int(static_cast<std::int16_t>(range.key)).Int(range.min).Int(range.max);
    if (flexible) out.Int(std::int8_t{0});  // no tagged fields
  }
  if (version >= 1) out.Int(std::int32_t{0});  // throttle
  if (flexible) out.Int(std::int8_t{0});
  return out.Take();
}

}  // namespace st::kafka
