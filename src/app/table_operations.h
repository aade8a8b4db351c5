// What a person does to a table as a whole: drop, rename, relocate.
//
// Threads: safe from any thread; a call blocks until its commits are durable.
// Errors:  kNotFound names the nearest table; kInvalidArgument says why the table cannot be changed
//          so; else those of the lake.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "app/stores.h"
#include "base/result.h"
#include "stream/runner.h"

namespace st::app {

class TableOperations {
 public:
  // Both must outlive it.
  TableOperations(Stores& stores, const stream::Runner& runner)
      : stores_(stores), runner_(runner) {}

  // {"table", "rows", "files", "bytes", "snapshots"}. With `is_dry` the table stays.
  // kInvalidArgument: a pipeline of the project fills it, it is bad.rows, or it has a hold.
  Result<nlohmann::json> Drop(const std::string& name, bool is_dry) const;
  // {"from", "to", "rows"}. kInvalidArgument: as Drop, or the project has a pipeline of the new
  // name, which would go on from the position of another, or the log a topic of it.
  Result<nlohmann::json> Rename(const std::string& from, const std::string& to) const;
  // {"table", "is_moved"}: false where the metadata names the place where the table lies already.
  Result<nlohmann::json> Relocate(const std::string& name) const;

 private:
  // Fails where a pipeline of the project fills the table.
  Status CheckIsNotFilled(const lake::TableName& table, const std::string& what) const;
  // Fails where a topic has the table's name, in any case.
  Status CheckIsNoTopic(const lake::TableName& table) const;

  Stores& stores_;
  const stream::Runner& runner_;
};

// Tells of tables that lie elsewhere than their metadata says; "": there is none.
std::string MovedTablesWarning(const lake::Lake& lake);

}  // namespace st::app
