// distd config: values, versions, conditions, and a value in somebody's own editor.
#include <signal.h>
#include <sys/stat.h>
#include <filesystem>
#include <optional>

#include "client/client_fixture.hpp"
#include "support/terminal_process.hpp"

using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

namespace {

void write_script(const std::string& path, const std::string& text) {
    std::ofstream(path) << "#!/bin/bash\n" << text;
    ::chmod(path.c_str(), 0700);
}

}  // namespace

TEST_CASE("values are set, listed, read, compared, restored and removed") {
    small_town t;
    auto& sh = t.sh;
    CHECK(sh.distd({"config", "set", "cart/limits", R"({"items": 50})"}).out == "cart/limits version 1\n");
    CHECK(sh.bash("echo '{\"items\": 60}' | distd config set cart/limits -").code == 0);
    CHECK_THAT(sh.distd({"config", "ls", "cart"}).out,
               Contains("cart/limits") && Contains("application/json"));
    CHECK(sh.distd({"config", "get", "cart/limits"}).out == "{\"items\": 60}\n");
    CHECK(sh.distd({"config", "get", "cart/limits", "1"}).out == R"({"items": 50})");
    const auto diff = sh.distd({"config", "diff", "cart/limits"});
    CHECK(diff.code == 4);
    CHECK_THAT(diff.out, Contains("-   \"items\": 50") && Contains("+   \"items\": 60"));
    CHECK(sh.distd({"config", "diff", "cart/limits", "2"}).code == 0);
    CHECK_THAT(sh.distd({"config", "history", "cart/limits"}).out, Contains("ann@") && Contains("put"));
    CHECK(sh.distd({"config", "restore", "cart/limits", "1"}).code == 0);
    CHECK(sh.distd({"config", "get", "cart/limits"}).out == R"({"items": 50})");
    CHECK(sh.distd({"config", "rm", "cart/limits"}).code == 0);
    CHECK(sh.distd({"config", "get", "cart/limits"}).code == 4);
    CHECK_THAT(sh.distd({"events"}).out, Contains("cart/limits") && Contains("ann@"));
}

TEST_CASE("a value that its type refuses, and one whose condition does not hold, are not saved") {
    small_town t;
    auto& sh = t.sh;
    const auto wrong = sh.distd({"config", "set", "gateway/routes/shop", "{service"});
    CHECK(wrong.code == 2);
    CHECK_THAT(wrong.err, Contains("not JSON"));
    CHECK(sh.distd({"config", "set", "a", "1", "--new"}).code == 0);
    CHECK(sh.distd({"config", "set", "a", "2", "--new"}).code == 4);
    CHECK(sh.distd({"config", "set", "a", "2", "--if-version=1"}).code == 0);
    CHECK(sh.distd({"config", "set", "a", "3", "--if-version=1"}).code == 4);
    CHECK(sh.distd({"config", "get", "a"}).out == "2");
    CHECK(sh.distd({"config", "set", "a"}).code == 2);
    CHECK(sh.distd({"config", "sett", "a", "b"}).code == 2);
}

TEST_CASE("secret values are not shown by comparisons unless that is asked for") {
    small_town t;
    auto& sh = t.sh;
    for (const auto* value : {"opensesame", "swordfish"})
        CHECK(sh.distd({"config", "set", "cart/db_password", value}).code == 0);
    const auto hidden = sh.distd({"config", "diff", "cart/db_password"});
    CHECK(hidden.code == 4);
    CHECK_THAT(hidden.out + hidden.err, !Contains("swordfish"));
    CHECK_THAT(sh.distd({"config", "diff", "cart/db_password", "--secrets"}).out, Contains("swordfish"));
}

TEST_CASE("a value is edited in the user's own editor, and saved with what has changed said") {
    small_town t;
    auto& sh = t.sh;
    sh.distd({"config", "set", "motd", "hello\n"});
    write_script(sh.home("editor"), "echo 'good bye' >\"$1\"\n");
    sh.environment["EDITOR"] = sh.home("editor");
    const auto r = sh.bash("distd config edit motd </dev/null");
    CHECK(r.code == 0);
    CHECK_THAT(r.err, Contains("- hello") && Contains("+ good bye") && Contains("motd: version 2"));
    CHECK(sh.distd({"config", "get", "motd"}).out == "good bye\n");
    sh.environment["EDITOR"] = "true";
    CHECK_THAT(sh.bash("distd config edit motd </dev/null").err, Contains("nothing has changed"));
    sh.environment["EDITOR"] = "false";
    CHECK(sh.bash("distd config edit motd </dev/null").code == 4);
}

TEST_CASE("when somebody else changes the key meanwhile, both values are shown and nothing is lost") {
    small_town t;
    auto& sh = t.sh;
    sh.distd({"config", "set", "motd", "hello\n"});
    write_script(sh.home("editor"), "echo theirs | " + distd_binary() + " config set motd - >/dev/null\n" +
                                        "echo mine >\"$1\"\n");
    sh.environment["EDITOR"] = sh.home("editor");
    const auto r = sh.bash("distd config edit motd </dev/null");
    CHECK(r.code == 4);
    CHECK_THAT(r.err, Contains("Somebody else has changed motd") && Contains("- hello") &&
                          Contains("+ theirs") && Contains("- theirs") && Contains("+ mine"));
    CHECK(sh.distd({"config", "get", "motd"}).out == "theirs\n");
    const auto at = r.err.find("your text is in ");
    REQUIRE(at != std::string::npos);
    const auto file = r.err.substr(at + 16, r.err.find('\n', at) - at - 16);
    CHECK(text_of_file(file) == "mine\n");
    std::filesystem::remove(file);
}

namespace {

// `distd config edit motd` at a terminal. The editor writes `lines` in turn, one each time that it is opened;
// before the first one somebody else sets the key to "theirs".
struct editing_at_terminal {
    explicit editing_at_terminal(const words& lines) {
        t.sh.distd({"config", "set", "motd", "hello\n"});
        std::string script = "n=$(cat " + t.sh.home("count") + " 2>/dev/null || echo 0)\n" +
                             "echo $((n + 1)) >" + t.sh.home("count") + "\n" +
                             "[ $n = 0 ] && echo theirs | " + distd_binary() +
                             " config set motd - >/dev/null\n";
        for (std::size_t i = 0; i < lines.size(); ++i)
            script += "[ $n = " + std::to_string(i) + " ] && echo '" + lines[i] + "' >\"$1\"\n";
        write_script(t.sh.home("editor"), script + "exit 0\n");
        t.sh.environment["EDITOR"] = t.sh.home("editor");
        t.sh.environment["TMPDIR"] = drafts.path();
        editor.emplace(words{distd_binary(), "config", "edit", "motd"}, t.sh.environment);
    }
    // Once both values and the question are there.
    void answer(char key) {
        editor->wait_for("Edit again, upon theirs? [Y/n]");
        CHECK_THAT(editor->screen(), Contains("Somebody else has changed motd") && Contains("- hello") &&
                                         Contains("+ theirs") && Contains("- theirs") && Contains("+ mine"));
        editor->type(key);
    }
    [[nodiscard]] std::string value() { return t.sh.distd({"config", "get", "motd"}).out; }
    [[nodiscard]] words texts_kept() const {
        words out;
        for (const auto& file : std::filesystem::directory_iterator(drafts.path()))
            out.push_back(text_of_file(file.path().string()));
        return out;
    }

    small_town t;
    temp_dir drafts;
    std::optional<terminal_process> editor;
};

}  // namespace

TEST_CASE("at a terminal Enter edits again upon what somebody else saved, and then it is saved") {
    editing_at_terminal e({"mine", "theirs and mine"});
    e.answer('\n');
    e.editor->wait_for("motd: version 3");
    CHECK_THAT(e.editor->screen(), Contains("+ theirs and mine"));
    CHECK(e.editor->wait() == 0);
    CHECK(e.value() == "theirs and mine\n");
    CHECK(e.texts_kept().empty());
}

TEST_CASE("at a terminal a no, the end of the input and Ctrl-C keep their value and the text") {
    const std::pair<std::string, int> answers[]{{"n\n", 4}, {"N\n", 4}, {"\x04", 4}, {"\x03", 130}};
    for (const auto& [keys, code] : answers) {
        CAPTURE(keys);
        editing_at_terminal e({"mine", "not asked for"});
        e.answer(keys[0]);
        if (keys.size() > 1) e.editor->type(keys[1]);
        e.editor->wait_for("your text is in " + e.drafts.path());
        CHECK(e.editor->wait() == code);
        CHECK(e.value() == "theirs\n");
        CHECK(e.texts_kept() == words{"mine\n"});
    }
}

TEST_CASE("at a terminal a value that its type refuses is edited again, or left by a no") {
    small_town t;
    write_script(t.sh.home("editor"), "grep -q once \"$1\" && echo '{}' >\"$1\" || echo '{once' >\"$1\"\n");
    t.sh.environment["EDITOR"] = t.sh.home("editor");
    terminal_process saved({distd_binary(), "config", "edit", "gateway/services"}, t.sh.environment);
    saved.wait_for("not JSON");
    saved.wait_for("Edit again? [Y/n]");
    saved.type('\n');
    saved.wait_for("gateway/services: version 1");
    CHECK(saved.wait() == 0);
    write_script(t.sh.home("editor"), "echo '{once' >\"$1\"\n");
    terminal_process left({distd_binary(), "config", "edit", "gateway/services"}, t.sh.environment);
    left.wait_for("Edit again? [Y/n]");
    left.type('n');
    left.type('\n');
    left.wait_for("your text is in ");
    CHECK(left.wait() == 2);
    CHECK(t.sh.distd({"config", "get", "gateway/services"}).out == "{}\n");
}

TEST_CASE("what was typed stays when it cannot be saved") {
    small_town t;
    temp_dir drafts;
    t.sh.environment["TMPDIR"] = drafts.path();
    t.sh.environment["EDITOR"] = t.sh.home("editor");
    write_script(t.sh.home("editor"), "echo typed >\"$1\"; kill -9 $REGISTRY\n");
    t.sh.environment["REGISTRY"] = std::to_string(t.w.pid("registry"));
    const auto r = t.sh.bash("distd config edit motd </dev/null");
    CHECK(r.code == 1);
    CHECK_THAT(r.err, Contains("cannot reach the registry") && Contains("your text is in " + drafts.path()));
    const std::filesystem::directory_iterator kept(drafts.path());
    CHECK(text_of_file(kept->path().string()) == "typed\n");
}

TEST_CASE("changes of a key and of a directory are watched") {
    small_town t;
    auto& sh = t.sh;
    auto watching = sh.start({"config", "watch", "cart/"}, "watching");
    int n = 0;
    std::string seen;
    // It watches once it says so; what was set before is said as it is.
    sh.distd({"config", "set", "cart/a", "1"});
    process recorder(
        {"/bin/bash", "-c", "exec " + distd_binary() + " config watch cart/ >" + sh.home("recorded")},
        sh.home("recorder"), sh.environment);
    t.w.until("the key is shown", [&] {
        sh.distd({"config", "set", "cart/b", std::to_string(n++)});
        seen = text_of_file(sh.home("recorded"));
        return seen.find("cart/a version 1") != std::string::npos &&
               seen.find("cart/b version") != std::string::npos;
    });
    sh.distd({"config", "rm", "cart/a"});
    t.w.until("the removal is shown",
              [&] { return text_of_file(sh.home("recorded")).find("cart/a removed") != std::string::npos; });
    watching.signal(SIGINT);
    CHECK(watching.wait() == 130);
}

TEST_CASE("a change of a key has the reason that was given, in its history and in the events") {
    small_town t;
    auto& sh = t.sh;
    sh.environment["EDITOR"] = "echo three >";
    for (const auto& change :
         {words{"set", "motd", "one", "--reason", "it was silent"},
          words{"set", "motd", "two", "--reason=\"; \u00fcber <b>"},
          words{"edit", "motd", "--reason=by hand"}, words{"rm", "motd", "--reason=nobody reads it"},
          words{"restore", "motd", "1", "--reason=somebody does"}}) {
        words arguments{"config"};
        arguments.insert(arguments.end(), change.begin(), change.end());
        const auto r = sh.distd(arguments);
        CAPTURE(arguments, r.err);
        CHECK(r.code == 0);
    }
    const auto history = sh.distd({"config", "history", "motd"}).out;
    for (const auto* reason :
         {"it was silent", "\"; \u00fcber <b>", "by hand", "nobody reads it", "somebody does"}) {
        CAPTURE(reason);
        CHECK_THAT(history, Contains(reason));
        t.w.until("the events tell it",
                  [&] { return sh.distd({"events"}).out.find(reason) != std::string::npos; });
    }
    CHECK_THAT(sh.distd({"config", "history", "motd", "--json"}).out, Contains(R"("reason":"by hand")"));
    const auto refused = sh.distd({"config", "set", "motd", "x", "--reason", std::string(1025, 'r')});
    CHECK(refused.code == 2);
    CHECK_THAT(refused.err, Contains("X-Distd-Reason: 1025 bytes; at most 1024 are taken"));
}
