#include "lake/retired_files.h"

#include <algorithm>
#include <utility>

#include "lake/limits.h"
#include "lake/storage.h"

namespace st::lake {

void RetiredFiles::Add(std::string_view location, Lifetime lifetime) {
  named_.push_back({std::string(location.substr(folder_.size() + 1)), lifetime, {}});
}

void RetiredFiles::Unname(const std::set<std::string>& locations,
                          const std::set<std::int64_t>& sequence_numbers) {
  if (sequence_numbers.empty()) return;
  for (auto& file : named_) {
    if (!locations.contains(JoinLocation(folder_, file.name))) continue;
    std::set<std::int64_t> others(file.others.begin(), file.others.end());
    others.insert(sequence_numbers.begin(), sequence_numbers.end());
    file.others.assign(others.begin(), others.end());
  }
}

bool RetiredFiles::IsNamed(const Named& file, const std::set<std::int64_t>& snapshots,
                           const std::set<std::int64_t>& views) {
  const auto first_view = views.lower_bound(file.lifetime.from);
  if (first_view != views.end() && *first_view < file.lifetime.until) return true;
  auto snapshot = snapshots.lower_bound(file.lifetime.from);
  for (; snapshot != snapshots.end() && *snapshot < file.lifetime.until; ++snapshot) {
    if (!std::ranges::binary_search(file.others, *snapshot)) return true;
  }
  return false;
}

void RetiredFiles::Forget(const std::set<std::string>& locations) {
  const auto is_back = [&](const auto& file) {
    return locations.contains(JoinLocation(folder_, file.name));
  };
  std::erase_if(named_, is_back);
  std::erase_if(unnamed_, is_back);
}

std::vector<std::string> RetiredFiles::TakeUnnamed(std::int64_t now_us,
                                                   const std::set<std::int64_t>& snapshots,
                                                   const std::set<std::int64_t>& views) {
  std::erase_if(named_, [&](Named& file) {
    if (IsNamed(file, snapshots, views)) return false;
    unnamed_.push_back({std::move(file.name), now_us});
    return true;
  });
  std::vector<std::string> taken;
  while (!unnamed_.empty() &&
         (unnamed_.size() > max_unnamed_ || now_us - unnamed_.front().since_us >= kKeepUnnamedUs)) {
    taken.push_back(JoinLocation(folder_, unnamed_.front().name));
    unnamed_.pop_front();
  }
  return taken;
}

bool RetiredFiles::IsFolderOf(std::string_view location) const {
  return location.starts_with(folder_ + "/");
}

bool RetiredFiles::Contains(std::string_view location) const {
  if (!IsFolderOf(location)) return false;
  const auto name = location.substr(folder_.size() + 1);
  return std::ranges::find(named_, name, &Named::name) != named_.end() ||
         std::ranges::find(unnamed_, name, &Unnamed::name) != unnamed_.end();
}

}  // namespace st::lake
