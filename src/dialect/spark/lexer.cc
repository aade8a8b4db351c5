#include "dialect/spark/lexer.h"

#include <array>
#include <cstdint>
#include <optional>

#include "base/ascii.h"
#include "base/text.h"
#include "dialect/lexical.h"
#include "dialect/spark/limits.h"

namespace st::dialect::spark {
namespace {

bool IsNameLetter(char c) { return IsLetter(c) || c == '_'; }

constexpr BlankRules kBlanks{.spaces = " \t\n\r", .comments_nest = true};

void AppendUtf8(std::uint32_t code, std::string& out) {
  const auto byte = [&out](std::uint32_t b) { out += static_cast<char>(b); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | code >> 6);
    byte(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    byte(0xE0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3F));
    byte(0x80 | (code & 0x3F));
  } else {
    byte(0xF0 | code >> 18);
    byte(0x80 | (code >> 12 & 0x3F));
    byte(0x80 | (code >> 6 & 0x3F));
    byte(0x80 | (code & 0x3F));
  }
}

std::optional<std::uint32_t> HexAt(std::string_view text, std::size_t at, std::size_t digits) {
  if (at + digits > text.size()) return std::nullopt;
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + digits; ++i) {
    const char c = text[i];
    if (!IsDigit(c) && !(c >= 'a' && c <= 'f') && !(c >= 'A' && c <= 'F')) return std::nullopt;
    const char low = static_cast<char>(c | 0x20);
    value = value * 16 + static_cast<std::uint32_t>(IsDigit(c) ? c - '0' : low - 'a' + 10);
  }
  return value;
}

// Reads tokens from left to right.
class Scanner {
 public:
  explicit Scanner(const SourceText& source) : source_(source), text_(source.text()) {}

  Result<std::vector<Token>> Run() {
    std::vector<Token> tokens;
    while (true) {
      ST_TRY_STATUS(SkipSpace());
      ST_TRY(Token token, Next());
      token.end = at_;
      tokens.push_back(std::move(token));
      if (tokens.back().kind == TokenKind::kEnd) return tokens;
    }
  }

 private:
  char Peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  std::unexpected<Error> Wrong(std::size_t position, std::string_view message) const {
    return std::unexpected(source_.At(position, message));
  }

  Status SkipSpace() {
    const Blanks blanks = BlanksAt(text_, at_, kBlanks);
    if (blanks.open_comment) {
      return Wrong(*blanks.open_comment, "this comment has no end; close it with */");
    }
    at_ = blanks.end;
    return {};
  }

  Result<Token> Next() {
    Token token{.kind = TokenKind::kEnd, .text = {}, .position = at_, .end = at_};
    if (at_ >= text_.size()) return token;
    const char c = Peek();
    if ((c == 'r' || c == 'R') && (Peek(1) == '\'' || Peek(1) == '"')) {
      ++at_;
      return ReadString(token, true);
    }
    if (IsNameLetter(c)) {
      while (IsNameLetter(Peek()) || IsDigit(Peek())) ++at_;
      token.kind = TokenKind::kWord;
      token.text = text_.substr(token.position, at_ - token.position);
      return token;
    }
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) return ReadNumber(token);
    if (c == '\'' || c == '"') return ReadString(token, false);
    if (c == '`') return ReadQuoted(token);
    return ReadSymbol(token);
  }

  Result<Token> ReadNumber(Token token) {
    while (IsDigit(Peek())) ++at_;
    if (Peek() == '.' && IsDigit(Peek(1))) {
      ++at_;
      while (IsDigit(Peek())) ++at_;
    } else if (Peek() == '.' && !IsNameLetter(Peek(1)) && Peek(1) != '.') {
      ++at_;
    }
    const std::size_t sign = Peek(1) == '+' || Peek(1) == '-' ? 2 : 1;
    if ((Peek() == 'e' || Peek() == 'E') && IsDigit(Peek(sign))) {
      at_ += sign;
      while (IsDigit(Peek())) ++at_;
    }
    while (IsNameLetter(Peek()) || IsDigit(Peek())) ++at_;
    token.kind = TokenKind::kNumber;
    token.text = text_.substr(token.position, at_ - token.position);
    return token;
  }

  // Reads one literal. Adjacent literals (such as 'it''s') are further tokens, which the parser
  // joins.
  Result<Token> ReadString(Token token, bool is_raw) {
    const char quote = Peek();
    // As in Spark 4, a doubled quote means one quote, except in a raw string.
    const auto end = QuoteEnd(text_, at_, {.has_escapes = !is_raw, .is_doubled = !is_raw});
    if (!end) {
      return Wrong(token.position, fmt::format("this string has no end; close it with {}", quote));
    }
    token.kind = TokenKind::kString;
    const std::string_view inside = text_.substr(at_ + 1, *end - at_ - 2);
    at_ = *end;
    token.text = is_raw ? std::string(inside) : Unescaped(inside, quote);
    if (!IsUtf8(token.text) || token.text.contains('\0')) {
      return Wrong(token.position,
                   "this string holds a zero byte or half a character, which is not supported");
    }
    return token;
  }

  static std::string Unescaped(std::string_view inside, char quote) {
    std::string single;
    for (std::size_t i = 0; i < inside.size(); ++i) {
      single += inside[i];
      if (inside[i] == '\\' && i + 1 < inside.size()) {
        single += inside[++i];
      } else if (inside[i] == quote) {
        ++i;
      }
    }
    return UnescapeString(single);
  }

  Result<Token> ReadQuoted(Token token) {
    ++at_;
    while (true) {
      if (at_ >= text_.size() || Peek() == '\n') {
        return Wrong(token.position, "this name has no end; close it with `");
      }
      if (Peek() == '`') {
        if (Peek(1) != '`') break;
        ++at_;
      }
      token.text += Peek();
      ++at_;
    }
    ++at_;
    if (token.text.empty()) return Wrong(token.position, "a name in backticks must not be empty");
    token.kind = TokenKind::kQuoted;
    return token;
  }

  Result<Token> ReadSymbol(Token token) {
    static constexpr std::array<std::string_view, 30> kSymbols = {
        "<=>", "||", "==", "<>", "!=", "<=", ">=", "::", "->", "(", ")", ",", ".", ";", "*",
        "+",   "-",  "/",  "%",  "=",  "<",  ">",  "[",  "]",  ":", "?", "&", "|", "^", "~"};
    for (const auto symbol : kSymbols) {
      if (!text_.substr(at_).starts_with(symbol)) continue;
      at_ += symbol.size();
      token.kind = TokenKind::kSymbol;
      token.text = symbol;
      return token;
    }
    const auto byte = static_cast<unsigned char>(Peek());
    if (byte > 0x20 && byte < 0x7F) {
      return Wrong(at_, fmt::format("unexpected character '{}'", Peek()));
    }
    return Wrong(at_,
                 fmt::format("unexpected byte 0x{:02x}; names with other letters than a-z, 0-9 "
                             "and _ stand in backticks",
                             byte));
  }

  const SourceText& source_;
  std::string_view text_;
  std::size_t at_ = 0;
};

// Appends the character of one escape, given behind its backslash; returns how many characters of
// `rest` it consumed.
std::size_t AppendEscape(std::string_view rest, std::string& out) {
  const char c = rest[0];
  if (c == 'u' || c == 'U') {
    const std::size_t digits = c == 'u' ? 4 : 8;
    if (const auto code = HexAt(rest, 1, digits); code && *code <= 0x10FFFF) {
      AppendUtf8(*code, out);
      return digits + 1;
    }
  }
  if (rest.size() >= 3 && c >= '0' && c <= '1' && IsDigit(rest[1]) && rest[1] < '8' &&
      IsDigit(rest[2]) && rest[2] < '8') {
    AppendUtf8(static_cast<std::uint32_t>((c - '0') * 64 + (rest[1] - '0') * 8 + rest[2] - '0'),
               out);
    return 3;
  }
  switch (c) {
    case '0':
      out += '\0';
      break;
    case 'b':
      out += '\b';
      break;
    case 'n':
      out += '\n';
      break;
    case 'r':
      out += '\r';
      break;
    case 't':
      out += '\t';
      break;
    case 'Z':
      out += '\x1A';
      break;
    case '%':
      out += "\\%";
      break;
    case '_':
      out += "\\_";
      break;
    default:
      out += c;
  }
  return 1;
}

}  // namespace

bool Token::IsWord(std::string_view lower_case) const {
  return kind == TokenKind::kWord && EqualsIgnoreCase(text, lower_case);
}

bool Token::IsSymbol(std::string_view symbol) const {
  return kind == TokenKind::kSymbol && text == symbol;
}

std::string UnescapeString(std::string_view inside) {
  std::string out;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] != '\\' || i + 1 == inside.size()) {
      out += inside[i];
      continue;
    }
    i += AppendEscape(inside.substr(i + 1), out);
  }
  return out;
}

Result<std::vector<Token>> Tokenize(const SourceText& source) {
  if (source.text().size() > kMaxPipelineFileBytes) {
    return Fail(ErrorCode::kInvalidArgument, "{}: {} bytes; a pipeline file has at most {}",
                source.path(), source.text().size(), kMaxPipelineFileBytes);
  }
  if (!IsUtf8(source.text())) {
    return Fail(ErrorCode::kInvalidArgument, "{}: the file is not UTF-8; save it as UTF-8",
                source.path());
  }
  return Scanner(source).Run();
}

}  // namespace st::dialect::spark
