#include "cli/record_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <iterator>

namespace st::cli {
namespace {

constexpr std::string_view kLetters = "sSRkKTtpoh";

bool IsDigit(char c, int base) {
  const auto byte = static_cast<unsigned char>(c);
  return (base == 16 ? std::isxdigit(byte) : std::isdigit(byte)) != 0;
}

// Reads the escape behind the backslash at `at`, and gives the place behind it.
Result<std::size_t> AppendEscape(std::string_view text, std::size_t at, std::string& out) {
  const auto start = at + 1;
  const auto rest = text.substr(start);
  const bool is_c_hex = rest.starts_with("0x") && rest.size() > 2 && IsDigit(rest[2], 16);
  const bool is_hex = is_c_hex || rest.front() == 'x';
  const auto digits = start + (is_c_hex ? 2 : (is_hex ? 1 : 0));
  if (!is_hex && !IsDigit(text[start], 10)) {
    constexpr std::string_view kNames = "nrt";
    constexpr std::string_view kCharacters = "\n\r\t";
    const auto named = kNames.find(text[start]);
    out += named == kNames.npos ? text[start] : kCharacters[named];
    return start + 1;
  }
  const int base = is_hex ? 16 : (text[start] == '0' ? 8 : 10);
  unsigned code = 0;
  auto end = digits;
  for (; end < text.size() && IsDigit(text[end], base); ++end) {
    if (base == 8 && text[end] > '7') break;
    const std::string digit(1, text[end]);
    code = code * static_cast<unsigned>(base) +
           static_cast<unsigned>(std::strtoul(digit.c_str(), nullptr, base));
  }
  if (end == digits) {
    return Fail(ErrorCode::kInvalidArgument,
                "\\x at character {} of the format has no digits; \\x0a is a line feed", at + 1);
  }
  out += static_cast<char>(code & 0xFF);
  return end;
}

// The bytes of a text, -1 for null.
std::int64_t SizeOf(const std::optional<std::string_view>& text) {
  return text ? std::ssize(*text) : -1;
}

void AppendBigEndian(std::string& out, std::int64_t number) {
  const auto bits = static_cast<std::uint32_t>(number);
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((bits >> shift) & 0xFF);
}

void AppendHeaders(std::string& out, const FormattedRecord& record) {
  bool is_first = true;
  for (const auto& [name, value] : record.headers) {
    if (!is_first) out += ',';
    is_first = false;
    out += name;
    out += '=';
    out += value.value_or("NULL");
  }
}

void AppendField(std::string& out, char letter, const FormattedRecord& record) {
  const auto add_number = [&out](std::int64_t number) {
    fmt::format_to(std::back_inserter(out), "{}", number);
  };
  switch (letter) {
    case 's':
      out += record.value.value_or("");
      return;
    case 'k':
      out += record.key.value_or("");
      return;
    case 'S':
      return add_number(SizeOf(record.value));
    case 'K':
      return add_number(SizeOf(record.key));
    case 'R':
      return AppendBigEndian(out, SizeOf(record.value));
    case 'T':
      return add_number(record.timestamp_ms);
    case 't':
      out += record.topic;
      return;
    case 'p':
      return add_number(record.partition);
    case 'o':
      return add_number(record.offset);
    default:
      return AppendHeaders(out, record);
  }
}

}  // namespace

Result<RecordFormat> RecordFormat::Parse(std::string_view text) {
  RecordFormat format;
  std::string plain;
  const auto end_plain = [&] {
    if (!plain.empty()) format.parts_.push_back({.letter = 0, .text = plain});
    plain.clear();
  };
  for (std::size_t i = 0; i < text.size();) {
    const bool is_last = i + 1 == text.size();
    // As with kcat, a field ends the text before it: a backslash there is one.
    if (text[i] == '\\' && !is_last && text[i + 1] != '%') {
      ST_TRY(i, AppendEscape(text, i, plain));
    } else if (text[i] != '%') {
      plain += text[i++];
    } else if (!is_last && text[i + 1] == '%') {
      plain += '%';
      i += 2;
    } else if (is_last || !kLetters.contains(text[i + 1])) {
      return Fail(ErrorCode::kInvalidArgument,
                  "\"{}\" at character {} of the format names no field; those are %s %S %R %k %K "
                  "%T %t %p %o %h, and %% is a percent sign",
                  text.substr(i, 2), i + 1);
    } else {
      end_plain();
      format.parts_.push_back({.letter = text[i + 1], .text = ""});
      i += 2;
    }
  }
  end_plain();
  return format;
}

bool RecordFormat::wants_headers() const {
  return std::ranges::any_of(parts_, [](const Part& part) { return part.letter == 'h'; });
}

void RecordFormat::Append(std::string& out, const FormattedRecord& record) const {
  for (const auto& part : parts_) {
    if (part.letter == 0) {
      out += part.text;
    } else {
      AppendField(out, part.letter, record);
    }
  }
}

}  // namespace st::cli
