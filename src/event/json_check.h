// Checks that a text is JSON, and finds the members of its object.
//
// The one definition of JSON for request bodies and for records: RFC 8259 in UTF-8, without a byte
// order mark, every surrogate with its pair, as deep as the caller allows. DuckDB's parser takes
// more (NaN, trailing commas); a text that passes here never fails one of its queries. One pass, no
// recursion, and no allocation after the room for members was allocated once.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace st::event {

// Threads: one thread.
class JsonCheck {
 public:
  struct Member {
    std::string_view name;   // unescaped
    std::string_view value;  // its JSON, without space around it
  };
  // Whether members() has the members of the outermost object, and whether the names within each
  // object must differ.
  enum class Members { kNone, kKeep, kKeepUnique };

  explicit JsonCheck(std::size_t max_depth, Members members = Members::kNone);

  // Requires: `text` is valid UTF-8. It must outlive the use of members().
  bool Check(std::string_view text);
  // Of the last text that was refused: "byte 17: a ':' is missing".
  std::string Reason() const;

  // Of the last text that was taken:
  bool is_object() const { return is_object_; }
  // In order; nothing unless kept.
  const std::vector<Member>& members() const { return members_; }
  // A name that two members of one object have. Found by kKeepUnique alone.
  std::optional<std::string_view> repeated_name() const { return repeated_; }

 private:
  bool Fails(const char* what);
  bool Document();
  bool Value();       // one value, or the opening of one
  bool AfterValue();  // closes what ends here; false at the end of the document
  bool Key();
  bool String(bool& has_escape);
  bool Escape();
  bool Unit(unsigned& unit);  // four hexadecimal digits
  bool Number();
  bool Digits();
  bool Literal(std::string_view word);
  bool Open(bool is_object);
  void Close();
  void SkipSpace();
  bool At(char c) const { return next_ < end_ && *next_ == c; }
  void SeeKey(std::string_view key, bool has_escape);

  const std::size_t max_depth_;
  const Members keep_;
  std::vector<char> open_;  // 1: object, 0: array
  bool is_object_ = false;
  bool is_complete_ = false;
  const char* begin_ = nullptr;
  const char* next_ = nullptr;
  const char* end_ = nullptr;
  const char* what_ = nullptr;  // null: it is too deep
  std::vector<Member> members_;
  const char* value_begin_ = nullptr;     // of the last member
  std::deque<std::string> unescaped_;     // names that had escapes
  std::vector<std::string_view> names_;   // of the open objects, the innermost's last
  std::vector<std::size_t> names_begin_;  // of each open object in names_
  std::optional<std::string_view> repeated_;
};

// `text` without a byte order mark before it, which RFC 8259 lets a parser ignore: so it is for an
// event, by request or as a record.
std::string_view WithoutByteOrderMark(std::string_view text);

// The text between the quotes of a JSON string. Requires: it was checked.
std::string UnescapeJson(std::string_view inside);

}  // namespace st::event
