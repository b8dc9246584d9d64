#include "unit/tidy/rules.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace tidy {
namespace {

constexpr std::size_t max_columns = 110;
constexpr int max_function_lines = 60;
constexpr int table_statements = 4;  // a function with fewer statements is a table, however long

std::string at(const source_file& file, std::size_t line, const std::string& what) {
    return file.path + ":" + std::to_string(line) + ": " + what;
}

bool is_header(const source_file& file) { return file.path.ends_with(".hpp"); }
bool is_below(const source_file& file, std::string_view folder) { return file.path.starts_with(folder); }

// "src/role/log/search/query.hpp" -> "role/log/search"; "" for what is not in a folder of the product.
std::string folder_of(const std::string& path) {
    if (!path.starts_with("src/") || path.starts_with("src/library_tu/")) return "";
    const auto folder = std::filesystem::path(path).parent_path().generic_string();
    return folder == "src" ? "" : folder.substr(4);
}

using folders = std::set<std::string>;

// Who may include whom. A role knows no other role; what it needs of its own is in the second table.
const std::map<std::string, folders>& shared_folders() {
    static const std::map<std::string, folders> table{
        {"base", {}},
        {"base/logging", {"base"}},
        {"base/settings", {"base"}},
        {"wire", {"base", "base/settings"}},
        {"http/message", {"base"}},
        {"http/transport", {"base"}},
        {"http/access", {"base", "http/message"}},
        {"http/client", {"base", "http/message", "http/transport", "http/access"}},
        {"http/server", {"base", "base/logging", "http/message", "http/transport", "http/access"}},
        {"http/proxy", {"base", "http/message", "http/transport", "http/client", "http/server"}},
        {"store", {"base"}},
        {"store/journal", {"base", "store"}},
        {"store/sqlite", {"base", "store"}},
        {"sdk/log_shipping", {"base", "base/logging", "wire", "http/message", "http/client", "store"}},
        {"sdk/registration", {"base", "base/settings", "wire", "http/message", "http/client"}},
        {"sdk",
         {"base", "base/logging", "wire", "http/message", "http/access", "http/client", "http/server",
          "sdk/log_shipping", "sdk/registration"}},
        {"sdk/process",
         {"base", "base/logging", "base/settings", "http/message", "http/transport", "http/access",
          "http/client", "http/server", "sdk", "sdk/registration"}},
        {"acme", {"base", "http/message", "http/transport", "store"}},
        {"ops/model", {"base", "wire"}},
        {"ops/answers", {"base", "wire", "ops/model"}},
        {"client",
         {"base", "base/settings", "client/arguments", "client/output", "client/system", "client/verbs"}},
        {"client/arguments", {"base", "base/settings"}},
        {"client/output", {"base", "base/settings", "ops/model"}},
        {"client/system",
         {"base", "base/settings", "wire", "http/message", "http/transport", "http/access", "http/client",
          "http/proxy", "sdk", "sdk/process", "sdk/registration", "ops/model", "ops/answers", "ops/questions",
          "client/arguments", "client/output"}},
        {"client/verbs",
         {"acme", "base", "base/settings", "wire", "http/message", "ops/model", "ops/answers",
          "ops/questions", "client/arguments", "client/output", "client/system"}},
        {"ops/questions", {"base", "wire", "http/message", "ops/model", "ops/answers"}},
        {"ops/sources",
         {"base", "wire", "sdk", "sdk/registration", "ops/model", "ops/answers", "ops/questions"}},
    };
    return table;
}

const std::map<std::string, folders>& role_folders() {
    static const std::map<std::string, folders> table{
        {"role/grading", {"role/grading/core"}},
        {"role/log", {"role/log/line", "role/log/storage", "role/log/intake", "role/log/search"}},
        {"role/log/line", {}},
        {"role/log/storage", {"role/log/line"}},
        {"role/log/intake", {"role/log/line", "role/log/storage"}},
        {"role/log/search", {"role/log/line", "role/log/storage"}},
        {"role/gateway_routes", {}},
        {"role/portal",
         {"role/portal/csrf", "role/portal/console", "role/portal/grade_book", "role/portal/gateway",
          "role/gateway_routes", "role/web"}},
        {"role/portal/csrf", {}},
        {"role/portal/console", {}},
        {"role/portal/grade_book", {"role/portal/csrf", "role/portal/console", "role/web"}},
        {"role/portal/gateway", {"role/portal/csrf", "role/gateway_routes"}},
        {"role/console",
         {"role/console/changes", "role/console/frame", "role/console/model", "role/console/pages",
          "role/web"}},
        {"role/console/model", {}},
        {"role/console/draw", {"role/console/model"}},
        {"role/console/access", {"role/console/model"}},
        {"role/console/pages", {"role/console/model", "role/console/draw", "role/web"}},
        {"role/console/live", {"role/console/pages", "role/web"}},
        {"role/console/frame",
         {"role/console/access", "role/console/live", "role/console/model", "role/console/pages",
          "role/web"}},
        {"role/console/changes",
         {"role/console/access", "role/console/frame", "role/console/model", "role/console/pages",
          "role/gateway_routes", "role/web"}},
        {"role/web", {}},
        {"role/registry",
         {"role/registry/alerts", "role/registry/core", "role/registry/watch", "role/registry/config"}},
        {"role/registry/alerts", {"role/registry/core"}},
        {"role/registry/watch", {}},
        {"role/registry/config", {"role/registry/watch"}},
    };
    return table;
}

// A folder "core" decides and never waits, so it needs no more than this.
bool may_a_core_include(const std::string& to) {
    return to == "base" || to == "wire" || to == "base/settings";
}

bool may_include(const std::string& from, const std::string& to) {
    const auto& shared = shared_folders();
    if (from == to || from == "app") return true;
    if (from.ends_with("/core")) return may_a_core_include(to);
    if (!from.starts_with("role")) return shared.contains(from) && shared.at(from).contains(to);
    if (shared.contains(to)) return true;
    if (from == "role") return false;
    const auto own = role_folders().find(from);
    return to == "role" || (own != role_folders().end() && own->second.contains(to));
}

// The path, from the root, of what a quoted include names.
std::string resolve(const source_file& file, const std::string& name) {
    const auto sibling = std::filesystem::path(file.path).parent_path() / name;
    if (name.find('/') == name.npos && exists(sibling.generic_string())) return sibling.generic_string();
    return "src/" + name;
}

std::string without_code_blocks(std::string_view text) {
    std::string prose;
    bool in_block = false;
    for (const auto line : lines_of(text)) {
        const bool is_fence = line.starts_with("```");
        if (!is_fence && !in_block) prose.append(line).append("\n");
        if (is_fence) in_block = !in_block;
    }
    return prose;
}

struct banned {
    const char* pattern;
    const char* reason;
    std::vector<std::string> allowed_below;
};

const std::vector<banned>& banned_table() {
    static const std::vector<banned> table{
        {R"(\bdetached\b)", "every coroutine has a parent: use task_group::spawn", {}},
        {R"(\bio_context::stop\b|\b(ctx|context|ioc|io_context|loop)_?(\.|->)stop\(\))",
         "stop by emptying the loop, not by stopping it",
         {}},
        {R"(\b(steady_clock|system_clock|high_resolution_clock)::now\b)",
         "ask the time_source",
         {"src/base/", "test/"}},
        {R"(\b(secure_)?getenv\b|\benviron\b)",
         "settings come through the table of settings",
         {"src/base/", "src/app/", "src/sdk/process/systemd", "test/"}},
        {R"(\bstd::c(out|err)\b)", "log through the logger", {"test/"}},
        {R"(\bthis_thread::sleep)", "wait for a condition, not for a while", {"test/e2e/", "test/support/"}},
        {R"(\bstd::endl\b)", "write a newline", {}},
        // Out of a plain handler an exception leaves the loop. Where a start is to fail, what fails is asked
        // for.
        {R"(\b(local_endpoint|remote_endpoint|available)\(\))",
         "throws once the socket is closed: pass an error_code, or remember the address",
         {"test/"}},
        {R"(\b\w*(socket|acceptor|listener|udp)\w*(\.|->)((cancel|close|release)\(\)|shutdown\([^,()]*\)))",
         "throws: pass an error_code",
         {"test/"}},
        {R"(\b\w*socket\w*(\.|->)(non_blocking|set_option|bind|open|assign)\(([^(),]|\([^()]*\))*\);)",
         "throws: pass an error_code",
         {"test/"}},
        {R"(\bmake_address(_v[46])?\(([^(),]|\([^()]*\))*\))",
         "throws: pass an error_code",
         {"test/", "src/http/message/address_filter", "src/role/log/intake/syslog_intake"}},
        // Syslog over TCP is no HTTP and has a socket of its own.
        {R"(\bbasic_stream_socket\b|\btcp(_socket\b|::socket\b)|\bsocket_access\b)",
         "take http::stream_socket: its bytes go through socket_io alone",
         {"src/http/transport/", "src/http/server/server.cpp", "src/role/log/intake/syslog_intake", "test/"}},
        // What a pointer that somebody else may replace led to is gone before the first turn of the loop.
        {R"(\bfor \([^;]* : \*[^;)]*\([^;]*\)\))",
         "name what a call returned before its contents are walked",
         {}},
    };
    return table;
}

}  // namespace

findings includes_that_point_up_or_sideways(const source_file& file) {
    findings found;
    const auto from = folder_of(file.path);
    for (const auto& name : includes_of(file.text)) {
        const bool is_own = name.starts_with('"');
        if (is_below(file, "include/") && is_own)
            found.push_back(file.path + ": a public header includes " + name + '"');
        if (from.empty() || !is_own) continue;
        const auto to = folder_of(resolve(file, name.substr(1)));
        if (!to.empty() && !may_include(from, to)) {
            found.push_back(file.path + ": " + from + " may not include " + to + " (" + name.substr(1) + ")");
        }
        if (from.starts_with("role") && name.substr(1) == "sdk/service_impl.hpp")
            found.push_back(file.path + ": a role includes sdk/role_services.hpp, not " + name.substr(1));
    }
    return found;
}

namespace {

// It stands in a folder "core", or says so before anything else.
bool is_pure(const source_file& file) {
    const auto opening = std::string_view(file.text).substr(0, file.text.find("\n#"));
    return folder_of(file.path).ends_with("/core") ||
           (opening.starts_with("//") && opening.find(" Pure") != opening.npos);
}

}  // namespace

findings circles(const std::vector<source_file>& files) {
    const auto stem_of = [](const std::string& path) { return path.substr(0, path.rfind('.')); };
    std::map<std::string, std::set<std::string>> included;
    for (const auto& file : files)
        for (const auto& name : includes_of(file.text))
            if (name.starts_with('"') && stem_of(resolve(file, name.substr(1))) != stem_of(file.path))
                included[stem_of(file.path)].insert(stem_of(resolve(file, name.substr(1))));
    findings found;
    for (const auto& [start, direct] : included) {
        std::set<std::string> reached;
        std::vector<std::string> next(direct.begin(), direct.end());
        while (!next.empty()) {
            const auto at = std::move(next.back());
            next.pop_back();
            if (!reached.insert(at).second || !included.contains(at)) continue;
            next.insert(next.end(), included[at].begin(), included[at].end());
        }
        if (reached.contains(start)) found.push_back(start + ": includes itself, by others");
    }
    return found;
}

findings misplaced_libraries(const source_file& file) {
    findings found;
    const bool beast_home = is_below(file, "src/library_tu/") || is_below(file, "test/") ||
                            (is_below(file, "src/http/") && !is_header(file));
    for (const auto& name : includes_of(file.text)) {
        if (name.starts_with("boost/beast") && !beast_home) {
            found.push_back(file.path + ": Beast belongs into src/http/*.cpp (" + name + ")");
        }
        const bool waits = (name.starts_with("boost/asio") && !name.starts_with("boost/asio/ip/")) ||
                           name == "distd/task.hpp" || name == "distd/service.hpp";
        if (waits && is_pure(file)) {
            found.push_back(file.path + ": what is pure decides and never waits (" + name + ")");
        }
    }
    return found;
}

findings lines_too_long(const source_file& file) {
    findings found;
    const auto lines = lines_of(file.text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto is_character_start = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
        const auto columns = static_cast<std::size_t>(std::ranges::count_if(lines[i], is_character_start));
        if (columns > max_columns) found.push_back(at(file, i + 1, std::to_string(columns) + " columns"));
    }
    return found;
}

findings functions_too_long(const source_file& file) {
    findings found;
    for (const auto& f : functions_of(file.text)) {
        if (f.lines > max_function_lines && f.statements >= table_statements) {
            found.push_back(at(file, static_cast<std::size_t>(f.first_line),
                               "a function of " + std::to_string(f.lines) + " lines"));
        }
    }
    return found;
}

findings drawings_too_long(const source_file& file) {
    if (!is_below(file, "src/role/console/draw") || !file.path.ends_with(".cpp")) return {};
    const auto lines = static_cast<int>(lines_of(file.text).size());
    if (lines <= max_function_lines) return {};
    return {at(file, 1, "a drawing of " + std::to_string(lines) + " lines")};
}

findings banned_calls(const source_file& file) {
    findings found;
    const auto code = code_only(file.text);
    const auto lines = lines_of(code);
    for (const auto& ban : banned_table()) {
        const auto allows = [&](const std::string& folder) { return is_below(file, folder); };
        if (std::ranges::any_of(ban.allowed_below, allows)) continue;
        const std::regex pattern(ban.pattern);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            if (lines[i].find("#include") != lines[i].npos) continue;
            if (std::regex_search(lines[i].begin(), lines[i].end(), pattern)) {
                found.push_back(at(file, i + 1, ban.reason));
            }
        }
    }
    return found;
}

namespace {

// From the bracket at `open` to behind the one that closes it.
std::string_view bracketed(std::string_view code, std::size_t open) {
    int depth = 0;
    for (auto i = open; i < code.size(); ++i) {
        if (code[i] == '(' || code[i] == '{') ++depth;
        if ((code[i] == ')' || code[i] == '}') && --depth == 0) return code.substr(open, i + 1 - open);
    }
    return code.substr(open);
}

bool names_itself(std::string_view callback) { return callback.find("handler_scope") != callback.npos; }

// One of the arguments is the name of a lambda, made before, that has a scope.
bool passes_named_lambda(std::string_view arguments, const std::string& code) {
    static const std::regex word(R"(\w+)");
    const std::string text(arguments);
    for (std::sregex_iterator w(text.begin(), text.end(), word), end; w != end; ++w) {
        const auto made = code.find(" " + w->str() + " = [");
        if (made != code.npos && names_itself(bracketed(code, code.find('{', made)))) return true;
    }
    return false;
}

}  // namespace

findings nameless_callbacks(const source_file& file) {
    findings found;
    if (!is_below(file, "src/") || is_below(file, "src/client/")) return found;
    static const std::regex begins(
        R"((\basync_(wait|connect|accept|read|write)\w*|\bwait_for_(bytes|room)|\basio::(post|co_spawn))\()");
    const auto code = code_only(file.text);
    for (std::sregex_iterator m(code.begin(), code.end(), begins), end; m != end; ++m) {
        const auto at_name = static_cast<std::size_t>(m->position());
        const auto statement = code.find_last_of(";{}", at_name) + 1;
        const auto before = std::string_view(code).substr(statement, at_name - statement);
        const auto arguments = bracketed(code, at_name + m->length() - 1);
        // Where the callback is the caller's own, it is looked at there.
        static const std::regex of_caller(R"(Token\b|move\(handler\)|^\(\)$)");
        if (before.find("co_await") != before.npos ||
            std::regex_search(arguments.begin(), arguments.end(), of_caller))
            continue;
        if (names_itself(arguments) || passes_named_lambda(arguments, code)) continue;
        const auto line = 1 + std::count(code.begin(), code.begin() + m->position(), '\n');
        found.push_back(
            at(file, line, "a callback of the loop has a handler_scope, by which a failure names it"));
    }
    return found;
}

findings header_form(const source_file& file) {
    findings found;
    if (!is_header(file)) return found;
    if (!file.text.starts_with("//")) found.push_back(file.path + ": opens without saying what it is for");
    const auto code = code_only(file.text);
    if (code.find("#pragma once") == code.npos) found.push_back(file.path + ": no #pragma once");
    static const std::regex opens_namespace(R"((^|\n)using namespace\b)");
    if (std::regex_search(code, opens_namespace))
        found.push_back(file.path + ": opens a namespace for its readers");
    return found;
}

findings traces_of_a_workplace(const source_file& file) {
    // Spelled so that this file does not find itself.
    static const std::regex trace(R"((^|[\s"'`(=])/(wor)k/|/tm)"
                                  R"(p/mk\b|/(ro)ot/|/(ho)me/\w|\b[Ii]ssues? #?\d|\s#\d+\b)"
                                  R"(|\bTO)"
                                  R"(DO\b|\bFIX)"
                                  R"(ME\b)");
    findings found;
    const auto lines = lines_of(file.text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        std::match_results<std::string_view::const_iterator> m;
        if (std::regex_search(lines[i].begin(), lines[i].end(), m, trace)) {
            found.push_back(at(file, i + 1, "means nothing to a stranger: " + m.str()));
        }
    }
    return found;
}

findings stale_quotes(const source_file& file) {
    static const std::regex quote(R"(<!-- ([\w./-]+) -->\n```\w*\n)");
    findings found;
    for (std::sregex_iterator it(file.text.begin(), file.text.end(), quote), end; it != end; ++it) {
        const auto from = static_cast<std::size_t>(it->position() + it->length());
        const auto quoted = file.text.substr(from, file.text.find("```", from) - from);
        const auto source = (*it)[1].str();
        if (!exists(source))
            found.push_back(file.path + ": quotes " + source + ", which does not exist");
        else if (read_file(source) != quoted)
            found.push_back(file.path + ": its quote of " + source + " is stale");
    }
    return found;
}

findings broken_links(const source_file& file) {
    static const std::regex link(R"(\]\(([^)\s#]+)(#[^)]*)?\))");
    findings found;
    const auto prose = without_code_blocks(file.text);
    for (std::sregex_iterator it(prose.begin(), prose.end(), link), end; it != end; ++it) {
        const auto target = (*it)[1].str();
        if (target.find("://") != target.npos) continue;
        const auto path = (std::filesystem::path(file.path).parent_path() / target).lexically_normal();
        if (!exists(path.generic_string()))
            found.push_back(file.path + ": no file behind the link " + target);
    }
    return found;
}

findings doubled_rows(const source_file& document) {
    findings found;
    std::set<std::string, std::less<>> names;
    for (const auto line : lines_of(document.text)) {
        if (!line.starts_with("| **")) continue;
        const auto name = line.substr(0, line.find("** |"));
        if (!names.emplace(name).second)
            found.push_back(document.path + ": more than one row begins with " + std::string(name));
    }
    return found;
}

// Paths in backticks: of a file, of a folder, or of a header and its source together.
findings missing_paths(const source_file& file) {
    static const std::regex path(R"(`((?:src|include|test|docs|web)/[a-z0-9_./-]+)[` ])");
    findings found;
    const auto prose = without_code_blocks(file.text);
    for (std::sregex_iterator it(prose.begin(), prose.end(), path), end; it != end; ++it) {
        const auto name = (*it)[1].str();
        if (!exists(name) && !exists(name + ".hpp") && !exists(name + ".cpp"))
            found.push_back(file.path + ": there is no " + name);
    }
    return found;
}

findings missing_cases(const source_file& file) {
    static const std::regex named(R"(`(test/[a-z0-9_/]+\.cpp)`: ((?:(?:, )?"[^"]+")+))");
    static const std::regex quoted(R"("[^"]+)");  // a case may have more words
    findings found;
    for (std::sregex_iterator it(file.text.begin(), file.text.end(), named), end; it != end; ++it) {
        const auto tests = exists((*it)[1]) ? read_file((*it)[1]) : std::string();
        const auto cases = (*it)[2].str();
        for (std::sregex_iterator c(cases.begin(), cases.end(), quoted); c != end; ++c)
            if (!c->str().starts_with("\", ") && tests.find(c->str()) == tests.npos)
                found.push_back(file.path + ": " + (*it)[1].str() + " has no case " + c->str() + '"');
    }
    return found;
}

findings undocumented_suites(std::string_view quickstart, const source_file& contributing) {
    findings found;
    static const std::regex list(R"(\nsuites=\(([a-z0-9 ]+)\))");
    std::match_results<std::string_view::const_iterator> m;
    if (!std::regex_search(quickstart.begin(), quickstart.end(), m, list)) return {"no list of suites"};
    std::istringstream names(m[1].str());
    for (std::string name; names >> name;)
        if (contributing.text.find("| `" + name + "` |") == std::string::npos)
            found.push_back(contributing.path + ": says nothing of the suite " + name);
    return found;
}

}  // namespace tidy
