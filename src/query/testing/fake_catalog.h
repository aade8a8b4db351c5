// A catalog of fixed Views, for tests of those who only read.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "lake/catalog.h"

namespace st::query::testing {

class FakeCatalog final : public lake::Catalog {
 public:
  void Add(const std::string& schema, const std::string& name, std::vector<lake::Column> columns,
           std::vector<std::string> files = {}) {
    auto view = std::make_shared<lake::View>();
    view->name = {schema, name};
    view->columns = std::move(columns);
    std::vector<lake::DataFile> data_files;
    for (auto& file : files) data_files.push_back({.location = std::move(file)});
    view->files = lake::FileList(std::move(data_files));
    views_[view->name] = view;
  }
  // Loading it fails from now on.
  void Damage(const std::string& schema, const std::string& name) {
    views_[{schema, name}] = nullptr;
  }
  std::vector<std::string> Schemas() const override { return {"bad", "default"}; }
  std::vector<lake::TableName> Tables() const override {
    std::vector<lake::TableName> names;
    for (const auto& [name, view] : views_) names.push_back(name);
    return names;
  }
  Result<std::shared_ptr<const lake::View>> Load(const lake::TableName& name) const override {
    const auto found = views_.find(name);
    if (found == views_.end()) return Fail(ErrorCode::kNotFound, "no table {}", name.name);
    if (found->second == nullptr) return Fail(ErrorCode::kCorruption, "{} is damaged", name.name);
    return found->second;
  }

  // A file that is damaged is so from now on.
  void DamageFile(const std::string& location) { damaged_.insert(location); }
  Status CheckBeforeUse(const lake::TableName&, const lake::DataFile& file) const override {
    if (!damaged_.contains(file.location)) return {};
    return Fail(ErrorCode::kCorruption, "{} is damaged", file.location);
  }

 private:
  std::map<lake::TableName, std::shared_ptr<const lake::View>> views_;
  std::set<std::string> damaged_;
};

}  // namespace st::query::testing
