// The project's own text as the tidy tests see it: files, code without comments and literals, includes,
// functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tidy {

struct source_file {
    std::string path;  // from the project's root: "src/base/time.cpp"
    std::string text;
};

// Every file below `folders` (from the project's root) whose name ends in one of `endings`, sorted.
[[nodiscard]] std::vector<source_file> read_tree(const std::vector<std::string>& folders,
                                                 const std::vector<std::string>& endings);
[[nodiscard]] std::vector<source_file> cpp_files(const std::vector<std::string>& folders);
[[nodiscard]] std::string read_file(const std::string& path);
[[nodiscard]] bool exists(const std::string& path);

[[nodiscard]] std::vector<std::string_view> lines_of(std::string_view text);

// The same lines with comments, string and character literals blanked out.
[[nodiscard]] std::string code_only(std::string_view text);

// What stands between the quotes or angles of each #include; quoted ones keep a leading '"'.
[[nodiscard]] std::vector<std::string> includes_of(std::string_view text);

struct function_extent {
    int first_line = 0;
    int lines = 0;       // from the opening brace to the closing one
    int statements = 0;  // semicolons: a table has few
};

// Bodies of functions that are not inside another function. Understands this project's style, not all of C++.
[[nodiscard]] std::vector<function_extent> functions_of(std::string_view text);

}  // namespace tidy
