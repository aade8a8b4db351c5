// Translates DuckDB's errors to ours; the message keeps DuckDB's words, which begin with the kind.
#pragma once

#include <string_view>

#include "base/result.h"

namespace st::sql {

// The kinds that callers treat differently; DuckDB has some forty.
enum class ErrorKind {
  kParser,          // the text is no SQL
  kBinder,          // names or types do not fit
  kCatalog,         // a table or function that does not exist
  kConversion,      // a value does not fit its type
  kOutOfRange,      // a number over its type
  kInvalidInput,    // a function refused a value
  kNotImplemented,  // known to DuckDB, not offered
  kPermission,      // refused by the sandbox
  kOutOfMemory,
  kInterrupted,
  kIo,
  kInternal,  // a bug of DuckDB; the database is unusable afterwards
  kOther,
};

// The kind of an error of this module, by the words it begins with ("Binder Error: …").
ErrorKind KindOf(const Error& error);
ErrorKind KindOf(std::string_view message);

// DuckDB's message as an Error: kShutdown when interrupted, kUnavailable out of memory, kIo for
// files and DuckDB's own bugs, else kInvalidArgument: the SQL, or a value in it.
Error ErrorFromMessage(std::string_view message);

}  // namespace st::sql
