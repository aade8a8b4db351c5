// Compares a pipeline's columns with those of its table. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "dialect/spark/definition.h"
#include "lake/evolution.h"
#include "lake/view.h"

namespace st::stream {

std::vector<lake::Column> TableColumns(const dialect::spark::Definition& definition);

// The change of the table's columns with which the pipeline's next step begins. `columns` are those
// that the table then has.
// Errors: kInvalidArgument: the pipeline stops until a person decides; the message names the
//         choices.
Result<lake::Evolution> EvolutionOf(const dialect::spark::Definition& definition,
                                    const lake::View& view);

// What the definition changes of the table's layout, for people: "new files are partitioned by
// day(ts), sorted by name; the others stay as they are"; "": nothing. `columns` are those of
// EvolutionOf: a layout follows its columns to their new names.
std::string LayoutChange(const dialect::spark::Definition& definition, const lake::View& view,
                         const std::vector<lake::Column>& columns);

// What the definition changes of the table's properties. One that it does not name stays, as others
// may have set it; the comment alone goes with the definition's.
struct PropertyChange {
  std::map<std::string, std::string> set;
  std::vector<std::string> removed;
  std::vector<std::string> texts;  // for people; none: nothing changes
};
PropertyChange PropertyChangeOf(const dialect::spark::Definition& definition,
                                const lake::View& view);

}  // namespace st::stream
