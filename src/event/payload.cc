#include "event/payload.h"

#include <algorithm>
#include <tuple>

#include "event/python_json.h"

namespace st::event {
namespace {

struct Member {
  std::string name;
  std::string value;
  std::size_t position = 0;  // its index in the request
  bool is_written = false;
};

// What Python's str.title() makes of a header name.
std::string TitleCase(std::string_view name) {
  std::string out(name);
  bool is_first = true;
  for (char& c : out) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (is_letter) c = static_cast<char>(is_first ? c & ~0x20 : c | 0x20);
    is_first = !is_letter;
  }
  return out;
}

// Werkzeug keeps these two apart from the HTTP_ variables (serving.py, make_environ and
// EnvironHeaders), so the last value replaces earlier ones.
bool LastWins(std::string_view name) { return name == "Content-Type" || name == "Content-Length"; }

// net refuses names outside ASCII (RFC 9110, 5.1); read as Latin-1 such a name would match no
// field.
bool IsTaken(std::string_view name) {
  return std::ranges::all_of(
      name, [](char c) { return c != '_' && static_cast<unsigned char>(c) < 0x80; });
}

// The headers as members of the record, sorted by name.
std::vector<Member> HeaderMembers(const Headers& headers) {
  std::vector<Member> all;
  all.reserve(headers.size());
  for (const auto& [name, value] : headers) {
    if (IsTaken(name)) all.push_back({TitleCase(name), value, all.size()});
  }
  // stable_sort cannot be used: its buffer in libstdc++ 12 calls a function that C++20 removed.
  std::ranges::sort(all, {}, [](const Member& m) { return std::tie(m.name, m.position); });
  std::vector<Member> out;
  out.reserve(all.size());
  for (auto& member : all) {
    if (out.empty() || out.back().name != member.name) {
      out.push_back(std::move(member));
    } else if (LastWins(member.name)) {
      out.back().value = std::move(member.value);
    } else {
      out.back().value += "," + member.value;
    }
  }
  std::erase_if(out, [](const Member& m) { return LastWins(m.name) && m.value.empty(); });
  return out;
}

class Writer {
 public:
  void Add(std::string_view name, std::string_view value, TextEncoding encoding) {
    out_ += out_.empty() ? "{" : ", ";
    AppendPythonJson(out_, name, encoding);
    out_ += ": ";
    AppendPythonJson(out_, value, encoding);
  }
  void AddJson(std::string_view name, std::string_view json) {
    out_ += out_.empty() ? "{" : ", ";
    AppendPythonJson(out_, name, TextEncoding::kUtf8);
    out_ += ": ";
    out_ += json;
  }
  // Returns false if there is no such header.
  bool AddHeader(std::vector<Member>& headers, std::string_view name) {
    const auto found = std::ranges::lower_bound(headers, name, {}, &Member::name);
    if (found == headers.end() || found->name != name) return false;
    if (!found->is_written) Add(name, found->value, TextEncoding::kLatin1);
    found->is_written = true;
    return true;
  }
  std::string Finish() && { return out_.empty() ? "{}" : std::move(out_) + "}"; }

 private:
  std::string out_;
};

void DropMember(std::vector<Member>& members, std::string_view name) {
  for (auto& member : members) {
    if (member.name == name) member.is_written = true;
  }
}

}  // namespace

bool IsHeaderName(std::string_view name) { return IsTaken(name) && TitleCase(name) == name; }

std::string Payload(const Declaration& declaration, const Headers& headers,
                    const std::vector<std::string>& values) {
  if (declaration.is_text) return declaration.text;
  std::vector<Member> members;
  if (declaration.with_headers) members = HeaderMembers(headers);
  Writer out;
  // A field replaces the header of the same name, so that no name is in the record twice.
  for (const auto& field : declaration.fields) {
    if (field.from != FieldSource::kConstant) DropMember(members, field.name);
  }
  out.AddHeader(members, "Host");
  for (std::size_t i = 0; i < declaration.fields.size(); ++i) {
    const Field& field = declaration.fields[i];
    const bool is_constant = field.from == FieldSource::kConstant;
    if (is_constant && out.AddHeader(members, field.name)) continue;
    const std::string json = values.empty() ? field.value.value_or("") : values[i];
    if (!json.empty()) out.AddJson(field.name, json);
  }
  for (const auto& member : members) {
    if (!member.is_written) out.Add(member.name, member.value, TextEncoding::kLatin1);
  }
  return std::move(out).Finish();
}

}  // namespace st::event
