// Respells a statement of Trino's SQL for DuckDB.
//
// Respelling permits nothing: check.h checks the result.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/query_messages.h"

namespace st::worker::query {

// A place in a statement, for people: both from 1, columns count code points.
struct Place {
  int line = 1;
  int column = 1;
};
Place PlaceOf(std::string_view text, std::size_t offset);

// A failure whose message begins with its place, "line 1:8: …".
jobs::QueryError FailAt(std::string name, Place place, std::string_view message);
jobs::QueryError FailWith(std::string name, std::string message);

// DuckDB's spelling of a statement, and the place in the client's text of each of its parts.
class DuckText {
 public:
  // Rewrites parts that DuckDB would not parse or would read otherwise: the schema `default` and
  // columns named like DuckDB's reserved words, X'0a', DECIMAL '1.5', TIMESTAMP '… UTC',
  // array(integer), lag(x) IGNORE NULLS OVER, and functions under Trino's names.
  //
  // Errors: SYNTAX_ERROR for a text over kMaxStatementBytes or nested deeper than
  // kMaxStatementDepth.
  static jobs::QueryResult<DuckText> From(std::string_view statement);

  const std::string& text() const { return text_; }
  const std::string& statement() const { return statement_; }
  // The place in the statement of a byte of text().
  Place PlaceAt(std::size_t offset) const;
  // The client's word at a place of text(): "nosuch", "\"A b\"".
  std::string_view WordAt(std::size_t offset) const;
  // The same with the names after points: "p.nosuch".
  std::string NameAt(std::size_t offset) const;

 private:
  struct Piece {
    std::size_t from = 0;    // in text_
    std::size_t origin = 0;  // in statement_
    bool is_copy = false;    // else all of it came from `origin`
  };
  std::size_t OriginOf(std::size_t offset) const;

  std::string statement_;
  std::string text_;
  std::vector<Piece> pieces_;  // rising by from
};

}  // namespace st::worker::query
