#include "trial/row_match.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "base/text.h"
#include "trial/limits.h"

namespace st::trial {
namespace {

using Json = nlohmann::ordered_json;

std::string Text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The order of the members of a struct says nothing.
bool IsSame(const Json& a, const Json& b) {
  if (!a.is_structured()) return a == b;
  return nlohmann::json(a) == nlohmann::json(b);
}

std::optional<std::size_t> ColumnOf(const Rows& rows, std::string_view name) {
  const auto found = std::ranges::find(rows.columns, name);
  if (found == rows.columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - rows.columns.begin());
}

std::size_t EqualValues(const ExpectedRow& expected, const Rows& rows, std::size_t row) {
  std::size_t equal = 0;
  for (const auto& [name, value] : expected.row.items()) {
    if (IsSame(value, rows.values[row][*ColumnOf(rows, name)])) ++equal;
  }
  return equal;
}

bool IsRow(const ExpectedRow& expected, const Rows& rows, std::size_t row) {
  return EqualValues(expected, rows, row) == expected.row.size();
}

// The columns that the expectation names, in the order in which it does.
std::vector<std::string> NamedColumns(const Expectation& expectation) {
  std::vector<std::string> names;
  for (const auto& expected : expectation.rows) {
    for (const auto& [name, value] : expected.row.items()) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

std::string RowText(const Rows& rows, std::size_t row, const std::vector<std::string>& columns) {
  std::string text = "{";
  for (const auto& name : columns) {
    text += fmt::format("{}{}: {}", text.size() > 1 ? ", " : "", Text(name),
                        Text(rows.values[row][*ColumnOf(rows, name)]));
  }
  return text + "}";
}

std::string WhatOf(const Expectation& expectation) {
  switch (expectation.kind) {
    case Expectation::Kind::kTable:
      return expectation.of;
    case Expectation::Kind::kBadRows:
      return "bad.rows";
    case Expectation::Kind::kSelect:
      return "the query";
  }
  return "";
}

std::string Count(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

// The row that is meant by an expected one that is missing: the most alike of those that are too
// much; nullopt: none is like it.
std::optional<std::size_t> Nearest(const ExpectedRow& expected, const Rows& rows,
                                   const std::vector<std::size_t>& extra) {
  std::optional<std::size_t> nearest;
  std::size_t most = extra.size() == 1 ? 0 : 1;
  for (const auto row : extra) {
    const auto equal = EqualValues(expected, rows, row);
    if (equal < most) continue;
    nearest = row;
    most = equal + 1;
  }
  return nearest;
}

std::string ValueDifferences(const ExpectedRow& expected, const Rows& rows, std::size_t row) {
  std::string text;
  for (const auto& [name, value] : expected.row.items()) {
    const auto& found = rows.values[row][*ColumnOf(rows, name)];
    if (IsSame(value, found)) continue;
    text += fmt::format("\n      {}: want {}, got {}", name, Text(value), Text(found));
  }
  return text;
}

}  // namespace

bool RowMatch::is_whole() const {
  return missing.empty() &&
         std::ranges::all_of(expected, [](const auto& one) { return one.has_value(); });
}

Result<RowMatch> MatchRows(const Expectation& expectation, const Rows& rows) {
  const auto file = expectation.place.substr(0, expectation.place.rfind(':'));
  for (const auto& expected : expectation.rows) {
    for (const auto& [name, value] : expected.row.items()) {
      if (ColumnOf(rows, name)) continue;
      const auto near = NearestName(name, rows.columns);
      return Fail(ErrorCode::kInvalidArgument, "{}:{}: {} has no column \"{}\"{}", file,
                  expected.line, WhatOf(expectation), name,
                  near ? fmt::format("; did you mean \"{}\"?", *near) : "");
    }
  }
  RowMatch match{.expected = std::vector<std::optional<std::size_t>>(rows.values.size())};
  std::vector<std::size_t> order(expectation.rows.size());  // those that name most columns first
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(
      order, {}, [&](std::size_t i) { return std::pair(-std::ssize(expectation.rows[i].row), i); });
  for (const auto i : order) {
    const auto is_it = [&](std::size_t row) {
      return !match.expected[row] && IsRow(expectation.rows[i], rows, row);
    };
    std::size_t row = i;  // most rows stand where they are expected
    if (row >= rows.values.size() || !is_it(row)) {
      row = 0;
      while (row < rows.values.size() && !is_it(row)) ++row;
    }
    if (row < rows.values.size()) {
      match.expected[row] = i;
    } else {
      match.missing.push_back(i);
    }
  }
  std::ranges::sort(match.missing);
  return match;
}

std::string DifferenceText(const Expectation& expectation, const Rows& rows,
                           const RowMatch& match) {
  const auto file = expectation.place.substr(0, expectation.place.rfind(':'));
  std::vector<std::size_t> extra;
  for (std::size_t row = 0; row < rows.values.size(); ++row) {
    if (!match.expected[row]) extra.push_back(row);
  }
  std::string text = fmt::format("{}: {}: want {}, got {}", expectation.place, WhatOf(expectation),
                                 Count(expectation.rows.size(), "row"), rows.values.size());
  auto columns = NamedColumns(expectation);
  if (columns.empty()) columns = rows.columns;
  const auto hidden = [&](std::size_t count, std::size_t shown, char mark) {
    if (count > shown) text += fmt::format("\n    {} … and {} more", mark, count - shown);
  };
  std::size_t shown = 0;
  for (const auto i : match.missing) {
    if (shown++ == kMaxShownRows) break;
    const auto& expected = expectation.rows[i];
    text += fmt::format("\n    - {}  ({}:{})", expected.text, file, expected.line);
    const auto nearest = Nearest(expected, rows, extra);
    if (!nearest) continue;
    std::erase(extra, *nearest);
    text += fmt::format("\n    + {}{}", RowText(rows, *nearest, columns),
                        ValueDifferences(expected, rows, *nearest));
  }
  hidden(match.missing.size(), kMaxShownRows, '-');
  for (std::size_t i = 0; i < std::min(extra.size(), kMaxShownRows); ++i) {
    text += fmt::format("\n    + {}", RowText(rows, extra[i], columns));
  }
  hidden(extra.size(), kMaxShownRows, '+');
  return text;
}

std::string RewrittenRows(const Expectation& expectation, const Rows& rows, const RowMatch& match,
                          const std::vector<std::string>& usual) {
  auto columns = NamedColumns(expectation);
  if (columns.empty()) columns = usual.empty() ? rows.columns : usual;
  std::string text = "'''\n";
  for (std::size_t row = 0; row < rows.values.size(); ++row) {
    const auto& expected = match.expected[row];
    std::string line = expected ? expectation.rows[*expected].text : RowText(rows, row, columns);
    // The text ends at three quotes.
    for (auto at = line.find("'''"); at != std::string::npos; at = line.find("'''")) {
      line.replace(at, 3, "\\u0027\\u0027\\u0027");
    }
    text += line + "\n";
  }
  return text + "'''";
}

}  // namespace st::trial
