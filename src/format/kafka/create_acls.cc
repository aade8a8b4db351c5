#include "format/kafka/create_acls.h"

#include "format/kafka/limits.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<std::vector<Acl>> DecodeCreateAcls(const RequestHeader& request) {
  Reader in = ReaderOf(request, kCreateAclsApi);
  std::vector<Acl> acls;
  for (auto n = in.ArrayLength(kMaxRequestAcls); in.ok() && n > 0; --n) acls.push_back(ReadAcl(in));
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return acls;
}

std::string EncodeCreateAcls(const RequestHeader& request, std::size_t count, ErrorCode error,
                             std::string_view message) {
  Writer out = AnswerTo(request, kCreateAclsApi);
  const std::vector<ErrorCode> results(count, error);
  out.Int(std::int32_t{0}).ArrayLength(results);  // throttle, then the results
  for (const auto result : results) {
    out.Int(Code(result)).NullableString(OrNull(message)).Tags();
  }
  return out.Tags().Take();
}

}  // namespace st::kafka
