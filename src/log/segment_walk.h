// Walks over the bytes of one segment, past damage, and says of damage what can still be told. The
// scan of openings (log/reader/segment.h) only has to refuse damage.
//
// Threads: one thread; a copy walks on from where its original stands.
// Owner:   the bytes must outlive it.
// Units:   positions are bytes of the segment's file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "log/reader/entry.h"

namespace st::log {

// Bytes that are no intact entry although entries were there.
struct DamagedBytes {
  std::uint64_t from = 0;
  std::uint64_t to = 0;     // where the next intact entry begins, or behind the last byte but zeros
  Lsn first;                // of the destroyed entries
  std::optional<Lsn> next;  // of the next intact entry; nullopt: there is none
  std::string reason;
  // The headers as they read, where they lead one to the next and to the intact entry behind, by
  // lsns without a gap; else empty. No checksum covers them, so each field needs a second witness.
  struct Claim {
    EntryHeader header;
    std::string_view payload;
  };
  std::vector<Claim> claims;
};

class SegmentWalk {
 public:
  struct Step {
    std::uint64_t position = 0;
    EntryHeader header;
    std::string_view payload;
    std::optional<DamagedBytes> damage;  // then the others are not set
  };

  // `bytes` is the whole file, from its header on; the entry at `position` has `lsn`.
  SegmentWalk(std::string_view bytes, std::uint64_t position, Lsn lsn);

  // The next entry or damage; nullopt: nothing but zeros follows.
  std::optional<Step> Next();
  // A copy whose next entry has this lsn.
  SegmentWalk WithLsn(Lsn lsn) const {
    SegmentWalk other = *this;
    other.lsn_ = lsn;
    return other;
  }
  std::uint64_t position() const { return position_; }
  Lsn next_lsn() const { return lsn_; }

 private:
  struct Found {
    std::uint64_t position = 0;
    Lsn lsn;
  };
  std::optional<EntryHeader> IntactAt(std::uint64_t position, std::string_view& payload,
                                      std::string* reason) const;
  // Follows the claims; nullopt: they do not lead to an intact entry.
  std::optional<Found> FollowClaims(std::vector<DamagedBytes::Claim>& claims) const;
  // Looks for an intact entry that can stand there: each destroyed one had a header at least.
  std::optional<Found> Search() const;

  std::string_view bytes_;
  std::uint64_t written_;  // behind the last byte but zeros
  std::uint64_t position_;
  Lsn lsn_;
};

}  // namespace st::log
