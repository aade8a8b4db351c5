#include "worker/transform/source/source_reader.h"

#include <utility>
#include <variant>

#include "worker/transform/source/segment_source.h"

namespace st::worker::transform::source {
namespace {

using Parts = std::optional<std::vector<std::size_t>>;

std::unique_ptr<SourceReader> Open(const jobs::LogSegments& source, os::FileSystem& fs,
                                   Parts parts) {
  return std::make_unique<SegmentSource>(source, fs, std::move(parts));
}

}  // namespace

std::unique_ptr<SourceReader> OpenSource(const jobs::Source& source, os::FileSystem& fs,
                                         Parts parts) {
  return std::visit([&](const auto& one) { return Open(one, fs, std::move(parts)); }, source);
}

}  // namespace st::worker::transform::source
