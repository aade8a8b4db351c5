// Reads JSON as Spark's from_json does, straight into DuckDB's memory.
//
// As Spark's reader by default: texts in ' or ", NaN and Infinity, text behind the value ignored, a
// number or a nested value taken as a STRING. A value that is not of its field's type is NULL, the
// others stay; where the text is no JSON, all fields of a struct are NULL.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sql/chunk.h"
#include "sql/vector_writer.h"

namespace st::worker::spark {

// Threads: one thread.
class JsonReader {
 public:
  // Requires: `type` is a struct, list or map of types that pipelines have; keys of maps are texts.
  explicit JsonReader(const sql::Type& type);
  ~JsonReader();
  JsonReader(JsonReader&&) noexcept;

  // Fills the row. False: the text, or a value in it, was not of the type; the row has what is.
  bool Read(std::string_view text, const sql::VectorWriter& to, std::uint64_t row);
  // Makes the row NULL with all its parts.
  void SetNull(const sql::VectorWriter& to, std::uint64_t row) const;

 private:
  struct Node;
  class Run;
  std::unique_ptr<Node> root_;
  std::string scratch_;
};

}  // namespace st::worker::spark
