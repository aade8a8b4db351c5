// The text of a SQL file and its places: for errors that show the line and a caret. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace st::dialect {

class SourceText {
 public:
  // `path` is shown in errors as given.
  SourceText(std::string path, std::string text) : path_(std::move(path)), text_(std::move(text)) {}
  const std::string& path() const { return path_; }
  std::string_view text() const { return text_; }

  // "pipelines/x.sql:3:14"; columns count code points from 1.
  std::string PlaceOf(std::size_t position) const;
  // The source line and a caret under the place, each on a line of its own and indented; of a long
  // line what is around the place, with "…" for the rest.
  std::string ExcerptAt(std::size_t position) const;
  // kInvalidArgument: "<place>: <message>" and the excerpt.
  Error At(std::size_t position, std::string_view message) const;

 private:
  std::string path_;
  std::string text_;
};

}  // namespace st::dialect
