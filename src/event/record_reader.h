// Reads the rows of a declared event's table from the records of its topic. Pure; total on hostile
// input.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "event/declaration.h"
#include "event/json_check.h"
#include "event/value.h"
#include "event/version.h"

namespace st::event {

// The rules by which the table of one version of an event takes records.
struct TableRules {
  // Of one version, oldest first: each later one added fields, which hold from its `since` on.
  std::vector<DeclaredVersion> entries;
  // Where the next version begins.
  std::optional<Offsets> until;
};

// The rules as one line of JSON, for a worker's job. kCorruption describes the fault.
std::string EncodeRules(const TableRules& rules);
Result<TableRules> DecodeRules(std::string_view json);

struct TableColumn {
  std::string member;  // of the record: a header's or a field's name
  FieldType type = FieldType::kString;
};
// The columns that records' members fill, in order: headers, then fields. Later entries only add.
std::vector<TableColumn> ColumnsOf(const TableRules& rules);

// Reads records of the event's topic.
//
// A record is the event's when its value is JSON (json_check.h), an object, and has each constant
// of the declaration, but for one that a request's header may replace; a plain-text event's by its
// whole value. Its members are judged as those of a request's JSON body are, except that members
// which are not declared are ignored. null is the same as missing.
//
// Threads: one thread.
// Limits:  kMaxRecordDepth.
class RecordReader {
 public:
  explicit RecordReader(const TableRules& rules);

  enum class Verdict {
    kOther,  // no record of this event and version
    kRow,
    kDead,  // the event's, with values that its declaration refuses
  };
  struct Place {
    std::int32_t partition = 0;
    std::int64_t offset = 0;
  };
  Verdict Read(const Place& place, std::optional<std::string_view> value);

  // Of the last row: a JSON object that has each value as text under its column's place in
  // ColumnsOf(), from "0"; a timestamp's text is its microseconds since the epoch.
  const std::string& columns() const { return columns_; }
  // Of the last dead one: missing_field, invalid_field, repeated_field.
  const std::string& code() const { return code_; }
  const std::string& reason() const { return reason_; }

 private:
  struct Column {
    FieldReader reader;
    Offsets since;
  };
  bool IsInVersion(const Place& place) const;
  bool HasConstants() const;
  bool AddColumn(std::size_t index, const Place& place);
  const JsonCheck::Member* Find(std::string_view name) const;
  Verdict Kill(std::string code, std::string reason);

  Offsets since_;
  std::optional<Offsets> until_;
  std::optional<std::string> text_;     // of a plain-text event
  std::vector<FieldReader> constants_;  // each allows its value alone
  std::vector<Column> fields_;
  JsonCheck json_;
  JsonCheck unique_;  // of the event's own records alone: it costs more
  std::string columns_;
  std::string code_;
  std::string reason_;
};

}  // namespace st::event
