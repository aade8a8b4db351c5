// What the program says of a data file of a table that is missing or damaged, wherever it is found.
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace st::jobs {

// A data file that was found damaged, and that its table still has.
struct DamagedFile {
  std::string table;     // "default.purchases"
  std::string location;  // of the file
  std::string message;   // names table, file and remedy
};

// What a person does about it: the log has the rows of a pipeline's table still.
std::string DamagedTableRemedy(std::string_view schema, std::string_view table);

// Of a statement that reads the table: names table, file and remedy.
std::string DamagedFileMessage(std::string_view schema, std::string_view table,
                               std::string_view location);

}  // namespace st::jobs
