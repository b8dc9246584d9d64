// Holds the whole tree to its own rules, and the rules to samples: a check that never fires protects nothing.
#include <catch2/catch.hpp>
#include <string>

#include "unit/tidy/rules.hpp"

namespace {

using tidy::findings;
using tidy::source_file;

using rule = findings (*)(const source_file&);

// How much the rule finds in the files; the sentences are shown when that fails a check.
std::size_t found_in_all(rule check, const std::vector<source_file>& files) {
    std::size_t count = 0;
    for (const auto& file : files) {
        for (const auto& sentence : check(file)) {
            UNSCOPED_INFO(sentence);
            ++count;
        }
    }
    return count;
}

const std::vector<source_file>& product() {
    static const auto files = tidy::cpp_files({"include", "src", "docs/examples"});
    return files;
}

const std::vector<source_file>& all_code() {
    static const auto files = tidy::cpp_files({"include", "src", "docs/examples", "test"});
    return files;
}

std::vector<source_file> documents() {
    auto files = tidy::read_tree({"docs"}, {".md"});
    if (tidy::exists("README.md")) files.push_back({"README.md", tidy::read_file("README.md")});
    return files;
}

std::size_t found_in(rule check, std::string path, std::string text) {
    return check({std::move(path), std::move(text)}).size();
}

std::string body_of(int statements) {
    std::string text = "void f(int n) {\n";
    for (int i = 0; i < statements; ++i) text += "    n += 1;\n";
    return text + "}\n";
}

}  // namespace

TEST_CASE("the tree is there to be read") {
    REQUIRE(product().size() > 20);
    REQUIRE(all_code().size() > product().size());
}

TEST_CASE("no include points up or sideways") {
    CHECK(found_in_all(tidy::includes_that_point_up_or_sideways, product()) == 0);

    const rule check = tidy::includes_that_point_up_or_sideways;
    CHECK(found_in(check, "src/base/a.cpp", "#include \"wire/patch.hpp\"\n") == 1);
    CHECK(found_in(check, "src/http/client/a.cpp", "#include \"store/a.hpp\"\n") == 1);
    CHECK(found_in(check, "src/http/message/a.cpp", "#include \"http/server/router.hpp\"\n") == 1);
    CHECK(found_in(check, "src/role/log/a.cpp", "#include \"role/registry/a.hpp\"\n") == 1);
    CHECK(found_in(check, "src/role/log/line/a.cpp", "#include \"role/log/search/query.hpp\"\n") == 1);
    CHECK(found_in(check, "src/role/grading/core/a.cpp", "#include \"http/client/client.hpp\"\n") == 1);
    CHECK(found_in(check, "src/role/grading/core/a.cpp", "#include \"role/grading/gradebook.hpp\"\n") == 1);
    CHECK(found_in(check, "include/distd/a.hpp", "#include \"base/assert.hpp\"\n") == 1);
    CHECK(found_in(check, "src/role/portal/a.cpp", "#include \"sdk/service_impl.hpp\"\n") == 1);
    CHECK(found_in(check, "src/role/portal/a.cpp", "#include \"sdk/role_services.hpp\"\n") == 0);
    CHECK(found_in(check, "src/role/log/search/a.cpp",
                   "#include \"role/log/line/a.hpp\"\n#include <distd/http.hpp>\n") == 0);
    CHECK(found_in(check, "src/app/a.cpp",
                   "#include \"role/role.hpp\"\n#include \"http/client/client.hpp\"\n") == 0);
}

TEST_CASE("no file includes itself by way of others") {
    for (const auto& sentence : tidy::circles(product())) FAIL_CHECK(sentence);

    const std::string to_b = "#include \"base/b.hpp\"\n";
    const std::string to_c = "#include \"base/c.hpp\"\n";
    CHECK(tidy::circles({{"src/base/a.hpp", to_b}, {"src/base/b.cpp", to_c}}).empty());
    CHECK(tidy::circles({{"src/base/a.hpp", to_b}, {"src/base/b.cpp", to_c}, {"src/base/c.hpp", to_b}})
              .size() == 2);
}

TEST_CASE("Beast is seen in src/http only, and what is pure knows nothing of waiting") {
    CHECK(found_in_all(tidy::misplaced_libraries, product()) == 0);

    const rule check = tidy::misplaced_libraries;
    CHECK(found_in(check, "src/http/server/a.hpp", "#include <boost/beast/http.hpp>\n") == 1);
    CHECK(found_in(check, "src/sdk/a.cpp", "#include <boost/beast.hpp>\n") == 1);
    CHECK(found_in(check, "src/role/grading/core/a.hpp", "#include <boost/asio/awaitable.hpp>\n") == 1);
    CHECK(found_in(check, "src/role/log/line/a.hpp", "// A line. Pure.\n#include <distd/task.hpp>\n") == 1);
    CHECK(found_in(check, "src/role/log/line/a.hpp", "// A line.\n#include <distd/task.hpp>\n") == 0);
    CHECK(found_in(check, "src/http/server/a.cpp", "#include <boost/beast/http.hpp>\n") == 0);
}

TEST_CASE("no line is longer than 110 columns") {
    CHECK(found_in_all(tidy::lines_too_long, all_code()) == 0);
    CHECK(found_in(tidy::lines_too_long, "src/a.cpp", std::string(111, 'x')) == 1);
    CHECK(found_in(tidy::lines_too_long, "src/a.cpp", std::string(106, 'x') + "\xE2\x82\xAC\xE2\x82\xAC") ==
          0);
}

TEST_CASE("no function is longer than a screen") {
    CHECK(found_in_all(tidy::functions_too_long, product()) == 0);

    const rule check = tidy::functions_too_long;
    CHECK(found_in(check, "src/a.cpp", body_of(59)) == 1);
    CHECK(found_in(check, "src/a.cpp", body_of(58)) == 0);
    CHECK(found_in(check, "src/a.cpp", "namespace a {\nclass b {\n" + body_of(59) + "};\n}\n") == 1);
    CHECK(found_in(check, "src/a.cpp", "class b : c(d) {\n" + body_of(30) + body_of(30) + "};\n") == 0);
}

TEST_CASE("no drawing of the console is longer than a screen") {
    CHECK(found_in_all(tidy::drawings_too_long, product()) == 0);

    const rule check = tidy::drawings_too_long;
    CHECK(found_in(check, "src/role/console/draw/a.cpp", body_of(59)) == 1);
    CHECK(found_in(check, "src/role/console/draw/a.cpp", body_of(58)) == 0);
    CHECK(found_in(check, "src/role/console/pages/a.cpp", body_of(59)) == 0);
}

TEST_CASE("banned calls are not made") {
    CHECK(found_in_all(tidy::banned_calls, all_code()) == 0);

    const rule check = tidy::banned_calls;
    CHECK(found_in(check, "src/sdk/a.cpp", "co_spawn(ex, f(), asio::detached);\n") == 1);
    CHECK(found_in(check, "test/role/a.cpp", "ctx.stop();\n") == 1);
    CHECK(found_in(check, "src/sdk/a.cpp", "auto t = std::chrono::steady_clock::now();\n") == 1);
    CHECK(found_in(check, "src/role/log/a.cpp", "std::getenv(\"HOME\");\n") == 1);
    CHECK(found_in(check, "src/app/a.cpp", "std::cout << 1;\n") == 1);
    CHECK(found_in(check, "src/role/log/a.cpp", "for (const auto& p : *shelf.parts()) f(p);\n") == 1);
    CHECK(found_in(check, "src/role/log/a.cpp", "for (const auto& p : *parts) f(g(p));\n") == 0);
    CHECK(found_in(check, "src/http/proxy/a.cpp", "detail::socket_access::of(s).async_wait(w, f);\n") == 1);
    CHECK(found_in(check, "src/app/a.cpp", "// never detached, no std::cout\nauto text = \"detached\";\n") ==
          0);
    CHECK(found_in(check, "src/base/a.cpp", "auto t = std::chrono::steady_clock::now();\n") == 0);
}

TEST_CASE("every callback of the loop names itself for the log line of its failure") {
    CHECK(found_in_all(tidy::nameless_callbacks, product()) == 0);

    const rule check = tidy::nameless_callbacks;
    CHECK(found_in(check, "src/a.cpp", "asio::post(loop, [this] { step(); });\n") == 1);
    CHECK(found_in(check, "src/a.cpp", "s.async_wait(wait_read, [this](error_code) { f(); });\n") == 1);
    CHECK(found_in(check, "src/a.cpp", "wait_for_bytes(s, [this](error_code) { f(); });\n") == 1);
    CHECK(found_in(check, "src/a.cpp", "bare.async_wait(wait_read, std::move(handler));\n") == 0);
    CHECK(found_in(check, "src/a.cpp", "auto f = [this] { g(); };\nasio::post(loop, std::move(f));\n") == 1);
    const std::string named = "[this] { const handler_scope scope(\"a\"); step(); }";
    CHECK(found_in(check, "src/a.cpp", "asio::post(loop, " + named + ");\n") == 0);
    CHECK(found_in(check, "src/a.cpp", "auto f = " + named + ";\nasio::post(loop, std::move(f));\n") == 0);
    CHECK(found_in(check, "src/a.cpp", "co_await asio::post(loop, use_task);\n") == 0);
}

TEST_CASE("every header says what it is for, is included once and opens no namespace") {
    CHECK(found_in_all(tidy::header_form, all_code()) == 0);
    CHECK(found_in(tidy::header_form, "src/a.hpp", "#include <map>\nusing namespace std;\n") == 3);
}

TEST_CASE("nothing refers to the place where it was written") {
    auto files =
        tidy::read_tree({"include", "src", "docs", "test", "web"},
                        {".cpp", ".hpp", ".md", ".cmake", ".txt", ".in", ".js", ".mjs", ".html", "/run"});
    for (const auto* path :
         {"CMakeLists.txt", "CMakePresets.json", "quickstart.sh", ".ci/run", "README.md"}) {
        if (tidy::exists(path)) files.push_back({path, tidy::read_file(path)});
    }
    CHECK(found_in_all(tidy::traces_of_a_workplace, files) == 0);
    CHECK(found_in(tidy::traces_of_a_workplace, "src/a.cpp",
                   "// see /wor"
                   "k/notes.md\n// for issu"
                   "e 12\n") == 2);
}

TEST_CASE("documents quote the sources as they are, and their links lead somewhere") {
    CHECK(found_in_all(tidy::stale_quotes, documents()) == 0);
    CHECK(found_in_all(tidy::broken_links, documents()) == 0);
    CHECK(found_in(tidy::stale_quotes, "a.md", "<!-- LICENSE -->\n```\nfree\n```\n") == 1);
    CHECK(found_in(tidy::broken_links, "docs/a.md", "[licence](../LICENSE) [x](gone.md#part)\n") == 1);
}

TEST_CASE("documents promise a thing once") {
    CHECK(found_in_all(tidy::doubled_rows, documents()) == 0);
    CHECK(found_in(tidy::doubled_rows, "docs/a.md", "| **a** | x |\n| **b** | x |\n| **a** | y |\n") == 1);
}

TEST_CASE("documents name files and folders that are there") {
    CHECK(found_in_all(tidy::missing_paths, documents()) == 0);
    CHECK(found_in(tidy::missing_paths, "docs/a.md", "`src/base` `src/gone/a` `test/bench/run --only=x`") ==
          1);
    CHECK(found_in(tidy::missing_paths, "docs/a.md", "`src/base/task_group` `src/role/NAME`") == 0);
}

TEST_CASE("documents name cases of tests that are there") {
    CHECK(found_in_all(tidy::missing_cases, documents()) == 0);
    const std::string here = "`test/unit/tidy/tidy_test.cpp`: \"documents name cases\"";
    CHECK(found_in(tidy::missing_cases, "docs/a.md", here) == 0);
    CHECK(found_in(tidy::missing_cases, "docs/a.md", here + ", \"nobody's" + " case\"") == 1);
}

TEST_CASE("documents for contributors have every suite of tests, and quickstart.sh runs it") {
    const std::string path = "docs/contributing.md";
    for (const auto& sentence :
         tidy::undocumented_suites(tidy::read_file("quickstart.sh"), {path, tidy::read_file(path)}))
        FAIL_CHECK(sentence);
    CHECK(tidy::undocumented_suites("\nsuites=(unit new)\n", {path, "| `unit` | x |\n"}).size() == 1);
}

TEST_CASE("the sample services stay within forty lines") {
    for (const auto& file : tidy::cpp_files({"docs/examples"})) {
        INFO(file.path);
        CHECK(tidy::lines_of(file.text).size() <= 40);
    }
}
