#include "event/json_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace st::event {
namespace {

// The characters that end the fast scan of a string: quote, backslash and control characters.
constexpr std::array<bool, 256> kStops = [] {
  std::array<bool, 256> stops{};
  for (std::size_t c = 0; c < 0x20; ++c) stops[c] = true;
  stops['"'] = true;
  stops['\\'] = true;
  return stops;
}();

void AppendUtf8(std::string& out, unsigned code) {
  const auto push = [&out](unsigned byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    push(code);
  } else if (code < 0x800) {
    push(0xC0 | code >> 6);
    push(0x80 | (code & 63));
  } else if (code < 0x10000) {
    push(0xE0 | code >> 12);
    push(0x80 | (code >> 6 & 63));
    push(0x80 | (code & 63));
  } else {
    push(0xF0 | code >> 18);
    push(0x80 | (code >> 12 & 63));
    push(0x80 | (code >> 6 & 63));
    push(0x80 | (code & 63));
  }
}

unsigned UnitAt(std::string_view text, std::size_t at) {
  unsigned unit = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    unit = unit << 4 | static_cast<unsigned>(HexValue(text[at + i]));
  }
  return unit;
}

}  // namespace

std::string_view WithoutByteOrderMark(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text;
}

std::string UnescapeJson(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out.push_back(text[i]);
      continue;
    }
    const char c = text[++i];
    constexpr std::string_view kFrom = "bfnrt";
    constexpr std::string_view kTo = "\b\f\n\r\t";
    if (const auto at = kFrom.find(c); at != std::string_view::npos) {
      out.push_back(kTo[at]);
    } else if (c != 'u') {
      out.push_back(c);
    } else {
      unsigned code = UnitAt(text, i + 1);
      i += 4;
      if (code >= 0xD800 && code < 0xDC00) {
        code = 0x10000 + ((code - 0xD800) << 10) + (UnitAt(text, i + 3) - 0xDC00);
        i += 6;
      }
      AppendUtf8(out, code);
    }
  }
  return out;
}

JsonCheck::JsonCheck(std::size_t max_depth, Members members)
    : max_depth_(max_depth), keep_(members) {}

bool JsonCheck::Check(std::string_view text) {
  begin_ = next_ = text.data();
  end_ = begin_ + text.size();
  is_complete_ = false;
  is_object_ = false;
  open_.clear();
  members_.clear();
  unescaped_.clear();
  names_.clear();
  names_begin_.clear();
  repeated_.reset();
  return Document();
}

std::string JsonCheck::Reason() const {
  if (what_ == nullptr) {
    return fmt::format("byte {}: nested deeper than {} levels", next_ - begin_, max_depth_);
  }
  return fmt::format("byte {}: {}", next_ - begin_, what_);
}

bool JsonCheck::Fails(const char* what) {
  what_ = what;
  return false;
}

bool JsonCheck::Document() {
  while (!is_complete_) {
    if (!Value() || !AfterValue()) return false;
  }
  return true;
}

void JsonCheck::SkipSpace() {
  while (next_ < end_ && (*next_ == ' ' || *next_ == '\n' || *next_ == '\t' || *next_ == '\r')) {
    ++next_;
  }
}

bool JsonCheck::Open(bool is_object) {
  if (open_.size() == max_depth_) return Fails(nullptr);
  if (open_.empty()) is_object_ = is_object;
  open_.push_back(is_object ? 1 : 0);
  if (keep_ == Members::kKeepUnique) names_begin_.push_back(names_.size());
  ++next_;
  SkipSpace();
  return true;
}

void JsonCheck::Close() {
  ++next_;
  open_.pop_back();
  if (keep_ != Members::kKeepUnique) return;
  const auto begin = names_.begin() + static_cast<std::ptrdiff_t>(names_begin_.back());
  std::sort(begin, names_.end());
  if (const auto twice = std::adjacent_find(begin, names_.end());
      twice != names_.end() && !repeated_) {
    repeated_ = *twice;
  }
  names_.erase(begin, names_.end());
  names_begin_.pop_back();
}

bool JsonCheck::Value() {
  // A loop enters nested values, so depth takes no stack.
  while (true) {
    SkipSpace();
    if (next_ == end_) return Fails("the text ends where a value is expected");
    switch (*next_) {
      case '{':
        if (!Open(true)) return false;
        if (At('}')) return true;
        if (!Key()) return false;
        continue;
      case '[':
        if (!Open(false)) return false;
        if (At(']')) return true;
        continue;
      case '"': {
        bool has_escape = false;
        return String(has_escape);
      }
      case 't':
        return Literal("true");
      case 'f':
        return Literal("false");
      case 'n':
        return Literal("null");
      default:
        return Number();
    }
  }
}

bool JsonCheck::AfterValue() {
  while (true) {
    if (open_.size() == 1 && is_object_ && keep_ != Members::kNone && !members_.empty()) {
      // Each pass ends at most one value of the outermost object.
      auto& value = members_.back().value;
      if (value.data() == nullptr) {
        value = {value_begin_, static_cast<std::size_t>(next_ - value_begin_)};
      }
    }
    SkipSpace();
    if (open_.empty()) {
      if (next_ != end_) return Fails("something follows the value");
      is_complete_ = true;
      return true;
    }
    const bool in_object = open_.back() != 0;
    if (At(in_object ? '}' : ']')) {
      Close();
      continue;
    }
    if (!At(',')) return Fails(in_object ? "',' or '}' is expected" : "',' or ']' is expected");
    ++next_;
    SkipSpace();
    return in_object ? Key() : true;
  }
}

bool JsonCheck::Key() {
  if (!At('"')) return Fails("a key in quotes is expected");
  const char* from = next_ + 1;
  bool has_escape = false;
  if (!String(has_escape)) return false;
  const bool is_outermost = open_.size() == 1;
  if (keep_ == Members::kKeepUnique || (keep_ == Members::kKeep && is_outermost)) {
    SeeKey({from, static_cast<std::size_t>(next_ - 1 - from)}, has_escape);
  }
  SkipSpace();
  if (!At(':')) return Fails("a ':' is missing");
  ++next_;
  SkipSpace();
  if (is_outermost) value_begin_ = next_;
  return true;
}

void JsonCheck::SeeKey(std::string_view key, bool has_escape) {
  if (has_escape) key = unescaped_.emplace_back(UnescapeJson(key));
  if (open_.size() == 1) members_.push_back({.name = key, .value = {}});
  if (keep_ == Members::kKeepUnique) names_.push_back(key);
}

bool JsonCheck::String(bool& has_escape) {
  ++next_;
  while (true) {
    while (next_ < end_ && !kStops[static_cast<unsigned char>(*next_)]) ++next_;
    if (next_ == end_) return Fails("a string is not closed");
    if (*next_ == '"') {
      ++next_;
      return true;
    }
    if (*next_ != '\\') return Fails("a control character in a string");
    has_escape = true;
    if (!Escape()) return false;
  }
}

bool JsonCheck::Unit(unsigned& unit) {
  unit = 0;
  for (int i = 0; i < 4; ++i, ++next_) {
    const int digit = next_ < end_ ? HexValue(*next_) : -1;
    if (digit < 0) return Fails("four hexadecimal digits are expected");
    unit = unit << 4 | static_cast<unsigned>(digit);
  }
  return true;
}

bool JsonCheck::Escape() {
  ++next_;
  if (next_ == end_) return Fails("a string is not closed");
  const char c = *next_;
  if (c != 'u') {
    if (std::string_view("\"\\/bfnrt").find(c) == std::string_view::npos) {
      return Fails("no escape that JSON knows");
    }
    ++next_;
    return true;
  }
  ++next_;
  unsigned unit = 0;
  if (!Unit(unit)) return false;
  if (unit >= 0xDC00 && unit <= 0xDFFF) return Fails("half of a surrogate pair");
  if (unit < 0xD800 || unit > 0xDBFF) return true;
  if (end_ - next_ < 2 || next_[0] != '\\' || next_[1] != 'u') {
    return Fails("half of a surrogate pair");
  }
  next_ += 2;
  if (!Unit(unit)) return false;
  return unit >= 0xDC00 && unit <= 0xDFFF ? true : Fails("half of a surrogate pair");
}

bool JsonCheck::Digits() {
  if (next_ == end_ || !IsDigit(*next_)) return Fails("a digit is expected");
  while (next_ < end_ && IsDigit(*next_)) ++next_;
  return true;
}

bool JsonCheck::Number() {
  const bool has_sign = At('-');
  if (has_sign) ++next_;
  if (!has_sign && (next_ == end_ || !IsDigit(*next_)))
    return Fails("this is the beginning of no JSON value");
  if (At('0')) {
    ++next_;
  } else if (!Digits()) {
    return false;
  }
  if (At('.')) {
    ++next_;
    if (!Digits()) return false;
  }
  if (At('e') || At('E')) {
    ++next_;
    if (At('+') || At('-')) ++next_;
    if (!Digits()) return false;
  }
  return true;
}

bool JsonCheck::Literal(std::string_view word) {
  if (!std::string_view(next_, static_cast<std::size_t>(end_ - next_)).starts_with(word)) {
    return Fails("this is the beginning of no JSON value");
  }
  next_ += word.size();
  return true;
}

}  // namespace st::event
