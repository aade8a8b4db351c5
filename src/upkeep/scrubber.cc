#include "upkeep/scrubber.h"

#include <utility>

#include "lake/names.h"
#include "upkeep/limits.h"

namespace st::upkeep {

Scrubber::Scrubber(lake::Lake& lake, os::Clock& clock)
    : lake_(lake), clock_(clock), next_round_us_(clock.MonotonicUs() + kFirstScrubUs) {}

std::int64_t Scrubber::Step() {
  if (tables_.empty() && files_.empty()) {
    const auto now_us = clock_.MonotonicUs();
    if (now_us < next_round_us_) return 0;
    next_round_us_ = now_us + kScrubUs;
    ForgetWhatLeft();
    const auto names = lake_.Tables();
    tables_.assign(names.begin(), names.end());
  }
  while (Next()) {
    const auto location = std::move(files_.front());
    files_.pop_front();
    // The View keeps the file on the disk while it is read.
    const auto view = lake_.Load(table_);
    const auto* file = view ? (*view)->files.Find(location) : nullptr;
    if (file == nullptr) continue;
    const auto checked = lake_.CheckDataFile(*file);
    damage_.erase({table_, location});
    if (!checked) Note(table_, *file, checked.error());
    return file->file_size_bytes;
  }
  return 0;
}

void Scrubber::Note(const lake::TableName& table, const lake::DataFile& file, const Error& error) {
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
    const auto view = lake_.Load(table);
    return !view || !(*view)->files.Contains(location);
  });
}

std::vector<jobs::DamagedFile> Scrubber::Damage() const {
  std::vector<jobs::DamagedFile> all;
  for (const auto& [key, text] : damage_) {
    const auto& [table, location] = key;
    all.push_back({.table = lake::FullName(table), .location = location, .message = text});
  }
  return all;
}

}  // namespace st::upkeep
