// What verbs print with --json: one document, whatever the answer is.
#include <sys/stat.h>

#include <distd/json.hpp>
#include <set>

#include "client/client_fixture.hpp"
#include "client/verbs/verbs.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using distd::ops::client::all_verbs;

namespace {

json::value document_of(const outcome& r) {
    CAPTURE(r.code, r.out, r.err);
    json_error why;
    auto document = parse_json(r.out, why);
    REQUIRE(document);
    return *std::move(document);
}

struct json_case {
    words arguments;
    int code = 0;
};

// In this order, on a town with `cart`.
const std::vector<json_case> cases{
    {{"services"}},
    {{"show", "cart"}},
    {{"logs", "-n", "3"}},
    {{"logs", "-S", "1h", "-g", "nobody said that"}},
    {{"events"}},
    {{"trace", "4bf92f3577b34da6a3ce929d0e0e4736"}},
    {{"drain", "cart/1", "--reason=disk swap"}},
    {{"undrain", "cart/1", "--wait"}},
    {{"config", "set", "motd", "hello"}},
    {{"config", "set", "motd", "hello again"}},
    {{"config", "ls"}},
    {{"config", "get", "motd"}},
    {{"config", "get", "motd", "1"}},
    {{"config", "edit", "motd"}},
    {{"config", "history", "motd"}},
    {{"config", "diff", "motd"}, 4},
    {{"config", "diff", "motd", "3", "3"}},
    {{"config", "restore", "motd", "1"}},
    {{"config", "rm", "motd"}},
    {{"wait", "cart"}},
    {{"wait", "CART=2", "nobody", "--timeout=100ms"}, 4},
    {{"routes"}},
    {{"certs"}},
    {{"ca", "local"}},
    {{"top", "-n", "1"}},
    {{"register", "printer", "http://127.0.0.1:9/printer"}},
    {{"forget", "http://127.0.0.1:9/printer"}},
    {{"doctor"}},
    {{"open"}},
    {{"version"}},
    {{"help"}},
    {{"help", "drain"}},
};

// Those whose output is for another program, and one that goes on for ever.
const std::set<words> others{{"run"}, {"call"}, {"completion"}, {"config", "watch"}};

}  // namespace

TEST_CASE("every verb prints one document with --json") {
    std::set<words> covered = others;
    small_town t;
    t.start_log();
    t.start_portal();
    t.start_console();
    t.add("cart");
    for (const auto* name : {"LogService", "Portald", "GradingService", "Console", "cart"}) t.until_up(name);
    std::ofstream(t.sh.home("editor")) << "#!/bin/bash\necho hello from the editor >\"$1\"\n";
    ::chmod(t.sh.home("editor").c_str(), 0700);
    t.sh.environment["EDITOR"] = t.sh.home("editor");
    t.w.until("a line is in the log", [&] {
        return t.sh.bash(R"(distd call LogService /log -f -H 'Content-Type: application/json' -d )"
                         R"('{"service":"cart","message":"x","trace":"4bf92f3577b34da6a3ce929d0e0e4736"}')")
                   .code == 0;
    });
    for (const auto& one : cases) {
        CAPTURE(one.arguments);
        auto arguments = one.arguments;
        arguments.push_back("--json");
        const auto r = t.sh.distd(arguments);
        CHECK(r.code == one.code);
        static_cast<void>(document_of(r));
        covered.insert({arguments[0]});
        if (arguments[0] == "config") covered.insert({arguments[0], arguments[1]});
    }
    for (const auto& v : all_verbs()) {
        CAPTURE(v.name);
        CHECK(covered.contains({v.name}));
        for (const auto& first : v.first_words)
            if (v.name == "config") CHECK(covered.contains({v.name, first}));
    }
}

TEST_CASE("documents say what the verb found") {
    small_town t;
    t.add("cart");
    t.until_up("cart");
    for (const auto* value : {"one", "two"}) t.sh.distd({"config", "set", "motd", value});
    CHECK(to_text(document_of(t.sh.distd({"config", "diff", "motd", "--json"}))) ==
          R"({"key":"motd","from":1,"to":2,"differs":true,"left":"one","right":"two"})");
    CHECK_THAT(t.sh.distd({"config", "get", "motd", "1", "--json"}).out,
               Contains(R"("version":1)") && Contains(R"("value":"one")"));
    CHECK_THAT(t.sh.distd({"config", "history", "motd", "--json"}).out, Contains(R"("when":"20)"));
    t.sh.distd({"config", "set", "cart/token", "one"});
    t.sh.distd({"config", "set", "cart/token", "two"});
    CHECK_THAT(t.sh.distd({"config", "diff", "cart/token", "--json"}).out,
               Contains(R"("differs":true,"left":null,"right":null)"));
    CHECK_THAT(t.sh.distd({"config", "diff", "cart/token", "--json", "--secrets"}).out, Contains("\"two\""));
    CHECK(t.sh.distd({"wait", "cart=2", "--timeout=100ms", "--json"}).out ==
          "[{\"name\":\"cart\",\"up\":1,\"wanted\":2}]\n");
    CHECK(t.sh.distd({"config", "rm", "motd", "--json"}).out == R"({"key":"motd","done":"removed"})"
                                                                "\n");
}

TEST_CASE("a version that is not kept is no side of a difference") {
    small_town t;
    t.sh.distd({"config", "set", "motd", "one"});
    for (const auto& versions : {words{"9"}, words{"1", "9"}}) {
        words arguments{"config", "diff", "motd"};
        arguments.insert(arguments.end(), versions.begin(), versions.end());
        const auto r = t.sh.distd(arguments);
        CHECK(r.code == 4);
        CHECK(r.out.empty());
        CHECK_THAT(r.err, Contains("motd has no version 9"));
    }
}
