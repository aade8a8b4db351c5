#include "worker/query/text.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include "base/text.h"
#include "dialect/tokens.h"
#include "worker/query/functions.h"
#include "worker/query/limits.h"

namespace st::worker::query {
namespace {

using dialect::Token;
using dialect::Tokenize;
using Kind = Token::Kind;

struct Edit {
  std::size_t from = 0;
  std::size_t length = 0;
  std::string text;
};

// DuckDB reserves these words; in Trino they are plain names. None of them begins an expression.
constexpr auto kQuotedWords = std::to_array<std::string_view>(
    {"analyse",   "analyze", "asymmetric", "check",      "collate",   "column", "deferrable",
     "do",        "foreign", "initially",  "limit",      "offset",    "only",   "pivot",
     "placing",   "primary", "qualify",    "references", "returning", "show",   "summarize",
     "symmetric", "to",      "unique",     "unpivot",    "variadic",  "window"});
// An expression begins after each of these words.
constexpr auto kBeforeExpression = std::to_array<std::string_view>(
    {"select", "distinct", "by",   "where",   "and", "or",   "not", "on", "having", "when",
     "then",   "else",     "case", "between", "in",  "like", "as",  "is", "escape", "filter"});

bool IsOneOf(const Token& token, std::span<const std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return token.IsWord(word); });
}

bool IsDecimal(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return !text.empty() && text.find_first_of("0123456789") != std::string_view::npos &&
         text.find_first_not_of("0123456789.") == std::string_view::npos &&
         std::ranges::count(text, '.') <= 1;
}

// The type of a decimal literal, whose digits it counts.
//
// Requires: IsDecimal(text).
std::string DecimalTypeOf(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of("+-0"), text.size()));
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::size_t scale = point < text.size() ? text.size() - point - 1 : 0;
  return fmt::format("decimal({}, {})", std::max<std::size_t>(point + scale, 1), scale);
}

// Rewrites "10:00:00 +02:00" as "10:00:00+02:00", since DuckDB takes an offset behind a blank for
// the name of a zone.
std::string WithAdjacentZone(std::string_view timestamp) {
  std::string out(timestamp);
  const std::size_t colon = out.find(':');
  const std::size_t sign = out.find_first_of("+-", colon);
  if (sign != std::string::npos && out[sign - 1] == ' ' && sign + 1 < out.size() &&
      out[sign + 1] >= '0' && out[sign + 1] <= '9') {
    out.erase(sign - 1, 1);
  }
  return out;
}

// True for "2026-11-23 10:00:00 UTC", "… +02:00" and "… America/New_York".
bool HasZone(std::string_view timestamp) {
  const std::size_t colon = timestamp.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view rest = timestamp.substr(colon);
  return rest.find_first_of("+-/") != std::string_view::npos ||
         std::ranges::any_of(rest, [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; });
}

// Translates MySQL's date format, which Trino uses, to that of strptime. Requires: `format` in
// quotes.
std::string ParseFormat(std::string_view format) {
  std::string out;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      out += format[i];
      continue;
    }
    switch (const char c = format[++i]) {
      case 'c':
        out += "%m";
        break;
      case 'e':
        out += "%d";
        break;
      case 'h':
      case 'l':
        out += "%I";
        break;
      case 'i':
        out += "%M";
        break;
      case 'k':
        out += "%H";
        break;
      case 'M':
        out += "%B";
        break;
      case 'r':
        out += "%I:%M:%S %p";
        break;
      case 's':
        out += "%S";
        break;
      case 'T':
        out += "%H:%M:%S";
        break;
      case 'W':
        out += "%A";
        break;
      default:
        out += '%';
        out += c;
    }
  }
  return out;
}

class Rewriter {
 public:
  explicit Rewriter(std::string_view sql) : tokens_(Tokenize(sql)) {}

  jobs::QueryResult<std::vector<Edit>> Run(std::string_view sql) {
    if (const Token* deep = MatchBrackets(); deep != nullptr) {
      return std::unexpected(
          FailAt("SYNTAX_ERROR", PlaceOf(sql, deep->offset),
                 fmt::format("statement is nested deeper than {} levels", kMaxStatementDepth)));
    }
    for (std::size_t i = 0; i + 1 < tokens_.size(); ++i) {
      if (tokens_[i].kind == Kind::kWord) {
        Word(i);
      } else if (tokens_[i].IsSign(')')) {
        NullTreatment(i);
      }
    }
    if (failure_) return std::unexpected(*failure_);
    std::ranges::sort(edits_, {},
                      [](const Edit& edit) { return std::pair(edit.from, edit.length); });
    return std::move(edits_);
  }

 private:
  // Fills closes_. Returns the first token that is nested too deep, or null.
  const Token* MatchBrackets() {
    closes_.assign(tokens_.size(), 0);
    std::vector<std::size_t> open;
    int cases = 0;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      const Token& token = tokens_[i];
      if (token.IsSign('(') || token.IsSign('[') || token.IsSign('{')) {
        open.push_back(i);
      } else if ((token.IsSign(')') || token.IsSign(']') || token.IsSign('}')) && !open.empty()) {
        closes_[open.back()] = i;
        open.pop_back();
      } else if (token.IsWord("case")) {
        ++cases;
      } else if (token.IsWord("end") && cases > 0) {
        --cases;
      }
      if (static_cast<int>(open.size()) + cases > kMaxStatementDepth) return &token;
    }
    return nullptr;
  }

  const Token& Before(std::size_t i) const { return i > 0 ? tokens_[i - 1] : tokens_.back(); }
  void Replace(const Token& token, std::string text) {
    edits_.push_back({token.offset, token.text.size(), std::move(text)});
  }

  bool BeginsExpression(std::size_t i) const {
    const Token& before = Before(i);
    if (before.kind == Kind::kWord) return IsOneOf(before, kBeforeExpression);
    if (before.kind != Kind::kSign) return false;
    if (before.IsSign('*')) {  // a product here, not "all columns"
      const Token& left = Before(i - 1);
      return left.kind == Kind::kNumber || left.IsSign(')') || left.IsSign(']') ||
             left.kind == Kind::kQuoted ||
             (left.kind == Kind::kWord && !IsOneOf(left, kBeforeExpression));
    }
    return std::string_view("+-/%=<>|(,[!").contains(before.text[0]);
  }

  void Word(std::size_t i) {
    const Token& token = tokens_[i];
    const Token& next = tokens_[i + 1];
    const bool is_adjacent = next.offset == token.offset + token.text.size();
    if (Before(i).IsSign('.')) return;
    if (token.IsWord("default")) return Replace(token, "\"default\"");
    if (next.kind == Kind::kString) {
      if (token.IsWord("x") && is_adjacent) return Bytes(token, next);
      return Literal(token, next);
    }
    if (IsOneOf(token, kQuotedWords)) {
      if (BeginsExpression(i)) Replace(token, fmt::format("\"{}\"", AsciiLower(token.text)));
      return;
    }
    if (next.IsSign('(')) Call(i);
  }

  void Wrap(const Token& token) {
    edits_.push_back({token.offset, 0, "("});
    edits_.push_back({token.offset + token.text.size(), 0, ")"});
  }

  // Rewrites X'0a ff' as unhex('0aff').
  void Bytes(const Token& word, const Token& string) {
    Replace(word, "unhex");
    Wrap(string);
    std::string digits(string.text);
    if (std::erase(digits, ' ') > 0) Replace(string, std::move(digits));
  }

  // Rewrites DECIMAL '1.5', JSON '[1]' and TIMESTAMP '2026-11-23 10:00:00 UTC'.
  void Literal(const Token& word, const Token& string) {
    if (string.text.size() < 2 || string.text[0] != '\'') return;
    const std::string_view text = string.text.substr(1, string.text.size() - 2);
    if (word.IsWord("decimal") && IsDecimal(text)) {
      Replace(word, "");
      Replace(string, fmt::format("cast({} as {})", string.text, DecimalTypeOf(text)));
    } else if (word.IsWord("json")) {
      Replace(word, "json_parse");
      Wrap(string);
    } else if (word.IsWord("timestamp") && HasZone(text)) {
      Replace(word, "timestamptz");
      Replace(string, WithAdjacentZone(string.text));
    }
  }

  void Call(std::size_t i) {
    const Token& token = tokens_[i];
    const std::size_t close = closes_[i + 1];
    if (close == 0 || Before(i).IsWord("as")) {
      if (close != 0 && token.IsWord("array")) ArrayType(i, close);
      return;
    }
    if (token.IsWord("array")) return ArrayType(i, close);
    if (token.IsWord("date_parse")) return DateParse(i, close);
    if (token.IsWord("cast") || token.IsWord("try_cast")) return Cast(i, close);
    if (token.IsWord("extract")) return Extract(i);
    if (token.IsWord("if")) return If(i, close);
    const bool is_extreme = token.IsWord("max_by") || token.IsWord("min_by");
    if (is_extreme && Arguments(i, close) != 2) return;  // arg_max_null has no count of values
    if (const auto name = DuckFunctionName(AsciiLower(token.text)); !name.empty()) {
      Replace(token, std::string(name));
    }
  }

  // Counts the arguments of a call.
  //
  // Requires: the call has an argument.
  std::size_t Arguments(std::size_t i, std::size_t close) const {
    std::size_t count = 1;
    for (std::size_t j = i + 2; j < close; ++j) {
      if (closes_[j] != 0) j = closes_[j];
      if (tokens_[j].IsSign(',')) ++count;
    }
    return count;
  }

  // Rewrites CAST(x AS json), by which a text becomes a JSON string and is not parsed, and the type
  // decimal without digits, which has 38.
  void Cast(std::size_t i, std::size_t close) {
    const Token& type = tokens_[close - 1];
    const Token& as = tokens_[close - 2];
    if (!as.IsWord("as")) return;
    if (type.IsWord("json")) {
      Replace(tokens_[i], "to_json");
      Replace(as, "");
      Replace(type, "");
    } else if (type.IsWord("decimal")) {
      Replace(type, "decimal(38, 0)");
    }
  }

  // Rewrites a field's name like that of the function that gives the field.
  void Extract(std::size_t i) {
    const Token& field = tokens_[i + 2];
    const auto name = DuckFunctionName(AsciiLower(field.text));
    if (!name.empty()) Replace(field, std::string(name));
  }

  // Rewrites if(a, b), since DuckDB wants the third argument.
  void If(std::size_t i, std::size_t close) {
    if (Arguments(i, close) == 2) Replace(tokens_[close], ", null)");
  }

  // Rewrites the type array(integer); DuckDB's own ARRAY(SELECT …) stays.
  void ArrayType(std::size_t i, std::size_t close) {
    if (tokens_[i + 2].IsWord("select") || tokens_[i + 2].IsWord("with")) return;
    Replace(tokens_[i], "");
    Replace(tokens_[i + 1], "");
    Replace(tokens_[close], "[]");
  }

  void DateParse(std::size_t i, std::size_t close) {
    const Token& format = tokens_[close - 1];
    if (close < i + 4 || format.kind != Kind::kString || format.text[0] != '\'' ||
        !tokens_[close - 2].IsSign(',')) {
      if (!failure_) {
        failure_ = jobs::QueryError{.code = ErrorCode::kUnsupported,
                                    .name = "NOT_SUPPORTED",
                                    .message =
                                        "date_parse takes a text and, as a literal, its "
                                        "format: date_parse(s, '%Y-%m-%d')"};
      }
      return;
    }
    Replace(tokens_[i], "strptime");
    Replace(format, ParseFormat(format.text));
  }

  // Rewrites lag(x) IGNORE NULLS OVER (…) as lag(x IGNORE NULLS) OVER (…).
  void NullTreatment(std::size_t close) {
    if (close + 3 >= tokens_.size()) return;
    const Token& how = tokens_[close + 1];
    const Token& nulls = tokens_[close + 2];
    if (!(how.IsWord("ignore") || how.IsWord("respect")) || !nulls.IsWord("nulls")) return;
    if (!tokens_[close + 3].IsWord("over")) return;
    edits_.push_back({tokens_[close].offset, 0, fmt::format(" {} nulls", how.text)});
    Replace(how, "");
    Replace(nulls, "");
  }

  std::vector<Token> tokens_;
  std::vector<std::size_t> closes_;  // by opening bracket: index of the closing one, or 0
  std::vector<Edit> edits_;
  std::optional<jobs::QueryError> failure_;
};

}  // namespace

Place PlaceOf(std::string_view text, std::size_t offset) {
  Place place;
  for (const char c : text.substr(0, std::min(offset, text.size()))) {
    if (c == '\n') {
      ++place.line;
      place.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      ++place.column;
    }
  }
  return place;
}

jobs::QueryError FailAt(std::string name, Place place, std::string_view message) {
  return {.name = std::move(name),
          .message = fmt::format("line {}:{}: {}", place.line, place.column, message),
          .line = place.line,
          .column = place.column};
}

jobs::QueryError FailWith(std::string name, std::string message) {
  return {.name = std::move(name), .message = std::move(message)};
}

jobs::QueryResult<DuckText> DuckText::From(std::string_view statement) {
  if (statement.size() > kMaxStatementBytes) {
    return std::unexpected(
        FailWith("SYNTAX_ERROR", fmt::format("statement has {} bytes, the limit is {}",
                                             statement.size(), kMaxStatementBytes)));
  }
  if (!IsUtf8(statement) || statement.contains('\0')) {
    return std::unexpected(FailWith("SYNTAX_ERROR", "statement is not UTF-8 text without NUL"));
  }
  DuckText out;
  out.statement_ = statement;
  ST_TRY(const std::vector<Edit> edits, Rewriter(statement).Run(statement));
  std::size_t at = 0;
  for (const Edit& edit : edits) {
    if (edit.from > at) out.pieces_.push_back({out.text_.size(), at, true});
    out.text_ += statement.substr(at, edit.from - at);
    out.pieces_.push_back({out.text_.size(), edit.from, false});
    out.text_ += edit.text;
    at = edit.from + edit.length;
  }
  out.pieces_.push_back({out.text_.size(), at, true});
  out.text_ += statement.substr(at);
  return out;
}

std::size_t DuckText::OriginOf(std::size_t offset) const {
  auto next = std::ranges::upper_bound(pieces_, offset, {}, &Piece::from);
  if (next == pieces_.begin()) return 0;
  const Piece& piece = *std::prev(next);
  const std::size_t origin = piece.is_copy ? piece.origin + (offset - piece.from) : piece.origin;
  return std::min(origin, statement_.size());
}

Place DuckText::PlaceAt(std::size_t offset) const { return PlaceOf(statement_, OriginOf(offset)); }

std::string_view DuckText::WordAt(std::size_t offset) const {
  const std::size_t origin = OriginOf(offset);
  const auto tokens = Tokenize(std::string_view(statement_).substr(origin));
  return tokens.front().text;
}

std::string DuckText::NameAt(std::size_t offset) const {
  const auto tokens = Tokenize(std::string_view(statement_).substr(OriginOf(offset)));
  std::string name(tokens.front().text);
  for (std::size_t i = 1; i + 1 < tokens.size() && tokens[i].IsSign('.'); i += 2) {
    name += fmt::format(".{}", tokens[i + 1].text);
  }
  return name;
}

}  // namespace st::worker::query
