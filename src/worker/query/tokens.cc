#include "worker/query/tokens.h"

#include <algorithm>

#include "base/text.h"

namespace st::worker::query {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsWordStart(char c) {
  const auto u = static_cast<unsigned char>(c);
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || u >= 0x80;
}
bool IsWordPart(char c) { return IsWordStart(c) || IsDigit(c) || c == '$'; }
bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

class Lexer {
 public:
  explicit Lexer(std::string_view sql) : sql_(sql) {}

  std::vector<Token> Run() {
    while (true) {
      SkipBlanks();
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

  void SkipBlanks() {
    while (at_ < sql_.size()) {
      if (IsSpace(Peek())) {
        ++at_;
      } else if (Peek() == '-' && Peek(1) == '-') {
        at_ = Find("\n", at_);
      } else if (Peek() == '/' && Peek(1) == '*') {
        SkipComment();
      } else {
        return;
      }
    }
  }

  void SkipComment() {  // they nest
    int depth = 0;
    while (at_ < sql_.size()) {
      if (Peek() == '/' && Peek(1) == '*') {
        ++depth;
        at_ += 2;
      } else if (Peek() == '*' && Peek(1) == '/') {
        at_ += 2;
        if (--depth == 0) return;
      } else {
        ++at_;
      }
    }
    at_ = sql_.size();
  }

  void Next() {
    const char c = Peek();
    if (c == '\'') return Add(Token::Kind::kString, QuoteEnd(at_, '\'', false));
    if (c == '"') return Add(Token::Kind::kQuoted, QuoteEnd(at_, '"', false));
    if ((c == 'e' || c == 'E') && Peek(1) == '\'') {
      return Add(Token::Kind::kString, QuoteEnd(at_ + 1, '\'', true));
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

  std::size_t QuoteEnd(std::size_t open, char quote, bool escapes) const {
    std::size_t at = open + 1;
    while (at < sql_.size()) {
      if (escapes && sql_[at] == '\\') {
        at += 2;
      } else if (sql_[at] != quote) {
        ++at;
      } else if (at + 1 < sql_.size() && sql_[at + 1] == quote) {
        at += 2;
      } else {
        return at + 1;
      }
    }
    return sql_.size();
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

}  // namespace st::worker::query
