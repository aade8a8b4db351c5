#include "lake/version_size.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "format/iceberg/layout.h"
#include "lake/file_names.h"
#include "lake/history.h"
#include "lake/holds.h"
#include "lake/limits.h"
#include "lake/metadata_files.h"
#include "lake/version.h"

namespace st::lake {

namespace {

// A longer version is worth looking at what it could do without.
constexpr std::size_t kTidyFromBytes = kMaxVersionBytes / 4;
// With so many bytes of orders the oldest go.
constexpr std::size_t kMaxOrdersBytes = kMaxLayoutsBytes / 4;
// Of the snapshots of a version that is too long.
constexpr std::size_t kExpiredShare = 4;

template <typename T>
std::size_t BytesOf(const std::vector<T>& layouts) {
  std::size_t bytes = 0;
  for (const auto& each : layouts) bytes += iceberg::ToJson(each).dump().size();
  return bytes;
}

std::size_t LayoutBytes(const iceberg::TableMetadata& metadata) {
  return BytesOf(metadata.partition_specs) + BytesOf(metadata.sort_orders);
}

bool HasField(const iceberg::Schema& schema, int id) {
  return std::ranges::find(schema.fields, id, &iceberg::Field::id) != schema.fields.end();
}

// Removes from one version what nothing needs.
class Tidier {
 public:
  // Both must outlive it.
  Tidier(TableEnv env, TableState& next) : env_(env), next_(next), metadata_(next.metadata) {}

  // Returns whether anything went.
  Result<bool> TidyAll() {
    bool has_changed = false;
    const bool is_long = LayoutBytes(metadata_) > kMaxLayoutsBytes / 2;
    if (is_long || NeededSchemas().size() > UsedSchemas().size()) has_changed = TidyLayouts();
    ST_TRY(const bool has_fewer_schemas, TidySchemas());
    return has_changed || has_fewer_schemas;
  }
  bool TidyLayouts() {
    const bool has_fewer_specs = TidySpecs();
    const bool has_fewer_orders = TidyOrders();
    return has_fewer_specs || has_fewer_orders;
  }

 private:
  std::set<int> UsedSchemas() const {
    std::set<int> used = {metadata_.current_schema_id};
    for (const auto& snapshot : metadata_.snapshots) used.insert(snapshot.schema_id);
    return used;
  }
  // Those, and for the types of partition values the newest schema with the column, where none of
  // those has it.
  std::set<int> NeededSchemas() const {
    auto needed = UsedSchemas();
    for (const auto& spec : metadata_.partition_specs) {
      for (const auto& field : spec.fields) NeedField(field.source_id, needed);
    }
    return needed;
  }
  void NeedField(int id, std::set<int>& needed) const {
    std::optional<int> newest;
    for (const auto& schema : metadata_.schemas) {
      if (!HasField(schema, id)) continue;
      if (needed.contains(schema.id)) return;
      newest = schema.id;
    }
    if (newest) needed.insert(*newest);
  }
  // The specs of all manifests that snapshots name; nullopt: a list cannot be read.
  std::optional<std::set<int>> UsedSpecs() const {
    std::set<int> used = {metadata_.default_spec_id};
    for (const auto& snapshot : metadata_.snapshots) {
      const auto manifests = ReadManifestList(env_.storage, next_.folder, snapshot.manifest_list);
      if (!manifests) return std::nullopt;
      for (const auto& manifest : *manifests) used.insert(manifest.spec_id);
    }
    return used;
  }
  bool TidySpecs() {
    if (metadata_.partition_specs.size() == 1) return false;
    const auto used = UsedSpecs();
    if (!used) return false;
    return std::erase_if(metadata_.partition_specs,
                         [&](const auto& spec) { return !used->contains(spec.id); }) > 0;
  }
  // The newest stay, so no id is given twice. Files of an order that is gone count as unsorted.
  bool TidyOrders() {
    auto& orders = metadata_.sort_orders;
    bool has_changed = false;
    while (BytesOf(orders) > kMaxOrdersBytes) {
      const auto may_go = [&](const auto& order) {
        return order.id != 0 && order.id != metadata_.default_sort_order_id &&
               &order != &orders.back();
      };
      const auto oldest = std::ranges::find_if(orders, may_go);
      if (oldest == orders.end()) break;
      orders.erase(oldest);
      has_changed = true;
    }
    return has_changed;
  }
  Result<bool> TidySchemas() {
    const auto needed = NeededSchemas();
    const auto is_needed = [&](const auto& schema) { return needed.contains(schema.id); };
    if (std::ranges::all_of(metadata_.schemas, is_needed)) return false;
    ST_TRY(const auto names,
           FileNames::Of(metadata_, TextOf(kFileNamesProperty, metadata_, next_.stored)));
    if (const auto text = names.Encode(); !text.empty()) {
      ST_TRY_STATUS(SetProperties(env_, {{kFileNamesProperty, text}}, {}, next_));
    }
    std::erase_if(metadata_.schemas, [&](const auto& schema) { return !is_needed(schema); });
    return true;
  }

  const TableEnv env_;
  TableState& next_;
  iceberg::TableMetadata& metadata_;
};

Status FitLayouts(Tidier& tidier, const iceberg::TableMetadata& before,
                  iceberg::TableMetadata& next) {
  const bool is_new = next.partition_specs.size() > before.partition_specs.size() ||
                      next.sort_orders.size() > before.sort_orders.size();
  if (!is_new || LayoutBytes(next) <= kMaxLayoutsBytes) return {};
  tidier.TidyLayouts();
  const auto bytes = LayoutBytes(next);
  if (bytes <= kMaxLayoutsBytes) return {};
  return Fail(
      ErrorCode::kInvalidArgument,
      "its snapshots have files of {} layouts, with the new one {} bytes of metadata, and a "
      "table has at most {}: keep the layout, or empty the table and fill it again "
      "(`steelthread pipeline reset`), and change the layout when the snapshots have expired",
      next.partition_specs.size(), bytes, kMaxLayoutsBytes);
}

// Only holds keep the snapshots of a version that is too long.
std::unexpected<Error> TooLongForHolds(const TableState& next, std::size_t bytes) {
  std::string holds;
  for (const auto& hold : HoldsOf(next.metadata)) {
    holds += fmt::format("{}{} ({})", holds.empty() ? "" : ", ", DescribeHold(hold),
                         ReleaseCommand(next.name, hold));
  }
  return Fail(
      ErrorCode::kUnavailable,
      "{}: its metadata would have {} bytes, the most are {}, and its snapshots are kept by "
      "{}: wait, or end the hold",
      Describe(next.name), bytes, kMaxVersionBytes, holds);
}

// Of the version's file.
std::size_t BytesOf(const FittedVersion& fitted) {
  return fitted.json.size() + kVersionChecksumBytes;
}

}  // namespace

Result<FittedVersion> FitVersion(TableEnv env, const TableState& before, TableState& next) {
  Tidier tidier(env, next);
  if (const auto fits = FitLayouts(tidier, before.metadata, next.metadata); !fits) {
    return std::unexpected(fits.error().WithContext(Describe(next.name)));
  }
  // Earlier builds left them in the metadata, and not every commit sets properties.
  ST_TRY_STATUS(StoreLongValues(env.storage, env.random, next.folder, next.metadata, next.stored));
  FittedVersion fitted{.json = iceberg::EncodeTableMetadata(next.metadata), .expired = {}};
  if (BytesOf(fitted) <= kTidyFromBytes) return fitted;
  ST_TRY(const bool has_less, tidier.TidyAll());
  if (has_less) fitted.json = iceberg::EncodeTableMetadata(next.metadata);
  while (BytesOf(fitted) > kMaxVersionBytes && next.metadata.snapshots.size() > 1) {
    const auto count = std::max<std::size_t>(next.metadata.snapshots.size() / kExpiredShare, 1);
    auto expired = ExpireOldest(count, next.metadata);
    if (expired.empty()) {
      return TooLongForHolds(next, BytesOf(fitted));
    }
    std::ranges::move(expired, std::back_inserter(fitted.expired));
    ST_TRY_STATUS(tidier.TidyAll());
    fitted.json = iceberg::EncodeTableMetadata(next.metadata);
  }
  return fitted;
}

}  // namespace st::lake
