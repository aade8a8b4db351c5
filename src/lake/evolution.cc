#include "lake/evolution.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/nested_type.h"
#include "base/text.h"
#include "lake/layout.h"
#include "lake/schema.h"

namespace st::lake {

namespace {

std::string Shown(const NestedType& type) { return ShownType(WithoutIds(type)); }

const NestedField* Find(const std::vector<NestedField>& fields, const std::string& name) {
  const auto found = std::ranges::find(fields, name, &NestedField::name);
  return found == fields.end() ? nullptr : &*found;
}

// As Find, for the names of requests: people write them as they please.
const NestedField* FindInAnyCase(const std::vector<NestedField>& fields, std::string_view name) {
  const auto found = std::ranges::find_if(
      fields, [&](const auto& field) { return EqualsIgnoreCase(field.name, name); });
  return found == fields.end() ? nullptr : &*found;
}

class Planner {
 public:
  // `locked`: columns that cannot go.
  Planner(const ColumnRequests& requests, std::set<std::string> locked)
      : requests_(requests), locked_(std::move(locked)) {}

  // Gives the fields that are wanted the ids of present ones, and says what changes. `path` is that
  // of the struct, with a point behind it; "" for the columns.
  std::vector<NestedField> Fields(const std::vector<NestedField>& now,
                                  std::vector<NestedField> wanted, const std::string& path) {
    std::set<int> kept;
    for (auto& field : wanted) {
      const auto* same = Same(now, wanted, field, path, kept);
      if (same == nullptr) {
        field.id = 0;
        Add(now, field, path);
        continue;
      }
      kept.insert(same->id);
      Keep(*same, field, path);
    }
    for (const auto& field : now) {
      if (!kept.contains(field.id)) Leave(field, wanted, path);
    }
    NoteOrder(now, wanted, kept, path);
    return wanted;
  }

  Evolution evolution;

 private:
  // The present field that a wanted one is; nullptr: it is new.
  const NestedField* Same(const std::vector<NestedField>& now,
                          const std::vector<NestedField>& wanted, const NestedField& field,
                          const std::string& path, const std::set<int>& kept) {
    if (const auto* same = Find(now, field.name)) return same;
    const auto* noun = path.empty() ? "column" : "field";
    for (const auto& [old, renamed] : requests_.renames) {
      if (!EqualsIgnoreCase(renamed, field.name) || old.size() <= path.size() ||
          !EqualsIgnoreCase(old.substr(0, path.size()), path)) {
        continue;
      }
      const auto* same = FindInAnyCase(now, old.substr(path.size()));
      if (same == nullptr || kept.contains(same->id)) continue;
      if (Find(wanted, same->name) != nullptr) {
        Stop(
            "{0} {1} is to become {2}, and the SELECT makes {1} too: rename it with one reload, "
            "and "
            "add the new {1} with a later one",
            noun, path + same->name, field.name);
        return nullptr;
      }
      Change("renames {} {} to {}", noun, path + same->name, field.name);
      return same;
    }
    return nullptr;
  }

  void Add(const std::vector<NestedField>& now, const NestedField& field, const std::string& path) {
    for (const auto& other : now) {
      if (!EqualsIgnoreCase(other.name, field.name)) continue;
      Stop("{0}{1} differs from {0}{2} of the table in case alone: write it as the table has it",
           path, field.name, other.name);
      return;
    }
    Change("adds {} {}{} ({})", path.empty() ? "column" : "field", path, field.name,
           Shown(field.type));
  }

  void Keep(const NestedField& was, NestedField& field, const std::string& path) {
    field.id = was.id;
    Type(was.type, field.type, path + field.name);
    if (field.doc != was.doc) Change("changes the comment of {}{}", path, field.name);
  }

  void Leave(const NestedField& field, const std::vector<NestedField>& wanted,
             const std::string& path) {
    const auto name = path + field.name;
    if (FindInAnyCase(wanted, field.name) != nullptr) return;  // Add said it
    if (path.empty() && locked_.contains(name)) {
      Stop("{} is in a layout that the table has or had, so it cannot go", name);
      return;
    }
    const auto is_dropped = std::ranges::any_of(
        requests_.drops, [&](const auto& drop) { return EqualsIgnoreCase(drop, name); });
    if (is_dropped) {
      Change("drops {} {}", path.empty() ? "column" : "field", name);
      return;
    }
    Stop(
        "{0} is missing: say 'steelthread.drop' = '{0}' in TBLPROPERTIES where it is to go, or "
        "'steelthread.rename' = '{0} AS …' where another {1} is it",
        name, path.empty() ? "column" : "field");
  }

  void Type(const NestedType& was, NestedType& now, const std::string& path) {
    if (was.shape == TypeShape::kPrimitive && now.shape == TypeShape::kPrimitive) {
      if (was.primitive == now.primitive) return;
      if (!IsWidening(was, now)) return Different(was, now, path);
      return Change("widens {} from {} to {}", path, was.primitive, now.primitive);
    }
    if (was.shape != now.shape) return Different(was, now, path);
    if (now.shape == TypeShape::kStruct) {
      now.fields = Fields(was.fields, std::move(now.fields), path + ".");
      return;
    }
    if (now.shape == TypeShape::kMap &&
        WithoutIds(was.fields[0].type) != WithoutIds(now.fields[0].type)) {
      return Different(was, now, path);
    }
    for (std::size_t i = 0; i < now.fields.size(); ++i) {
      now.fields[i].id = was.fields[i].id;
      Type(was.fields[i].type, now.fields[i].type, fmt::format("{}.{}", path, now.fields[i].name));
    }
  }

  void Different(const NestedType& was, const NestedType& now, const std::string& path) {
    Stop(
        "{} is {} in the table and {} in the SELECT: cast it to the table's type, or to a wider "
        "one (int to long, float to double, a decimal to more digits of the same scale)",
        path, Shown(was), Shown(now));
  }

  void NoteOrder(const std::vector<NestedField>& now, const std::vector<NestedField>& wanted,
                 const std::set<int>& kept, const std::string& path) {
    std::vector<int> before;
    for (const auto& field : now) {
      if (kept.contains(field.id)) before.push_back(field.id);
    }
    std::vector<int> after;
    std::vector<std::string> names;
    for (const auto& field : wanted) {
      names.push_back(field.name);
      if (field.id != 0) after.push_back(field.id);
    }
    if (before == after) return;
    Change("puts the {}{} in the order {}", path.empty() ? "columns" : "fields of ",
           path.substr(0, path.empty() ? 0 : path.size() - 1), fmt::join(names, ", "));
  }

  template <typename... Args>
  void Change(fmt::format_string<Args...> format, Args&&... args) {
    evolution.changes.push_back(fmt::format(format, std::forward<Args>(args)...));
  }
  template <typename... Args>
  void Stop(fmt::format_string<Args...> format, Args&&... args) {
    evolution.obstacles.push_back(fmt::format(format, std::forward<Args>(args)...));
  }

  const ColumnRequests& requests_;
  const std::set<std::string> locked_;
};

Evolution Planned(const std::vector<Column>& now, const std::vector<Column>& wanted,
                  Planner planner) {
  for (const auto& field : planner.Fields(NestedFieldsOf(now), NestedFieldsOf(wanted), "")) {
    planner.evolution.columns.push_back(
        {.id = field.id, .name = field.name, .type = TypeText(field.type), .doc = field.doc});
  }
  return std::move(planner.evolution);
}

}  // namespace

Evolution PlanEvolution(const std::vector<Column>& now, const std::vector<Column>& wanted,
                        const ColumnRequests& requests) {
  return Planned(now, wanted, Planner(requests, {}));
}

Evolution PlanEvolution(const View& table, const std::vector<Column>& wanted,
                        const ColumnRequests& requests) {
  std::set<std::string> locked;
  for (const auto& column : table.columns) {
    const bool is_source = std::ranges::any_of(table.partition_specs, [&](const auto& spec) {
      return std::ranges::any_of(spec.fields,
                                 [&](const auto& field) { return field.column_id == column.id; });
    });
    if (is_source) locked.insert(column.name);
  }
  auto evolution = Planned(table.columns, wanted, Planner(requests, std::move(locked)));
  if (auto clash = NameClash(evolution.columns, table.partition_specs); !clash.empty()) {
    evolution.obstacles.push_back(std::move(clash));
    evolution.is_cured_by_reset = false;
  }
  return evolution;
}

std::string ColumnList(const std::vector<Column>& columns) {
  std::string out;
  for (const auto& field : NestedFieldsOf(columns)) {
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", field.name, Shown(field.type));
  }
  return out;
}

}  // namespace st::lake
