#include "jobs/nested_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace st::jobs {
namespace {

std::string QuotedJson(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// Copies one text of JSON, whose types are known, from its beginning to its end.
class Copier {
 public:
  explicit Copier(std::string_view text) : text_(text) {}

  bool Rows(const std::vector<NestedType>& columns) {
    return List('[', ']', [&] {
      std::size_t at = 0;
      return List('[', ']', [&] { return at < columns.size() && Value(columns[at++]); }) &&
             at == columns.size();
    });
  }
  bool at_end() const { return text_.empty(); }
  std::string TakeCopy() { return std::move(out_); }

 private:
  bool Take(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  void Copy(std::size_t bytes) {
    out_ += text_.substr(0, bytes);
    text_.remove_prefix(std::min(bytes, text_.size()));
  }

  // Items between brackets; `item` copies one.
  template <typename Item>
  bool List(char open, char close, Item&& item, char open_now = 0, char close_now = 0) {
    if (!Take(open)) return false;
    out_ += open_now == 0 ? open : open_now;
    for (bool is_first = true; !Take(close); is_first = false) {
      if (!is_first) {
        if (!Take(',')) return false;
        out_ += ',';
      }
      if (!item()) return false;
    }
    out_ += close_now == 0 ? close : close_now;
    return true;
  }

  bool Text() {
    std::size_t end = 1;
    while (end < text_.size() && text_[end] != '"') end += text_[end] == '\\' ? 2 : 1;
    if (end >= text_.size()) return false;
    Copy(end + 1);
    return true;
  }

  bool Scalar() {
    if (text_.starts_with('"')) return Text();
    const auto end = std::min(text_.find_first_of(",]}[{"), text_.size());
    Copy(end);
    return end > 0;
  }

  bool Value(const NestedType& type) {
    if (text_.starts_with("null") || type.shape == TypeShape::kPrimitive) return Scalar();
    switch (type.shape) {
      case TypeShape::kList:
        return List('[', ']', [&] { return Value(type.fields[0].type); });
      case TypeShape::kMap:
        return List('{', '}', [&] {
          if (!text_.starts_with('"') || !Text() || !Take(':')) return false;
          out_ += ':';
          return Value(type.fields[1].type);
        });
      default:
        break;
    }
    std::size_t at = 0;
    const auto member = [&] {
      if (at >= type.fields.size()) return false;
      out_ += QuotedJson(type.fields[at].name) + ':';
      return Value(type.fields[at++].type);
    };
    return List('[', ']', member, '{', '}') && at == type.fields.size();
  }

  std::string_view text_;
  std::string out_;
};

}  // namespace

std::string WithFieldNames(std::string_view rows_json, const std::vector<NestedType>& columns) {
  const auto is_struct = [](const auto& self, const NestedType& type) -> bool {
    return type.shape == TypeShape::kStruct ||
           std::ranges::any_of(type.fields,
                               [&](const auto& field) { return self(self, field.type); });
  };
  const bool has_structs = std::ranges::any_of(
      columns, [&](const NestedType& type) { return is_struct(is_struct, type); });
  Copier copier(rows_json);
  if (has_structs && copier.Rows(columns) && copier.at_end()) return copier.TakeCopy();
  return std::string(rows_json);
}

}  // namespace st::jobs
