#include "lake/retired_files.h"

#include <algorithm>
#include <utility>

#include "lake/limits.h"
#include "lake/storage.h"

namespace st::lake {

void RetiredFiles::Add(std::string_view location, Lifetime lifetime) {
  named_.push_back({std::string(location.substr(folder_.size() + 1)), lifetime});
}

void RetiredFiles::Forget(const std::set<std::string>& locations) {
  const auto is_back = [&](const auto& file) {
    return locations.contains(JoinLocation(folder_, file.name));
  };
  std::erase_if(named_, is_back);
  std::erase_if(unnamed_, is_back);
}

std::vector<std::string> RetiredFiles::TakeUnnamed(std::int64_t now_us,
                                                   const std::set<std::int64_t>& named) {
  std::erase_if(named_, [&](Named& file) {
    const auto first = named.lower_bound(file.lifetime.from);
    if (first != named.end() && *first < file.lifetime.until) return false;
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

bool RetiredFiles::Contains(std::string_view location) const {
  if (!location.starts_with(folder_ + "/")) return false;
  const auto name = location.substr(folder_.size() + 1);
  return std::ranges::find(named_, name, &Named::name) != named_.end() ||
         std::ranges::find(unnamed_, name, &Unnamed::name) != unnamed_.end();
}

}  // namespace st::lake
