#include "format/kafka/alter_client_quotas.h"

#include <algorithm>
#include <set>
#include <utility>

#include "format/kafka/limits.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<std::vector<AlteredQuota>> DecodeAlterClientQuotas(const RequestHeader& request) {
  Reader in = ReaderOf(request, kAlterClientQuotasApi);
  std::vector<AlteredQuota> quotas;
  std::int32_t left = kMaxRequestQuotas;
  const auto length = [&] {
    const auto n = in.ArrayLength(left);
    left -= std::max(n, 0);
    return n;
  };
  for (auto n = length(); in.ok() && n > 0; --n) {
    AlteredQuota quota;
    for (auto m = length(); in.ok() && m > 0; --m) {
      QuotaEntity entity{.type = in.String(), .name = in.NullableString()};
      in.Tags();
      quota.entity.push_back(entity);
    }
    std::set<std::string_view> keys;
    for (auto m = length(); in.ok() && m > 0; --m) {
      const auto key = in.String();
      if (!keys.insert(key).second) quota.repeats_a_key = true;
      in.Int<std::int64_t>();  // the value
      const bool is_removed = in.Bool();
      if (!is_removed && !quota.set_key) quota.set_key = key;
      in.Tags();
    }
    in.Tags();
    quotas.push_back(std::move(quota));
  }
  in.Bool();  // whether it is only tried: nothing is set
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return quotas;
}

std::string EncodeAlterClientQuotas(const RequestHeader& request,
                                    const std::vector<AlteredQuota>& quotas) {
  Writer out = AnswerTo(request, kAlterClientQuotasApi);
  out.Int(std::int32_t{0}).ArrayLength(quotas);  // throttle, then the entries
  for (const auto& quota : quotas) {
    out.Int(Code(quota.error)).NullableString(OrNull(quota.message)).ArrayLength(quota.entity);
    for (const auto& entity : quota.entity) {
      out.String(entity.type).NullableString(entity.name).Tags();
    }
    out.Tags();
  }
  return out.Tags().Take();
}

}  // namespace st::kafka
