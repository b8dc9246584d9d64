# Turns the files of web/ into one C++ file that the roles are linked with: the binary needs no files beside it.
#
#   include(src/role/web/embed.cmake)
#   distd_embed_web(web_cpp)   # the path of a generated .cpp, made again whenever a file of web/ changes
#
# The same file, run as a script (cmake -DWEB=web -DOUTPUT=web_files.cpp -P embed.cmake), is the build step.

if(CMAKE_SCRIPT_MODE_FILE)
    file(GLOB_RECURSE paths RELATIVE ${WEB} ${WEB}/*)
    list(SORT paths)  # lookups search by halves
    set(rows)
    foreach(path IN LISTS paths)
        file(READ ${WEB}/${path} bytes HEX)
        string(LENGTH "${bytes}" digits)
        math(EXPR size "${digits} / 2")
        string(REGEX REPLACE "(..)" "\\\\x\\1" bytes "${bytes}")
        file(SHA256 ${WEB}/${path} tag)
        string(SUBSTRING ${tag} 0 16 tag)
        string(APPEND rows "    {\"${path}\", {\"${bytes}\", ${size}}, \"${tag}\"},\n")
    endforeach()
    file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[// Generated from web/ by src/role/web/embed.cmake.
#include "role/web/web_files.hpp"

namespace distd::web {

std::span<const embedded_file> embedded_files() noexcept {
    static constexpr embedded_file files[]{
@rows@    };
    return files;
}

}  // namespace distd::web
]])
    return()
endif()

set(DISTD_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

function(distd_embed_web result)
    set(web ${PROJECT_SOURCE_DIR}/web)
    set(output ${PROJECT_BINARY_DIR}/generated/web_files.cpp)
    file(GLOB_RECURSE inputs CONFIGURE_DEPENDS ${web}/*)
    add_custom_command(OUTPUT ${output}
        COMMAND ${CMAKE_COMMAND} -DWEB=${web} -DOUTPUT=${output} -P ${DISTD_EMBED_SCRIPT}
        DEPENDS ${inputs} ${DISTD_EMBED_SCRIPT} COMMENT "Embedding web/" VERBATIM)
    set(${result} ${output} PARENT_SCOPE)
endfunction()
