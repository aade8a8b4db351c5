# st_embed(OUT FOLDER NAME…): writes OUT, a C++ source that defines st::cli::ExampleFiles(), the text
# files of FOLDER by name. The build is configured again when one of them changes.
function(st_embed out folder)
  set(rows "")
  foreach(name IN LISTS ARGN)
    file(READ ${folder}/${name} text)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${folder}/${name})
    string(APPEND rows "      {\"${name}\", R\"embedded(${text})embedded\"},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${out} @ONLY CONTENT
"#include \"cli/example.h\"

namespace st::cli {

const std::vector<ExampleFile>& ExampleFiles() {
  static const std::vector<ExampleFile> files = {
@rows@  };
  return files;
}

}  // namespace st::cli
")
endfunction()

# st_embed_text(OUT HEADER NAMESPACE FUNCTION FILE): writes OUT, a C++ source that defines
# NAMESPACE::FUNCTION() of HEADER as a std::string_view of FILE's text.
function(st_embed_text out header namespace function file)
  file(READ ${file} text)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(CONFIGURE OUTPUT ${out} @ONLY CONTENT
"#include \"@header@\"

std::string_view @namespace@::@function@() { return R\"embedded(@text@)embedded\"; }
")
endfunction()
