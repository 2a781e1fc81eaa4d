# aiops_room(NAME [NEEDS room...] [USES target...] [PLUGINS kind])
#
# A static library aiops_NAME from all .cc files of its folder (and its subfolders), with an include root that
# holds a symlink to this room only. NEEDS is transitive. USES stays private: third-party headers do not reach
# other rooms. PLUGINS: every *_<kind>.cc exports k<CamelName><Kind>; the table of all is written here.

add_library(aiops_flags INTERFACE)
target_compile_options(aiops_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                       -Wno-sign-conversion
                       -Wno-missing-field-initializers
                       # GCC 12 sees overlaps in "a" + std::move(b) that are not there (its bug 105651).
                       $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
                       # GCC 14 sees copies beyond a short string's buffer that are not there (its bug 105329 and kin).
                       $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds>
                       $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow>
                       $<$<BOOL:${AIOPS_WERROR}>:-Werror>)
if(AIOPS_SANITIZE)
  target_compile_options(aiops_flags INTERFACE -fsanitize=${AIOPS_SANITIZE} -fno-omit-frame-pointer -g1
                         # GCC warns of its own instrumentation (its bug 80635 and kin); the plain build looks.
                         $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  if(AIOPS_SANITIZE MATCHES "undefined")
    # A check of every access, a third of the compile time: AddressSanitizer sees nearly all of it anyway.
    target_compile_options(aiops_flags INTERFACE -fno-sanitize=null,alignment,object-size,vptr)
  endif()
  target_link_options(aiops_flags INTERFACE -fsanitize=${AIOPS_SANITIZE})
endif()

function(aiops_room name)
  cmake_parse_arguments(ARG "" "PLUGINS" "NEEDS;USES" ${ARGN})
  set(folder ${CMAKE_SOURCE_DIR}/exporter/${name})
  if(name STREQUAL detectors)
    set(folder ${CMAKE_SOURCE_DIR}/detectors)
  endif()
  set(root ${CMAKE_BINARY_DIR}/include/${name})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${folder} ${root}/${name} SYMBOLIC)

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${folder}/*.cc)
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  if(ARG_PLUGINS)
    aiops_plugin_table(${name} ${ARG_PLUGINS} ${folder} table)
    list(APPEND sources ${table})
  endif()
  if(sources)
    add_library(aiops_${name} STATIC ${sources})
    set(scope PUBLIC)
    target_link_libraries(aiops_${name} PRIVATE aiops_flags ${ARG_USES})
  else()
    add_library(aiops_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(aiops_${name} ${scope} ${root})
  list(TRANSFORM ARG_NEEDS PREPEND aiops_)
  target_link_libraries(aiops_${name} ${scope} ${ARG_NEEDS})
endfunction()

# The list behind AllCollectors() and its like: no static initialisers, nothing for the linker to drop. A file
# without its descriptor is a link error that names it.
function(aiops_plugin_table room kind folder out)
  string(SUBSTRING ${kind} 0 1 first)
  string(TOUPPER ${first} first)
  string(SUBSTRING ${kind} 1 -1 rest)
  set(Kind ${first}${rest})
  file(GLOB files CONFIGURE_DEPENDS ${folder}/*_${kind}.cc)
  list(SORT files)
  set(declarations "")
  set(entries "")
  foreach(file ${files})
    get_filename_component(stem ${file} NAME_WE)
    string(REPLACE "_" ";" words ${stem})
    set(camel k)
    foreach(word ${words})
      string(SUBSTRING ${word} 0 1 head)
      string(TOUPPER ${head} head)
      string(SUBSTRING ${word} 1 -1 tail)
      string(APPEND camel ${head}${tail})
    endforeach()
    string(APPEND declarations "extern const ${Kind}Descriptor ${camel};\n")
    string(APPEND entries "      &${camel},\n")
  endforeach()
  set(path ${CMAKE_BINARY_DIR}/generated/${room}/${kind}_table.cc)
  file(CONFIGURE OUTPUT ${path} @ONLY CONTENT "// Written by CMake from the files in ${room}/.
#include \"${room}/${kind}.h\"

namespace aiops {

${declarations}
const std::vector<const ${Kind}Descriptor*>& All${Kind}s() {
  static const std::vector<const ${Kind}Descriptor*> all{
${entries}  };
  return all;
}

}  // namespace aiops
")
  set(${out} ${path} PARENT_SCOPE)
endfunction()

function(aiops_program name main)
  cmake_parse_arguments(ARG "" "" "NEEDS;USES" ${ARGN})
  if(NOT EXISTS ${CMAKE_SOURCE_DIR}/${main})
    return()
  endif()
  add_executable(${name} ${main})
  list(TRANSFORM ARG_NEEDS PREPEND aiops_)
  target_link_libraries(${name} PRIVATE aiops_flags ${ARG_NEEDS} ${ARG_USES})
  target_compile_definitions(${name} PRIVATE AIOPS_VERSION="${PROJECT_VERSION}")
  install(TARGETS ${name} RUNTIME DESTINATION bin)
endfunction()
