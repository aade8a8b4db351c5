#include "format/kafka/describe_acls.h"

#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<Acl> DecodeDescribeAcls(const RequestHeader& request) {
  Reader in = ReaderOf(request, kDescribeAclsApi);
  const auto filter = ReadAcl(in);
  if (!in.ok()) return std::nullopt;
  return filter;
}

std::string EncodeDescribeAcls(const RequestHeader& request, ErrorCode error,
                               std::string_view message) {
  Writer out = AnswerTo(request, kDescribeAclsApi);
  out.Int(std::int32_t{0}).Int(Code(error)).NullableString(OrNull(message));
  return out.ArrayLength(std::string_view()).Tags().Take();
}

}  // namespace st::kafka
