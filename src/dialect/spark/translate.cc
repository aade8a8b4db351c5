#include "dialect/spark/translate.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "base/text.h"
#include "dialect/emit.h"
#include "dialect/spark/casts.h"
#include "dialect/spark/generators.h"
#include "dialect/spark/limits.h"
#include "dialect/spark/scopes.h"
#include "dialect/spark/select_translator.h"
#include "dialect/spark/subquery_translator.h"

namespace st::dialect::spark {
namespace {

// The queries of WITH that a query sees, the nearest last.
using Visible = std::vector<const NamedQuery*>;

class QueryTranslator {
 public:
  // `has_many_topics`: each reading of a stream takes the records of its topic.
  QueryTranslator(const SourceText& source, const std::vector<NamedQuery>& views, bool is_json,
                  bool has_many_topics)
      : source_(source), views_(views), is_json_(is_json), has_many_topics_(has_many_topics) {}

  Result<Translation> Run(const Query& query) {
    begin_ = query.begin;
    ST_TRY(auto made, OfQuery(query, {}));
    made.topics = std::move(topics_);
    made.views = std::move(used_views_);
    std::ranges::sort(constants_, {}, &Constant::position);  // a view may be read twice
    const auto repeated = std::ranges::unique(constants_, {}, &Constant::position);
    constants_.erase(repeated.begin(), repeated.end());
    made.constants = std::move(constants_);
    return made;
  }

 private:
  // `is_named`: its columns get names from outside.
  Result<Translation> OfQuery(const Query& query, Visible visible, bool is_named = false) {
    if (++depth_ > kMaxQueryDepth) {
      return std::unexpected(source_.At(
          query.begin, fmt::format("queries are nested deeper than {} levels, views with what they "
                                   "read counted",
                                   kMaxQueryDepth)));
    }
    for (const auto& named : query.with) visible.push_back(&named);
    std::vector<Translation> parts;
    for (const auto& select : query.selects) {
      // A query of WITH sees those before it alone, as its own name would have no end.
      ST_TRY(auto part, OfSelect(parts.empty() && !is_named ? select : Named(select), visible));
      parts.push_back(std::move(part));
    }
    --depth_;
    if (parts.size() == 1) return std::move(parts[0]);
    return United(query, std::move(parts));
  }

  Result<Translation> OfSelect(const SelectStatement& select, const Visible& visible) {
    // Each reading of a view repeats it, so that views over views grow as powers.
    if (++counts_.selects > kMaxReadSelects) {
      return std::unexpected(
          source_.At(select.position,
                     fmt::format("a statement reads at most {} SELECTs, those of a view or of "
                                 "WITH counted each time that it is read",
                                 kMaxReadSelects)));
    }
    const Source& from = select.from;
    if (from.kind == Source::Kind::kQuery) {
      ST_TRY(auto inner, OfQuery(*from.query, visible, !from.columns.empty()));
      return OverRows(select, std::move(inner), from.alias, visible);
    }
    if (from.kind == Source::Kind::kName) {
      for (std::size_t i = visible.size(); i-- > 0;) {
        if (!EqualsIgnoreCase(visible[i]->name, from.name)) continue;
        const Visible before(visible.begin(), visible.begin() + static_cast<std::ptrdiff_t>(i));
        ST_TRY(auto inner, Named(*visible[i], before));
        return OverRows(select, std::move(inner), from.alias.empty() ? from.name : from.alias,
                        visible);
      }
      const bool is_view = FindView(from.name) != nullptr;
      return std::unexpected(source_.At(
          from.position,
          is_view
              ? fmt::format("a view over a stream is read as one: write FROM STREAM({})", from.name)
              : std::string("a streaming table reads a stream: write FROM STREAM(topic)")));
    }
    if (from.kind != Source::Kind::kStream) {
      return std::unexpected(source_.At(
          from.position,
          "this SELECT reads no stream, which a streaming table does: write FROM STREAM(topic)"));
    }
    if (const auto* view = FindView(from.name)) {
      if (std::ranges::find(used_views_, view) == used_views_.end()) used_views_.push_back(view);
      ST_TRY(auto inner, Named(*view, {}));
      return OverRows(select, std::move(inner), from.alias.empty() ? from.name : from.alias,
                      visible);
    }
    if (std::ranges::find(topics_, from.name) == topics_.end()) topics_.push_back(from.name);
    return OverStream(select, visible);
  }

  // A SELECT whose names say nothing, as a further one of UNION ALL: each expression has another.
  static SelectStatement Named(SelectStatement select) {
    std::size_t number = 0;
    for (auto& item : select.items) {
      const ExprKind kind = item.expr.kind;
      ++number;
      const bool has_name = kind == ExprKind::kColumn || kind == ExprKind::kField ||
                            kind == ExprKind::kStar ||
                            (kind == ExprKind::kCall && IsGenerator(item.expr.text));
      if (!has_name && !item.alias) item.alias = fmt::format("st_column_{}", number);
    }
    return select;
  }

  const NamedQuery* FindView(const std::string& name) const {
    for (const auto& view : views_) {
      if (EqualsIgnoreCase(view.name, name)) return &view;
    }
    return nullptr;
  }

  // A view or a query of WITH, with the columns' names that stand beside its own.
  Result<Translation> Named(const NamedQuery& named, const Visible& visible) {
    ST_TRY(auto made, OfQuery(*named.query, visible, !named.columns.empty()));
    ST_TRY_STATUS(Rename(named.name, named.columns, named.position, made));
    return made;
  }

  Status Rename(const std::string& name, const std::vector<std::string>& columns,
                std::size_t position, Translation& made) const {
    if (columns.empty()) return {};
    if (columns.size() != made.columns.size()) {
      return std::unexpected(
          source_.At(position, fmt::format("{} has {} columns and {} names for them", name,
                                           made.columns.size(), columns.size())));
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
      made.columns[i].name = columns[i];
      made.plan.outputs[i].name = columns[i];
    }
    return {};
  }

  // SELECT * of what the SELECT reads.
  static SelectStatement AllOf(const SelectStatement& select) {
    SelectStatement all;
    all.position = select.from.position;
    all.from = select.from;
    SelectItem star;
    star.expr = Make(ExprKind::kStar, select.from.position);
    all.items.push_back(std::move(star));
    return all;
  }

  Result<Translation> OverStream(const SelectStatement& select, const Visible& visible) {
    SubqueryTranslator subqueries(source_, visible, counts_);
    const SelectContext context{source_, constants_, subqueries};
    std::optional<Expression> topic;
    if (has_many_topics_) {
      topic = Expression::Apply(Operator::kEqual,
                                {Expression::PlainColumn("topic", {.kind = TypeKind::kString}),
                                 Expression::Text(select.from.name)})
                  .InBrackets();
    }
    if (!select.from.columns.empty()) {
      ST_TRY(auto all, TranslateOverStream(context, AllOf(select), is_json_, topic));
      return OverRows(select, std::move(all), select.from.alias, visible);
    }
    if (select.views.empty() && select.joins.empty()) {
      return TranslateOverStream(context, select, is_json_, topic);
    }
    return TranslateOverRows(context, select, StreamRows(source_, select, is_json_, topic));
  }

  Result<Translation> OverRows(const SelectStatement& select, Translation inner,
                               const std::string& name, const Visible& visible) {
    ST_TRY_STATUS(Rename(name, select.from.columns, select.from.position, inner));
    Rows rows{.from = {}, .columns = {}, .has_value_text = false};
    for (const auto& column : inner.columns) {
      rows.columns.push_back({.relation = name, .name = column.name, .type = column.type});
    }
    rows.from = std::make_shared<const Select>(std::move(inner.plan));
    SubqueryTranslator subqueries(source_, visible, counts_);
    return TranslateOverRows({source_, constants_, subqueries}, select, std::move(rows));
  }

  // UNION ALL: columns by their places, with the first one's names.
  Result<Translation> United(const Query& query, std::vector<Translation> parts) {
    Translation made;
    for (std::size_t i = 1; i < parts.size(); ++i) {
      if (parts[i].columns.size() == parts[0].columns.size()) continue;
      return std::unexpected(
          source_.At(query.selects[i].position,
                     fmt::format("UNION ALL of {} and {} columns", parts[0].columns.size(),
                                 parts[i].columns.size())));
    }
    for (std::size_t c = 0; c < parts[0].columns.size(); ++c) {
      ST_TRY(const auto type, CommonOf(query, parts, c));
      made.columns.push_back({.name = parts[0].columns[c].name, .type = type});
      made.plan.outputs.push_back({.value = Expression::Column(parts[0].columns[c].name, type),
                                   .name = parts[0].columns[c].name});
    }
    UnionAll all;
    for (auto& part : parts) {
      ST_TRY(auto same, AsColumns(query, std::move(part), made.columns));
      all.parts.push_back(std::make_shared<const Select>(std::move(same)));
    }
    made.plan.from = std::move(all);
    return made;
  }

  Result<Type> CommonOf(const Query& query, const std::vector<Translation>& parts,
                        std::size_t column) const {
    std::vector<Expression> values;
    for (const auto& part : parts) {
      values.push_back(Expression::Column("c", part.columns[column].type));
    }
    if (Unify(values)) return values[0].type;
    std::string types;
    for (const auto& part : parts) {
      types += (types.empty() ? "" : " and ") + SparkName(part.columns[column].type);
    }
    return std::unexpected(source_.At(
        query.selects[1].position, fmt::format("column '{}' of UNION ALL is {}; write CAST(… AS …)",
                                               parts[0].columns[column].name, types)));
  }

  // The same rows with these names and types.
  Result<Select> AsColumns(const Query& query, Translation part,
                           const std::vector<OutputColumn>& columns) const {
    const auto is_same = [&](std::size_t i) { return part.columns[i].type == columns[i].type; };
    bool all_are = true;
    for (std::size_t i = 0; i < columns.size(); ++i) all_are = all_are && is_same(i);
    if (all_are) return std::move(part.plan);
    Select cast;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      auto value = Cast(Expression::Column(part.columns[i].name, part.columns[i].type),
                        columns[i].type, false);
      if (!value) return std::unexpected(source_.At(query.begin, value.error().message()));
      cast.outputs.push_back({.value = *std::move(value), .name = columns[i].name});
    }
    cast.from = std::make_shared<const Select>(std::move(part.plan));
    return cast;
  }

  const SourceText& source_;
  const std::vector<NamedQuery>& views_;
  const bool is_json_;
  const bool has_many_topics_;
  int depth_ = 0;
  StatementCounts counts_;
  std::size_t begin_ = 0;  // of the statement's query
  std::vector<std::string> topics_;
  std::vector<const NamedQuery*> used_views_;
  std::vector<Constant> constants_;
};

}  // namespace

Result<Translation> Translate(const SourceText& source, const Query& query,
                              const std::vector<NamedQuery>& views, bool is_json) {
  ST_TRY(auto made, QueryTranslator(source, views, is_json, false).Run(query));
  if (made.topics.size() > 1) {
    ST_TRY(made, QueryTranslator(source, views, is_json, true).Run(query));
  }
  const std::size_t bytes = SqlBytes(made.plan);
  if (bytes <= kMaxSqlBytes) return made;
  return std::unexpected(source.At(
      query.begin,
      fmt::format("this SELECT makes {} bytes of SQL; the limit is {}", bytes, kMaxSqlBytes)));
}

}  // namespace st::dialect::spark
