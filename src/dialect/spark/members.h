// The members of JSON values that a pipeline names, and the texts that it compares them with: for
// warnings about names that no event has. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dialect/source_text.h"
#include "dialect/spark/ast.h"

namespace st::dialect::spark {

// One mention of a member of a record's value: its outermost name.
struct MemberMention {
  std::string name;
  std::string place;  // "pipelines/x.sql:3:14", of the path
};
// A text with which such a member is compared by =, <>, IN or CASE.
struct MemberText {
  std::string member;
  std::string text;
  std::string place;  // of the text
};
struct Mentions {
  std::vector<MemberMention> members;
  std::vector<MemberText> texts;
};

// In the order of the text. What stands in an expression that is no get_json_object of the column
// `value` itself is not followed.
Mentions FindMentions(const SourceText& source, const StreamingTable& table);

}  // namespace st::dialect::spark
