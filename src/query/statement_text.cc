#include "query/statement_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/text.h"
#include "dialect/lexical.h"

namespace st::query {
namespace {

struct Token {
  enum class Type { kWord, kQuoted, kText, kSymbol, kEnd };
  Type type = Type::kEnd;
  std::string text;  // a quoted name or text has no quotes here
  statement::Location location;
};

bool IsWordChar(char c) {
  return IsLetter(c) || IsDigit(c) || c == '_' || c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

constexpr dialect::BlankRules kBlanks{.spaces = " \t\r\n\f\v"};

// The text inside quotes, where a doubled quote is one.
std::string Undoubled(std::string_view inside, char quote) {
  std::string text;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    text += inside[i];
    if (inside[i] == quote) ++i;
  }
  return text;
}

// Splits a statement into tokens, without its comments.
class Lexer {
 public:
  explicit Lexer(std::string_view sql) : sql_(sql) {}

  Token Next() {
    TakeUntil(dialect::BlanksAt(sql_, at_, kBlanks).end);
    Token token{.location = {line_, column_}};
    if (at_ >= sql_.size()) return token;
    const char c = sql_[at_];
    if (c == '"' || c == '\'') {
      token.type = c == '"' ? Token::Type::kQuoted : Token::Type::kText;
      token.text = TakeQuoted();
    } else if (IsWordChar(c)) {
      token.type = Token::Type::kWord;
      std::size_t end = at_;
      while (end < sql_.size() && IsWordChar(sql_[end])) ++end;
      token.text = TakeUntil(end);
    } else {
      token.type = Token::Type::kSymbol;
      token.text = TakeUntil(at_ + 1);
    }
    return token;
  }

 private:
  // The bytes up to `end`; counts lines, and characters in a line.
  std::string_view TakeUntil(std::size_t end) {
    const auto taken = sql_.substr(at_, end - at_);
    at_ = end;
    for (const char c : taken) {
      if (c == '\n') {
        ++line_;
        column_ = 1;
      } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
        ++column_;  // a column counts characters, not bytes
      }
    }
    return taken;
  }

  // A text that is not closed goes to the end of the statement.
  std::string TakeQuoted() {
    const char quote = sql_[at_];
    const auto end = dialect::QuoteEnd(sql_, at_, {});
    auto inside = TakeUntil(end.value_or(sql_.size())).substr(1);
    if (end) inside.remove_suffix(1);
    return Undoubled(inside, quote);
  }

  std::string_view sql_;
  std::size_t at_ = 0;
  int line_ = 1;
  int column_ = 1;
};

constexpr std::array<std::string_view, 4> kSelectWords{"select", "with", "values", "table"};
// First words of Trino's statements that are not supported. A refusal says what is.
constexpr std::array<std::string_view, 24> kOtherWords{
    "alter",   "analyze", "call",    "comment",  "commit", "create", "deallocate", "delete",
    "deny",    "drop",    "execute", "explain",  "grant",  "insert", "merge",      "prepare",
    "refresh", "reset",   "revoke",  "rollback", "set",    "start",  "truncate",   "update"};

class Parser {
 public:
  explicit Parser(std::string_view sql) : lexer_(sql) { Advance(); }

  StatementResult<ParsedStatement> Parse() {
    ParsedStatement parsed{.location = token_.location};
    if (token_.type == Token::Type::kEnd) {
      return Refuse("SYNTAX_ERROR", "the statement is empty");
    }
    if (IsSymbol("(")) return parsed;
    const std::string word = Word();
    if (std::ranges::count(kSelectWords, word) > 0) return parsed;
    if (std::ranges::count(kOtherWords, word) > 0) {
      return Refuse("NOT_SUPPORTED",
                    fmt::format("{} is not supported: tables are read with SELECT, SHOW and "
                                "DESCRIBE, and written by pipelines",
                                Upper(word)));
    }
    if (word == "show") return ParseShow(parsed);
    if (word == "use") {
      Advance();
      return ParseName(parsed, StatementKind::kUse, 2);
    }
    if (word == "describe" || word == "desc") {
      Advance();
      if (IsWord("input") || IsWord("output")) {
        Token after = lexer_.Next();
        if (after.type == Token::Type::kWord) {
          return Refuse("NOT_SUPPORTED", "prepared statements are not supported");
        }
      }
      return ParseName(parsed, StatementKind::kShowColumns, 3);
    }
    return Mismatch("'DESCRIBE', 'SELECT', 'SHOW', 'USE', 'VALUES', 'WITH'");
  }

 private:
  void Advance() { token_ = lexer_.Next(); }
  std::string Word() const {
    return token_.type == Token::Type::kWord ? AsciiLower(token_.text) : std::string();
  }
  bool IsWord(std::string_view word) const { return Word() == word; }
  bool IsSymbol(std::string_view symbol) const {
    return token_.type == Token::Type::kSymbol && token_.text == symbol;
  }
  bool TakeWord(std::string_view word) {
    if (!IsWord(word)) return false;
    Advance();
    return true;
  }
  static std::string Upper(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return text;
  }

  std::unexpected<statement::Failure> Refuse(std::string name, const std::string& message) const {
    return std::unexpected(FailureAt(token_.location, std::move(name), message));
  }
  std::unexpected<statement::Failure> Mismatch(const std::string& expected) const {
    const std::string found = token_.type == Token::Type::kEnd ? "<EOF>" : token_.text;
    return Refuse("SYNTAX_ERROR",
                  fmt::format("mismatched input '{}'. Expecting: {}", found, expected));
  }

  StatementResult<ParsedStatement> ParseShow(ParsedStatement parsed) {
    Advance();
    const std::string what = Word();
    if (what == "catalogs") {
      Advance();
      parsed.kind = StatementKind::kShowCatalogs;
      return ParseEnd(parsed, true);
    }
    if (what == "schemas" || what == "databases") {
      return ParseFrom(parsed, StatementKind::kShowSchemas, 1);
    }
    if (what == "tables") return ParseFrom(parsed, StatementKind::kShowTables, 2);
    if (what == "columns") {
      Advance();
      if (!TakeWord("from") && !TakeWord("in")) return Mismatch("'FROM', 'IN'");
      return ParseName(parsed, StatementKind::kShowColumns, 3);
    }
    constexpr std::array<std::string_view, 7> kShows{"create", "functions", "grants", "role",
                                                     "roles",  "session",   "stats"};
    if (std::ranges::count(kShows, what) > 0) {
      return Refuse("NOT_SUPPORTED", fmt::format("SHOW {} is not supported", Upper(what)));
    }
    return Mismatch("'CATALOGS', 'COLUMNS', 'SCHEMAS', 'TABLES'");
  }

  StatementResult<ParsedStatement> ParseFrom(ParsedStatement parsed, StatementKind kind,
                                             std::size_t most_parts) {
    Advance();
    parsed.kind = kind;
    if (TakeWord("from") || TakeWord("in")) return ParseName(parsed, kind, most_parts);
    return ParseEnd(parsed, true);
  }

  StatementResult<ParsedStatement> ParseName(ParsedStatement parsed, StatementKind kind,
                                             std::size_t most_parts) {
    parsed.kind = kind;
    do {
      if (!parsed.name.empty()) Advance();  // skips the dot
      if (token_.type != Token::Type::kWord && token_.type != Token::Type::kQuoted) {
        return Mismatch("<identifier>");
      }
      if (parsed.name.size() == most_parts) {
        return Refuse("SYNTAX_ERROR",
                      fmt::format("a name of at most {} parts goes here", most_parts));
      }
      parsed.name.push_back(AsciiLower(token_.text));
      Advance();
    } while (IsSymbol("."));
    return ParseEnd(parsed, kind != StatementKind::kUse);
  }

  StatementResult<ParsedStatement> ParseEnd(ParsedStatement parsed, bool may_be_like) {
    if (may_be_like && TakeWord("like")) {
      if (token_.type != Token::Type::kText) return Mismatch("<string>");
      parsed.like = token_.text;
      Advance();
      if (TakeWord("escape")) {
        if (token_.type != Token::Type::kText || token_.text.size() != 1) {
          return Mismatch("a string of one character");
        }
        parsed.escape = token_.text[0];
        Advance();
      }
    }
    if (IsSymbol(";")) Advance();
    if (token_.type != Token::Type::kEnd) return Mismatch(may_be_like ? "'LIKE', <EOF>" : "<EOF>");
    return parsed;
  }

  Lexer lexer_;
  Token token_;
};

std::size_t CharacterLength(std::string_view text) {
  std::size_t n = 1;
  while (n < text.size() && (static_cast<unsigned char>(text[n]) & 0xC0) == 0x80) ++n;
  return n;
}

}  // namespace

statement::Failure FailureAt(statement::Location location, std::string name,
                             const std::string& message) {
  return {.name = std::move(name),
          .message = fmt::format("line {}:{}: {}", location.line, location.column, message),
          .location = location};
}

StatementResult<ParsedStatement> ParseStatement(std::string_view sql) {
  return Parser(sql).Parse();
}

bool IsLike(std::string_view text, std::string_view pattern, std::optional<char> escape) {
  std::size_t t = 0;
  std::size_t p = 0;
  std::size_t after_percent = std::string_view::npos;
  std::size_t retry = 0;
  while (t < text.size()) {
    const bool is_escaped = p + 1 < pattern.size() && escape && pattern[p] == *escape;
    if (!is_escaped && p < pattern.size() && pattern[p] == '%') {
      after_percent = ++p;
      retry = t;
    } else if (!is_escaped && p < pattern.size() && pattern[p] == '_') {
      ++p;
      t += CharacterLength(text.substr(t));
    } else if (p < pattern.size() && pattern[is_escaped ? p + 1 : p] == text[t]) {
      p += is_escaped ? 2 : 1;
      ++t;
    } else if (after_percent != std::string_view::npos) {
      p = after_percent;
      t = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '%') ++p;
  return p == pattern.size();
}

}  // namespace st::query
