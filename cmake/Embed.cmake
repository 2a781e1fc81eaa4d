# aiops_embed(ROOM NAME FILE...)
#
# Writes generated/ROOM/NAME.cc, which defines `const std::string_view kName`: the files, one after the other, as
# they are. NAME is snake case. Made anew when a file changes; no tool but CMake.
if(CMAKE_SCRIPT_MODE_FILE)
  set(text "")
  string(REPLACE "," ";" FILES "${FILES}")
  foreach(file IN LISTS FILES)
    file(READ ${file} part)
    string(APPEND text "${part}")
  endforeach()
  if(text MATCHES "[)]embedded\"")
    message(FATAL_ERROR "${FILES}: )embedded\" ends the literal that holds it")
  endif()
  file(WRITE ${OUT} "// Written by CMake.
#include <string_view>

namespace aiops {

extern const std::string_view ${VARIABLE};
const std::string_view ${VARIABLE} = R\"embedded(${text})embedded\";

}  // namespace aiops
")
  return()
endif()

set(AIOPS_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

function(aiops_embed room name)
  set(out ${CMAKE_BINARY_DIR}/generated/${room}/${name}.cc)
  string(REPLACE "_" ";" words ${name})
  set(variable k)
  foreach(word ${words})
    string(SUBSTRING ${word} 0 1 head)
    string(TOUPPER ${head} head)
    string(SUBSTRING ${word} 1 -1 tail)
    string(APPEND variable ${head}${tail})
  endforeach()
  list(TRANSFORM ARGN PREPEND ${CMAKE_SOURCE_DIR}/exporter/${room}/ OUTPUT_VARIABLE files)
  string(REPLACE ";" "," joined "${files}")
  add_custom_command(OUTPUT ${out} DEPENDS ${files} ${AIOPS_EMBED_SCRIPT} VERBATIM
                     COMMAND ${CMAKE_COMMAND} -DFILES=${joined} -DOUT=${out} -DVARIABLE=${variable}
                             -P ${AIOPS_EMBED_SCRIPT})
  target_sources(aiops_${room} PRIVATE ${out})
endfunction()
