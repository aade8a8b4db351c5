#include "format/kafka/offset_fetch.h"

#include <algorithm>

#include "format/kafka/limits.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {
namespace {

constexpr std::int16_t kFirstBatched = 8;

void ReadPartitions(Reader& in, GroupToFetch& group, std::int32_t& left) {
  const auto topics = in.ArrayLength(kMaxRequestPartitions);
  group.is_all = topics < 0;
  for (auto n = topics; in.ok() && n > 0; --n) {
    const auto topic = in.String();
    const auto partitions = in.ArrayLength(left);
    left -= std::max(partitions, 0);
    for (auto m = partitions; in.ok() && m > 0; --m) {
      group.partitions.push_back({topic, in.Int<std::int32_t>()});
    }
    in.Tags();
  }
}

void WriteOffsets(Writer& out, const RequestHeader& request, const FetchedGroup& group) {
  WriteTopics(out, group.offsets, [&](const FetchedOffset& offset) {
    out.Int(offset.partition).Int(offset.offset);
    if (request.version >= 5) out.Int(offset.leader_epoch);
    out.NullableString(offset.metadata).Int(Code(offset.error));
  });
}

}  // namespace

std::optional<std::vector<GroupToFetch>> DecodeOffsetFetch(const RequestHeader& request) {
  Reader in = ReaderOf(request, kOffsetFetchApi);
  std::vector<GroupToFetch> groups;
  std::int32_t left = kMaxRequestPartitions;
  const bool is_batched = request.version >= kFirstBatched;
  for (auto n = is_batched ? in.ArrayLength(kMaxRequestGroups) : 1; in.ok() && n > 0; --n) {
    GroupToFetch group{.group = in.String(), .member = {}, .partitions = {}};
    if (request.version >= 9) {  // of a member of the new protocol
      group.member = in.NullableString();
      group.epoch = in.Int<std::int32_t>();
    }
    ReadPartitions(in, group, left);
    if (is_batched) in.Tags();
    groups.push_back(std::move(group));
  }
  if (request.version >= 7) in.Bool();  // whether offsets of open transactions are waited for
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return groups;
}

std::string EncodeOffsetFetch(const RequestHeader& request,
                              const std::vector<FetchedGroup>& groups) {
  Writer out = AnswerTo(request, kOffsetFetchApi);
  if (request.version >= 3) out.Int(std::int32_t{0});  // throttle
  if (request.version < kFirstBatched) {
    WriteOffsets(out, request, groups.front());
    if (request.version >= 2) out.Int(Code(groups.front().error));
    return out.Tags().Take();
  }
  out.ArrayLength(groups);
  for (const auto& group : groups) {
    out.String(group.group);
    WriteOffsets(out, request, group);
    out.Int(Code(group.error)).Tags();
  }
  return out.Tags().Take();
}

}  // namespace st::kafka
