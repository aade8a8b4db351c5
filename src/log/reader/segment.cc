#include "log/reader/segment.h"

#include <algorithm>

#include "base/coding.h"
#include "base/crc32c.h"
#include "base/text.h"

namespace st::log {
namespace {

constexpr std::size_t kMagicBytes = 8;
constexpr std::string_view kSegmentMagic("STSEG\0\0\0", kMagicBytes);
constexpr std::size_t kWindowBytes = 1 << 20;

// Reads a file through a buffer that moves forward.
class Window {
 public:
  Window(os::File& file, std::uint64_t size) : file_(file), size_(size) {}

  // Drops the buffer, so that the next At reads the file again.
  void Forget() { bytes_.clear(); }

  // Returns the bytes [position, position + want), or fewer at the end of the file.
  Result<std::string_view> At(std::uint64_t position, std::size_t want) {
    if (position >= size_) return std::string_view();
    const std::uint64_t end = std::min<std::uint64_t>(size_, position + want);
    if (position < start_ || end > start_ + bytes_.size()) {
      bytes_.resize(std::min<std::uint64_t>(size_ - position, std::max(want, kWindowBytes)));
      ST_TRY(const auto got, file_.ReadAt(position, bytes_));
      bytes_.resize(got);
      start_ = position;
    }
    return std::string_view(bytes_).substr(position - start_, end - position);
  }

 private:
  os::File& file_;
  std::uint64_t size_;
  std::uint64_t start_ = 0;
  std::string bytes_;
};

// Returns the entry at `position` if it is intact and its lsn is not below `at_least`.
Result<std::optional<EntryHeader>> IntactEntry(Window& window, std::uint64_t position, Lsn at_least,
                                               std::string* reason, std::string_view* payload) {
  ST_TRY(std::string_view bytes, window.At(position, kEntryHeaderBytes));
  const auto header = DecodeEntryHeader(bytes);
  if (!header) {
    if (reason != nullptr) *reason = header.error().message();
    return std::nullopt;
  }
  ST_TRY(bytes, window.At(position, header->length));
  const auto entry = DecodeEntry(bytes, *payload);
  if (!entry) {
    if (reason != nullptr) *reason = entry.error().message();
    return std::nullopt;
  }
  if (entry->lsn < at_least) {
    if (reason != nullptr) *reason = fmt::format("lsn {}, want {}", entry->lsn, at_least);
    return std::nullopt;
  }
  return *entry;
}

// Returns the first intact entry behind `position`, with its position. Entries are aligned.
Result<std::optional<std::pair<std::uint64_t, EntryHeader>>> FindIntact(Window& window,
                                                                        std::uint64_t position,
                                                                        std::uint64_t size,
                                                                        Lsn at_least) {
  char magic[sizeof(kEntryMagic)];
  StoreLittle(magic, kEntryMagic);
  std::uint64_t at = position + kEntryAlignment;
  while (at + kEntryHeaderBytes <= size) {
    ST_TRY(const std::string_view here, window.At(at, kWindowBytes / 2));
    const auto hit = here.find(std::string_view(magic, sizeof(magic)));
    if (hit == std::string_view::npos) {
      at += std::max(here.size() - std::min(here.size(), kEntryAlignment), kEntryAlignment);
      at -= at % kEntryAlignment;
      continue;
    }
    const std::uint64_t candidate = at + hit;
    if (candidate % kEntryAlignment != 0) {
      at = candidate + kEntryAlignment - candidate % kEntryAlignment;
      continue;
    }
    std::string_view payload;
    ST_TRY(const auto entry, IntactEntry(window, candidate, at_least, nullptr, &payload));
    if (entry) return std::pair{candidate, *entry};
    at = candidate + kEntryAlignment;
  }
  return std::nullopt;
}

bool IsZero(std::string_view bytes) {
  return std::ranges::all_of(bytes, [](char c) { return c == '\0'; });
}

// Decides whether the bad bytes at `end.position` are a clean end, a torn tail or damage. Returns
// the position where the scan may continue, or 0.
Result<std::uint64_t> ClassifyEnd(Window& window, std::uint64_t size, const ScanOptions& options,
                                  ScanEnd& end, std::string reason) {
  ST_TRY(const std::string_view here, window.At(end.position, kEntryHeaderBytes));
  const bool blank = IsZero(here);
  std::uint64_t resume = 0;
  std::uint64_t at = end.position;
  while (true) {
    ST_TRY(const auto found, FindIntact(window, at, size, end.next_lsn));
    if (!found) break;
    if (resume == 0) resume = found->first;
    if (found->second.durable > end.next_lsn) {
      end.kind = ScanEnd::Kind::kDamage;
      end.reason = fmt::format("{}; the entry at byte {} says that lsn {} was durable", reason,
                               found->first, end.next_lsn);
      return resume;
    }
    at = found->first + found->second.padded_length() - kEntryAlignment;
  }
  if (blank && resume == 0) {
    end.kind = ScanEnd::Kind::kClean;
    return std::uint64_t{0};
  }
  end.kind = options.is_last ? ScanEnd::Kind::kTorn : ScanEnd::Kind::kDamage;
  end.reason = std::move(reason);
  return resume;
}

}  // namespace

std::string SegmentName(std::uint64_t sequence) { return fmt::format("{:020}.log", sequence); }
std::string IndexName(std::uint64_t sequence) { return fmt::format("{:020}.index", sequence); }

std::optional<std::uint64_t> ParseSegmentName(std::string_view name) {
  if (name.size() != 24 || !name.ends_with(".log")) return std::nullopt;
  const auto number = ParseInt64(name.substr(0, 20));
  if (!number || *number < 1) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

Result<std::vector<std::uint64_t>> ListSegments(os::FileSystem& fs, const std::string& dir) {
  ST_TRY(const auto names, fs.List(dir));
  std::vector<std::uint64_t> sequences;
  for (const auto& name : names) {
    if (const auto sequence = ParseSegmentName(name)) sequences.push_back(*sequence);
  }
  std::ranges::sort(sequences);
  return sequences;
}

std::string EncodeSegmentHeader(const SegmentHeader& header) {
  std::string out(kSegmentMagic);
  AppendLittle(out, kSegmentVersion);
  AppendLittle<std::uint32_t>(out, 0);
  AppendLittle(out, header.sequence);
  AppendUuid(out, header.log_id);
  AppendLittle(out, header.first_lsn.value());
  out += std::string_view(header.program).substr(0, kMaxProgramBytes);
  out.resize(kSegmentHeaderBytes - sizeof(std::uint32_t), '\0');
  AppendLittle(out, Crc32c(out));
  return out;
}

Result<SegmentHeader> DecodeSegmentHeader(std::string_view bytes) {
  if (bytes.size() < kSegmentHeaderBytes || bytes.substr(0, kMagicBytes) != kSegmentMagic) {
    return Fail(ErrorCode::kCorruption, "no segment header");
  }
  SegmentHeader header;
  header.version = LoadLittle<std::uint32_t>(bytes.substr(8));
  const std::string_view program = bytes.substr(48, kMaxProgramBytes);
  header.program = program.substr(0, program.find('\0'));
  if (header.version > kSegmentVersion) {
    return Fail(ErrorCode::kUnsupported,
                "segment format {} is newer than this program knows ({}): {}", header.version,
                kSegmentVersion, UseNewerProgram(header.program));
  }
  const auto stored = LoadLittle<std::uint32_t>(bytes.substr(kSegmentHeaderBytes - 4));
  const auto computed = Crc32c(bytes.substr(0, kSegmentHeaderBytes - 4));
  if (stored != computed) {
    return Fail(ErrorCode::kCorruption, "segment header crc {:#010x}, want {:#010x}", computed,
                stored);
  }
  header.sequence = LoadLittle<std::uint64_t>(bytes.substr(16));
  header.log_id = LoadUuid(bytes.substr(24));
  header.first_lsn = Lsn(LoadLittle<std::uint64_t>(bytes.substr(40)));
  return header;
}

std::string UseNewerProgram(std::string_view program) {
  // The program's name may come from damaged bytes.
  const auto is_plain = [](char c) { return c > ' ' && c <= '~'; };
  if (program.empty() || !std::ranges::all_of(program, is_plain)) return "use a newer steelthread";
  return fmt::format("this folder was written by steelthread {} or a newer one: use it", program);
}

Status CheckFollows(const SegmentHeader& header, const SegmentHeader& want) {
  const Uuid& log_id = want.log_id.is_nil() ? header.log_id : want.log_id;
  const Lsn lsn = want.first_lsn == Lsn() ? header.first_lsn : want.first_lsn;
  if (header.sequence == want.sequence && header.log_id == log_id && header.first_lsn == lsn) {
    return {};
  }
  return Fail(ErrorCode::kCorruption,
              "it is segment {} of log {} from lsn {}, want segment {} of log {} from lsn {}",
              header.sequence, header.log_id.ToString(), header.first_lsn, want.sequence,
              log_id.ToString(), lsn);
}

Result<ScanEnd> ScanSegment(os::File& file, const SegmentHeader& header, const ScanOptions& options,
                            const EntryVisitor& visit) {
  ST_TRY(auto size, file.Size());
  size = std::min(size, options.end.value_or(size));
  Window window(file, size);
  ScanEnd end{.position = kSegmentHeaderBytes, .next_lsn = header.first_lsn};
  std::optional<ScanEnd> first_damage;
  while (true) {
    std::string reason;
    std::string_view payload;
    ST_TRY(const auto entry, IntactEntry(window, end.position, end.next_lsn, &reason, &payload));
    if (entry && (entry->lsn == end.next_lsn || first_damage)) {
      ST_TRY_STATUS(visit(end.position, *entry, payload));
      end.position += entry->padded_length();
      end.next_lsn = Lsn(entry->lsn.value() + 1);
      continue;
    }
    if (entry) reason = fmt::format("lsn {}, want {}", entry->lsn, end.next_lsn);
    ST_TRY(const auto resume, ClassifyEnd(window, size, options, end, std::move(reason)));
    if (end.kind == ScanEnd::Kind::kDamage && options.is_last) {
      // The later entry may be newer than the buffered bytes. It was written after the bytes before
      // it were durable, so reading these again shows their final content.
      window.Forget();
      ST_TRY(const auto again, IntactEntry(window, end.position, end.next_lsn, nullptr, &payload));
      if (again && again->lsn == end.next_lsn) {
        end.kind = ScanEnd::Kind::kClean;
        end.reason.clear();
        continue;
      }
    }
    if (end.kind == ScanEnd::Kind::kDamage && !first_damage) first_damage = end;
    if (!options.past_damage || resume == 0 || end.kind != ScanEnd::Kind::kDamage) break;
    end.position = resume;
  }
  return first_damage ? *first_damage : end;
}

}  // namespace st::log
