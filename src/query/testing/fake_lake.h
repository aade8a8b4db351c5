// A lake of fixed Views, for tests of those who only read.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lake/lake.h"

namespace st::query::testing {

class FakeLake final : public lake::Lake {
 public:
  void Add(const std::string& schema, const std::string& name, std::vector<lake::Column> columns,
           std::vector<std::string> files = {}) {
    auto view = std::make_shared<lake::View>();
    view->name = {schema, name};
    view->columns = std::move(columns);
    for (auto& file : files) view->files.push_back({.path = std::move(file)});
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
  Result<std::shared_ptr<const lake::View>> Create(
      const lake::TableName& name, const std::vector<lake::Column>&,
      const std::map<std::string, std::string>&) override {
    return Fail(ErrorCode::kUnsupported, "{}", name.name);
  }
  Result<std::shared_ptr<const lake::View>> Commit(const lake::Append& append) override {
    return Fail(ErrorCode::kUnsupported, "{}", append.table.name);
  }
  Result<std::string> NewDataFilePath(const lake::TableName& name) override {
    return Fail(ErrorCode::kUnsupported, "{}", name.name);
  }

 private:
  std::map<lake::TableName, std::shared_ptr<const lake::View>> views_;
};

}  // namespace st::query::testing
