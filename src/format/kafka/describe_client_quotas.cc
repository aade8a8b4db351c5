#include "format/kafka/describe_client_quotas.h"

#include "format/kafka/limits.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<std::vector<QuotaFilter>> DecodeDescribeClientQuotas(const RequestHeader& request) {
  Reader in = ReaderOf(request, kDescribeClientQuotasApi);
  std::vector<QuotaFilter> filters;
  for (auto n = in.ArrayLength(kMaxRequestQuotas); in.ok() && n > 0; --n) {
    QuotaFilter filter{.entity = in.String(), .match = in.Int<std::int8_t>(), .name = {}};
    filter.name = in.NullableString();
    in.Tags();
    filters.push_back(filter);
  }
  in.Bool();  // whether other components exclude a quota
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return filters;
}

std::string EncodeDescribeClientQuotas(const RequestHeader& request, ErrorCode error,
                                       std::string_view message) {
  const bool is_done = error == ErrorCode::kNone;
  Writer out = AnswerTo(request, kDescribeClientQuotasApi);
  out.Int(std::int32_t{0}).Int(Code(error)).String(message.substr(0, kMaxMessageBytes));
  is_done ? out.ArrayLength(std::string_view()) : out.NullArray();
  return out.Tags().Take();
}

}  // namespace st::kafka
