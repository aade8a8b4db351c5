#include "dialect/tokens.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"
#include "dialect/lexical.h"

namespace st::dialect {
namespace {

bool IsWordStart(char c) {
  const auto u = static_cast<unsigned char>(c);
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || u >= 0x80;
}
bool IsWordPart(char c) { return IsWordStart(c) || IsDigit(c) || c == '$'; }

constexpr BlankRules kBlanks{.spaces = " \t\n\r\f\v", .comments_nest = true};

class Lexer {
 public:
  explicit Lexer(std::string_view sql) : sql_(sql) {}

  std::vector<Token> Run() {
    while (true) {
      at_ = BlanksAt(sql_, at_, kBlanks).end;
      if (at_ >= sql_.size()) break;
      Next();
    }
    tokens_.push_back({Token::Kind::kEnd, sql_.size(), sql_.substr(sql_.size())});
    return std::move(tokens_);
  }

 private:
  char Peek(std::size_t ahead = 0) const {
    return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0';
  }
  std::size_t Find(std::string_view what, std::size_t from) const {
    return std::min(sql_.find(what, from), sql_.size());
  }
  void Add(Token::Kind kind, std::size_t end) {
    end = std::min(end, sql_.size());
    tokens_.push_back({kind, at_, sql_.substr(at_, end - at_)});
    at_ = end;
  }

  // Behind the quote that opens at `open`, or the end of the text.
  std::size_t Closed(std::size_t open, const QuoteRules& rules) const {
    return QuoteEnd(sql_, open, rules).value_or(sql_.size());
  }

  void Next() {
    const char c = Peek();
    if (c == '\'') return Add(Token::Kind::kString, Closed(at_, {}));
    if (c == '"') return Add(Token::Kind::kQuoted, Closed(at_, {}));
    if ((c == 'e' || c == 'E') && Peek(1) == '\'') {
      return Add(Token::Kind::kString, Closed(at_ + 1, {.has_escapes = true}));
    }
    if (c == '$' && !IsDigit(Peek(1)) && Dollar()) return;
    if (IsWordStart(c)) {
      std::size_t end = at_;
      while (end < sql_.size() && IsWordPart(sql_[end])) ++end;
      return Add(Token::Kind::kWord, end);
    }
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) return Number();
    Add(Token::Kind::kSign, at_ + 1);
  }

  bool Dollar() {  // $tag$ … $tag$
    std::size_t end = at_ + 1;
    while (end < sql_.size() && IsWordPart(sql_[end]) && sql_[end] != '$') ++end;
    if (end >= sql_.size() || sql_[end] != '$') return false;
    const std::string_view tag = sql_.substr(at_, end + 1 - at_);
    Add(Token::Kind::kString, Find(tag, end + 1) + tag.size());
    return true;
  }

  void Number() {
    std::size_t end = at_;
    while (end < sql_.size()) {
      const char c = sql_[end];
      const bool is_exponent_sign =
          (c == '-' || c == '+') && end > at_ && (sql_[end - 1] == 'e' || sql_[end - 1] == 'E');
      if (!IsWordPart(c) && c != '.' && !is_exponent_sign) break;
      ++end;
    }
    Add(Token::Kind::kNumber, end);
  }

  std::string_view sql_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

bool Token::IsWord(std::string_view lower) const {
  return kind == Kind::kWord && EqualsIgnoreCase(text, lower);
}

std::vector<Token> Tokenize(std::string_view sql) { return Lexer(sql).Run(); }

}  // namespace st::dialect
