#include "dialect/spark/members.h"

#include <optional>

#include "base/text.h"
#include "spark_values/json_path.h"

namespace st::dialect::spark {
namespace {

bool IsValueText(const Expr& expr) {
  return expr.kind == ExprKind::kCast && expr.args.size() == 1 &&
         expr.args[0].kind == ExprKind::kColumn && EqualsIgnoreCase(expr.args[0].text, "value");
}

// The outermost name of get_json_object(CAST(value AS STRING), '$.name'); nullopt for other
// expressions.
std::optional<std::string> MemberOf(const Expr& expr) {
  if (expr.kind != ExprKind::kCall || expr.text != "get_json_object" || expr.args.size() != 2 ||
      !IsValueText(expr.args[0]) || expr.args[1].kind != ExprKind::kString) {
    return std::nullopt;
  }
  const auto steps = spark_values::ParseJsonPath(expr.args[1].text);
  if (!steps || steps->empty() || steps->front().kind != spark_values::JsonStep::Kind::kName) {
    return std::nullopt;
  }
  return steps->front().name;
}

class Finder {
 public:
  explicit Finder(const SourceText& source) : source_(source) {}

  void Walk(const Expr& expr) {
    if (const auto member = MemberOf(expr)) {
      found_.members.push_back({*member, source_.PlaceOf(expr.args[1].position)});
    }
    AddTexts(expr);
    for (const auto& arg : expr.args) Walk(arg);
    if (expr.query != nullptr) Walk(*expr.query);
  }
  void Walk(const Query& query) {
    for (const auto& named : query.with) Walk(*named.query);
    for (const auto& select : query.selects) {
      Walk(select.from);
      for (const auto& item : select.items) Walk(item.expr);
      for (const auto& join : select.joins) {
        Walk(join.source);
        if (join.on) Walk(*join.on);
      }
      for (const auto& view : select.views) Walk(view.call);
      if (select.where) Walk(*select.where);
    }
  }
  void Walk(const Source& source) {
    if (source.query != nullptr) Walk(*source.query);
    if (source.call) Walk(*source.call);
  }
  Mentions Take() { return std::move(found_); }

 private:
  void AddTexts(const Expr& expr) {
    const bool is_equality = expr.kind == ExprKind::kBinary &&
                             (expr.text == "=" || expr.text == "<>" || expr.text == "<=>");
    if (is_equality) {
      AddText(expr.args[0], expr.args[1]);
      AddText(expr.args[1], expr.args[0]);
    } else if (expr.kind == ExprKind::kIn) {
      for (std::size_t i = 1; i < expr.args.size(); ++i) AddText(expr.args[0], expr.args[i]);
    } else if (expr.kind == ExprKind::kCase && expr.has_operand) {
      for (std::size_t i = 1; i + 1 < expr.args.size(); i += 2) {
        AddText(expr.args[0], expr.args[i]);
      }
    }
  }

  void AddText(const Expr& member, const Expr& text) {
    const auto name = MemberOf(member);
    if (!name || text.kind != ExprKind::kString) return;
    found_.texts.push_back({*name, text.text, source_.PlaceOf(text.position)});
  }

  const SourceText& source_;
  Mentions found_;
};

}  // namespace

Mentions FindMentions(const SourceText& source, const StreamingTable& table) {
  Finder finder(source);
  finder.Walk(table.query);
  return finder.Take();
}

}  // namespace st::dialect::spark
