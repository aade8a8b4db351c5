#include "upkeep/scrubber.h"

#include <utility>

#include "lake/names.h"
#include "upkeep/limits.h"

namespace st::upkeep {
namespace {

// False for a table that cannot be read: the lake tells its problem.
bool Has(const lake::Lake& lake, const lake::TableName& table, const std::string& location) {
  const auto view = lake.Load(table);
  return view && (*view)->files.Contains(location);
}

}  // namespace

Scrubber::Scrubber(lake::Lake& lake, os::Clock& clock)
    : lake_(lake), clock_(clock), next_round_us_(clock.MonotonicUs() + kFirstScrubUs) {}

std::int64_t Scrubber::Recheck() {
  const auto now_us = clock_.MonotonicUs();
  if (damage_.empty() || now_us < next_recheck_us_) return 0;
  auto next = damage_.upper_bound(rechecked_);
  if (next == damage_.end()) next = damage_.begin();
  rechecked_ = next->first;
  next_recheck_us_ = now_us + kRecheckUs;
  return Check(rechecked_);
}

std::int64_t Scrubber::Check(const Key& key) {
  const auto& [table, location] = key;
  // The View keeps the file on the disk while it is read.
  const auto view = lake_.Load(table);
  const auto* file = view ? (*view)->files.Find(location) : nullptr;
  if (file == nullptr) {
    damage_.erase(key);
    return 0;
  }
  const auto checked = lake_.CheckDataFile(*file);
  damage_.erase(key);
  if (!checked) Note(table, *file, checked.error());
  return file->file_size_bytes;
}

std::int64_t Scrubber::Step() {
  if (const auto bytes = Recheck(); bytes > 0) return bytes;
  if (tables_.empty() && files_.empty()) {
    const auto now_us = clock_.MonotonicUs();
    if (now_us < next_round_us_) return 0;
    next_round_us_ = now_us + kScrubUs;
    ForgetWhatLeft();
    const auto names = lake_.Tables();
    tables_.assign(names.begin(), names.end());
  }
  while (Next()) {
    const Key key(table_, std::move(files_.front()));
    files_.pop_front();
    if (const auto bytes = Check(key); bytes > 0) return bytes;
  }
  return 0;
}

void Scrubber::Note(const lake::TableName& table, const lake::DataFile& file, const Error& error) {
  if (damage_.empty()) next_recheck_us_ = clock_.MonotonicUs() + kRecheckUs;
  damage_[{table, file.location}] =
      fmt::format("table {}: {}; {}", lake::FullName(table), error.message(),
                  jobs::DamagedTableRemedy(table.schema, table.name));
}

bool Scrubber::Next() {
  while (files_.empty() && !tables_.empty()) {
    table_ = std::move(tables_.front());
    tables_.pop_front();
    const auto view = lake_.Load(table_);
    if (!view) continue;  // the lake tells its problem
    for (const auto& file : (*view)->files) files_.push_back(file.location);
  }
  return !files_.empty();
}

void Scrubber::ForgetWhatLeft() {
  std::erase_if(damage_, [this](const auto& one) {
    const auto& [table, location] = one.first;
    return !Has(lake_, table, location);
  });
}

std::vector<jobs::DamagedFile> Scrubber::Damage() const {
  std::vector<jobs::DamagedFile> all;
  for (const auto& [key, text] : damage_) {
    const auto& [table, location] = key;
    if (!Has(lake_, table, location)) continue;  // as after a reset of its pipeline
    all.push_back({.table = lake::FullName(table), .location = location, .message = text});
  }
  return all;
}

}  // namespace st::upkeep
