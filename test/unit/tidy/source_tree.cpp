#include "unit/tidy/source_tree.hpp"
#include "support/places.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

namespace tidy {
namespace fs = std::filesystem;

static const fs::path root = distd::test::source_dir();

std::string read_file(const std::string& path) {
    std::ifstream in(root / path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

bool exists(const std::string& path) { return fs::exists(root / path); }

std::vector<source_file> read_tree(const std::vector<std::string>& folders,
                                   const std::vector<std::string>& endings) {
    std::vector<source_file> files;
    for (const auto& folder : folders) {
        if (!fs::exists(root / folder)) continue;
        for (auto it = fs::recursive_directory_iterator(root / folder); it != fs::end(it); ++it) {
            if (it->is_directory() && it->path().filename() == "node_modules") it.disable_recursion_pending();
            if (!it->is_regular_file()) continue;
            const auto path = fs::relative(it->path(), root).generic_string();
            const bool wanted =
                std::ranges::any_of(endings, [&](const auto& end) { return path.ends_with(end); });
            if (wanted) files.push_back({path, read_file(path)});
        }
    }
    std::ranges::sort(files, {}, &source_file::path);
    return files;
}

std::vector<source_file> cpp_files(const std::vector<std::string>& folders) {
    return read_tree(folders, {".cpp", ".hpp"});
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text = end == text.npos ? std::string_view{} : text.substr(end + 1);
    }
    return lines;
}

namespace {

// Where the comment or literal that starts at `from` ends, or `from` when none starts there.
std::size_t end_of_non_code(std::string_view text, std::size_t from) {
    const auto rest = text.substr(from);
    const auto until = [&](std::string_view mark, std::size_t skip) {
        const auto end = text.find(mark, from + skip);
        return end == text.npos ? text.size() : end + mark.size();
    };
    if (rest.starts_with("//")) return std::min(text.find('\n', from), text.size());
    if (rest.starts_with("/*")) return until("*/", 2);
    if (rest.starts_with("R\"")) {
        const auto open = rest.find('(');
        return until(")" + std::string(rest.substr(2, open - 2)) + "\"", open);
    }
    const bool digit_separator = from > 0 && std::isalnum(static_cast<unsigned char>(text[from - 1]));
    if (rest.front() != '"' && (rest.front() != '\'' || digit_separator)) return from;
    for (auto i = from + 1; i < text.size(); ++i) {
        if (text[i] == '\\')
            ++i;
        else if (text[i] == rest.front())
            return i + 1;
    }
    return text.size();
}

bool opens_function(std::string_view head) {
    static const std::regex no_function(
        R"(\b(namespace|class|struct|enum|union|concept)\b|=\s*$|^\s*extern\s*$)");
    const std::string text(head);
    return text.find(')') != text.npos && !std::regex_search(text, no_function);
}

}  // namespace

std::string code_only(std::string_view text) {
    std::string code(text);
    for (std::size_t i = 0; i < text.size();) {
        const auto end = end_of_non_code(text, i);
        for (auto k = i; k < end; ++k) {
            if (code[k] != '\n') code[k] = ' ';
        }
        i = std::max(end, i + 1);
    }
    return code;
}

std::vector<std::string> includes_of(std::string_view text) {
    static const std::regex form(R"re(^\s*#\s*include\s*(?:<([^>]+)>|("[^"]+)"))re");
    std::vector<std::string> found;
    for (const auto line : lines_of(text)) {
        std::match_results<std::string_view::const_iterator> m;
        if (std::regex_search(line.begin(), line.end(), m, form)) found.push_back(m[1].matched ? m[1] : m[2]);
    }
    return found;
}

std::vector<function_extent> functions_of(std::string_view text) {
    // Preprocessor lines are no code here: a macro's body may hold braces that do not match.
    const auto code = std::regex_replace(code_only(text), std::regex(R"(#(\\\n|[^\n])*)"), "");
    std::vector<function_extent> functions;
    int line = 1;
    int depth = 0;
    int function_depth = -1;  // of the one we are in
    std::size_t head = 0;     // where the text before the next brace starts
    function_extent current;
    for (std::size_t i = 0; i < code.size(); ++i) {
        const char c = code[i];
        if (c == '\n') ++line;
        if (c == ';' && function_depth >= 0) ++current.statements;
        if (c == '{') {
            if (function_depth < 0 && opens_function(std::string_view(code).substr(head, i - head))) {
                function_depth = depth;
                current = {line, 0, 0};
            }
            ++depth;
        }
        if (c == '}' && --depth == function_depth) {
            current.lines = line - current.first_line + 1;
            functions.push_back(current);
            function_depth = -1;
        }
        if (c == ';' || c == '{' || c == '}') head = i + 1;
    }
    return functions;
}

}  // namespace tidy
