#include "worker/query/count_statement.h"

#include <fmt/format.h>

#include "base/text.h"
#include "jobs/json.h"
#include "sql/database.h"

namespace st::worker::query {
namespace {

using jobs::StringAt;
using jobs::ValueAt;
using nlohmann::json;

bool Has(const json& object, const char* key) { return !ValueAt(object, key).empty(); }

// True for count(*) and count(1).
bool IsCount(const json& item) {
  const json& operands = ValueAt(item, "children");
  if (StringAt(item, "class") != "FUNCTION" || Has(item, "filter") ||
      item.value("distinct", true) || Has(ValueAt(item, "order_bys"), "orders") ||
      !StringAt(item, "catalog").empty() || !StringAt(item, "schema").empty()) {
    return false;
  }
  const std::string name = AsciiLower(StringAt(item, "function_name"));
  if (name == "count_star") return operands.empty();
  if (name != "count" || operands.size() != 1) return false;
  const json& value = ValueAt(operands.front(), "value");
  return StringAt(operands.front(), "class") == "CONSTANT" && value.is_object() &&
         !value.value("is_null", true);
}

}  // namespace

std::vector<std::string> CountsOf(const json& node) {
  const json& from = ValueAt(node, "from_table");
  if (StringAt(node, "type") != "SELECT_NODE" || StringAt(from, "type") != "BASE_TABLE" ||
      Has(from, "sample") || Has(from, "at_clause") || Has(ValueAt(node, "cte_map"), "map") ||
      StringAt(node, "aggregate_handling") != "STANDARD_HANDLING") {
    return {};
  }
  for (const auto* key : {"modifiers", "where_clause", "group_expressions", "group_sets", "having",
                          "sample", "qualify"}) {
    if (Has(node, key)) return {};
  }
  std::vector<std::string> names;
  for (const json& item : ValueAt(node, "select_list")) {
    if (!IsCount(item)) return {};
    const std::string alias = StringAt(item, "alias");
    names.push_back(alias.empty() ? "count_star()" : alias);
  }
  return names;
}

std::string CountText(const std::vector<std::string>& names, std::int64_t count) {
  std::string list;
  for (const auto& name : names) {
    list += fmt::format("{}CAST({} AS BIGINT) AS {}", list.empty() ? "" : ", ", count,
                        sql::QuoteName(name));
  }
  return "SELECT " + list;
}

}  // namespace st::worker::query
