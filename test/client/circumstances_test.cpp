// Each verb in each circumstance: with access tokens and without, and while a role that it may need is away.
// The list below has a row for every verb of the table, and every first word of those that have such.
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "client/client_fixture.hpp"
#include "client/verbs/verbs.hpp"

using namespace distd::test;
using Catch::Contains;
using distd::ops::client::all_verbs;

namespace {

constexpr auto token = "a-token-of-sixteen-letters";

enum class circumstance { no_tokens, token, no_token, wrong_token, registry_away, log_away, gateway_away };

// What a verb cannot do without.
enum class needs { nobody, registry, log, gateway };

struct outcome_wanted {
    int code = 0;
    std::string out{};  // what it contains
    std::string err{};
};

struct verb_case {
    words arguments;
    needs what = needs::registry;
    outcome_wanted usual{};
    // What it says where it works all the same, though not as usual.
    std::map<circumstance, outcome_wanted> otherwise{};
    // A change is seen by another command, in the output of which this stands afterwards.
    words look{};
    std::string seen{};
    bool goes_on = false;  // until Ctrl-C, once it has printed what is wanted
};

// In this order, on a town where `cart` and `printer` are registered and `printer` is nobody's.
std::vector<verb_case> all_cases() {
    using enum circumstance;
    using enum needs;
    const std::string printer = "http://127.0.0.1:9/printer";
    const outcome_wanted no_errors{0, "LogService", "errors are not counted"};
    const outcome_wanted curl_failed{7, "", "curl"};
    const words list{"services"};
    const words events{"events", "-n", "100"};
    return {
        {{"services"}, registry, {0, "cart", " well"}, {{log_away, no_errors}}},
        {{"services", "LogS", "--utc"}, registry, {0, "LogService"}},
        {{"ps", "--json"}, registry, {0, "\"name\":\"cart\""}},
        {{"services", "-w"}, registry, {130, "cart"}, {}, {}, {}, true},
        {{"show", "cart"}, registry, {0, "INSTANCES"}, {{log_away, {0, "cannot reach the log service at"}}}},
        {{"show", "logservice/1", "--json"}, registry, {0, "\"required_by\":["}},
        {{"logs", "-S", "1h", "-p", "info", "-o", "json"}, log, {0, "\"seq\":"}},
        {{"logs", "cart", "-n", "1"}, log, {0, "one line of cart"}},
        {{"logs", "cart", "-f"}, log, {130, "one line of cart"}, {}, {}, {}, true},
        {{"events", "cart"}, registry, {0, "registered"}},
        {{"events", "LogService", "--type=registered", "--json"}, registry, {0, "\"Type\":\"registered\""}},
        {{"events", "-f", "--json"}, registry, {130, "\"Type\":\"registered\""}, {}, {}, {}, true},
        {{"events", "-f"}, registry, {130, "cart"}, {}, {}, {}, true},
        {{"trace", "4bf92f3577b34da6a3ce929d0e0e4736"}, log, {0, "one line of cart"}},
        {{"drain", "cart/1", "--reason=disk swap"}, registry, {0, "drained"}, {}, list, "disk swap"},
        {{"drain", "cart/1", "--wait"},
         registry,
         {0, "drained", "no request of a gateway"},
         {{gateway_away, {0, "drained", "no gateway tells"}}}},
        {{"undrain", "cart/1", "--wait"}, registry, {0, "back in rotation"}, {}, events, "back in rotation"},
        {{"forget", printer, "--wait"}, registry, {0, "forgotten"}, {}, events, "forgotten by ann@"},
        {{"register", "scanner", "http://127.0.0.1:9/scanner", "--tag=office"},
         registry,
         {0, "scanner http://127.0.0.1:9/scanner registered", "it is not probed"},
         {},
         {"services", "--tag=office"},
         "scanner"},
        {{"wait", "cart=1", "--timeout=100ms"}, registry, {}},
        {{"wait", "nobody", "--timeout=100ms"}, registry, {4, "", "nobody has 0 of 1"}},
        {{"config", "set", "motd", "hello"},
         registry,
         {0, "motd version 1"},
         {},
         {"config", "get", "motd"},
         "hello"},
        {{"config", "ls"}, registry, {0, "motd"}},
        {{"config", "get", "motd"}, registry, {0, "hello"}},
        {{"config", "edit", "motd"},
         registry,
         {0, "", "motd: version 2"},
         {},
         {"config", "get", "motd"},
         "hello from the editor"},
        {{"config", "history", "motd"}, registry, {0, "ann@"}},
        {{"config", "diff", "motd"}, registry, {4, "+ hello from the editor"}},
        {{"config", "restore", "motd", "1"},
         registry,
         {0, "motd version 3"},
         {},
         {"config", "diff", "motd"},
         "- hello from the editor"},
        {{"config", "watch", "motd"}, registry, {130, "motd version 3"}, {}, {}, {}, true},
        {{"config", "rm", "motd"}, registry, {0, "motd removed"}, {}, events, "motd"},
        {{"routes"}, gateway, {}},
        {{"certs"}, gateway, {0, "", "no gateway listens with TLS"}},
        {{"ca", "local"}, nobody, {0, "localhost.pem"}},
        {{"top", "-n", "1"}, gateway, {0, "SERVICE"}},
        {{"call", "LogService", "/log?limit=1"}, registry, {0, "\"seq\""}, {{log_away, curl_failed}}},
        {{"call", "LogService", "/log", "-f", "-H", "Content-Type: text/plain", "-d", "[ann] - said by hand"},
         registry,
         {},
         {{log_away, curl_failed}}},
        {{"doctor"},
         registry,
         {0, "answers, version", "nothing is wrong"},
         {{log_away, {4, "cannot reach it at", "finding"}},
          {gateway_away, {4, "cannot reach it at", "finding"}}}},
        {{"open"}, registry, {0, "http://127.0.0.1:"}, {{circumstance::token, {0, "/?t=", "signs in once"}}}},
        {{"open", "cart"},
         registry,
         {0, "/services/cart"},
         {{circumstance::token, {0, "&to=%2Fservices%2Fcart", "signs in once, within 2 minutes"}}}},
        {{"run", "--role=registry", "--check-config"}, nobody, {}},
        {{"version"}, nobody, {0, "distd "}},
        {{"help", "drain"}, nobody, {0, "Usage: distd drain"}},
        {{"completion", "bash"}, nobody, {0, "complete -F _distd distd"}},
        {{"completion", "verbs", "serv"}, nobody, {0, "services"}},
        {{"completion", "services", "ca"}, registry, {0, "cart"}},
        {{"completion", "instances", "cart/"}, registry, {0, "cart/1"}},
        {{"completion", "keys", ""}, registry, {0, "kept"}},
    };
}

std::string token_file(const temp_dir& dir) {
    std::ofstream(dir / "tokens") << token << "\n";
    ::chmod((dir / "tokens").c_str(), 0600);
    return dir / "tokens";
}

// A system in that circumstance, and a shell in front of it.
class system_in {
public:
    explicit system_in(circumstance c) : now_(c), town_(flags()) {
        auto& sh = town_.sh;
        if (has_tokens()) sh.environment["DISTD_TOKEN"] = token;
        std::ofstream(sh.home("editor")) << "#!/bin/bash\necho hello from the editor >\"$1\"\n";
        ::chmod(sh.home("editor").c_str(), 0700);
        sh.environment["EDITOR"] = sh.home("editor");
        town_.start_log();
        town_.start_portal();
        town_.start_console();
        cart_.start();
        sh.distd({"register", "cart", cart_.base_url(), "--heartbeat=/heartbeat"});
        sh.distd({"register", "printer", "http://127.0.0.1:9/printer"});
        sh.distd({"config", "set", "kept", "1"});
        for (const auto* name : {"LogService", "Portald", "GradingService", "Console", "cart"})
            town_.until_up(name);
        town_.w.until("a line is in the log", [&] { return sh.bash(line_of_cart()).code == 0; });
        if (c == circumstance::no_token) sh.environment.erase("DISTD_TOKEN");
        if (c == circumstance::wrong_token) sh.environment["DISTD_TOKEN"] = "another-token-of-letters";
        if (c == circumstance::registry_away) lose("registry", town_.registry());
        if (c == circumstance::log_away) lose("log", town_.w.address("log", "log"));
        if (c == circumstance::gateway_away) lose("portal", town_.w.address("portal", "portal"));
    }

    void check(const verb_case& v) {
        CAPTURE(v.arguments);
        const auto wanted = wanted_of(v);
        const auto r = run(v, wanted);
        CAPTURE(r.out, r.err);
        CHECK(r.code == wanted.code);
        CHECK_THAT(r.out, Contains(wanted.out));
        CHECK_THAT(r.err, Contains(wanted.err));
        if (is_refused(v)) {
            CHECK(r.out.empty());
            CHECK_THAT(r.err, Contains(what_to_set(v)));
        }
        if (is_refused(v) || v.look.empty()) return;
        const auto after = town_.sh.distd(v.look);
        CAPTURE(v.look, after.out, after.err);
        CHECK_THAT(after.out, Contains(v.seen));
    }

private:
    [[nodiscard]] bool has_tokens() const {
        return now_ == circumstance::token || now_ == circumstance::no_token ||
               now_ == circumstance::wrong_token;
    }
    words flags() { return has_tokens() ? words{"--access-token-file=" + token_file(dir_)} : words{}; }

    static std::string line_of_cart() {
        return "distd call LogService /log -f -H 'Content-Type: application/json' -d '"
               R"({"service":"cart","message":"one line of cart",)"
               R"("trace":"4bf92f3577b34da6a3ce929d0e0e4736"})"
               "'";
    }

    void lose(const std::string& process, const std::string& address) {
        away_ = address;
        town_.w.kill(process);
    }

    [[nodiscard]] bool is_refused(const verb_case& v) const {
        switch (now_) {
            case circumstance::no_tokens:
            case circumstance::token: return false;
            case circumstance::log_away: return v.what == needs::log;
            case circumstance::gateway_away: return v.what == needs::gateway;
            default: return v.what != needs::nobody;
        }
    }
    [[nodiscard]] outcome_wanted wanted_of(const verb_case& v) const {
        if (const auto found = v.otherwise.find(now_); found != v.otherwise.end()) return found->second;
        if (!is_refused(v)) return v.usual;
        switch (now_) {
            case circumstance::no_token:
            case circumstance::wrong_token:
                return {1, "", "distd: the registry at " + town_.registry() + " refused: "};
            case circumstance::registry_away: return {1, "", "distd: cannot reach the registry at " + away_};
            case circumstance::log_away: return {1, "", "distd: cannot reach the log service at " + away_};
            default: return {1, "", "distd: cannot reach the gateway at " + away_};
        }
    }
    [[nodiscard]] std::string what_to_set(const verb_case&) const {
        switch (now_) {
            case circumstance::no_token:
                return "\nset DISTD_TOKEN, or write the token into ~/.config/distd/token";
            case circumstance::wrong_token:
                return "\nthe token is that of DISTD_TOKEN: set another one, or unset it";
            case circumstance::registry_away: return "\nset --registry=URL or DISTD_REGISTRY, or start one";
            default: return "\nits address is of the registry at " + town_.registry();
        }
    }

    outcome run(const verb_case& v, const outcome_wanted& wanted) {
        if (v.goes_on && wanted.code == 130) return until_shown(v.arguments, wanted.out);
        auto r = town_.sh.distd(v.arguments);
        // A completion gives up soon: on a busy machine the registry's answer may come too late for once.
        if (v.arguments[0] == "completion")
            town_.w.until("it is completed", [&] {
                if (r.code == wanted.code && r.out.find(wanted.out) != std::string::npos) return true;
                r = town_.sh.distd(v.arguments);
                return false;
            });
        return r;
    }

    // With its output in a file, which is read while it goes on.
    outcome until_shown(const words& arguments, const std::string& text) {
        const auto n = std::to_string(++followed_);
        const auto out = town_.sh.home("out-" + n);
        std::string command = "exec " + distd_binary();
        for (const auto& a : arguments) command += " " + a;
        process p({"/bin/bash", "-c", command + " >" + out}, town_.sh.home("err-" + n), town_.sh.environment);
        town_.w.until("'" + text + "' is shown",
                      [&] { return text_of_file(out).find(text) != std::string::npos; });
        p.signal(SIGINT);
        const auto code = p.wait();
        return {code, text_of_file(out), text_of_file(town_.sh.home("err-" + n))};
    }

    circumstance now_;
    temp_dir dir_;
    foreign_service cart_{foreign_setup{.name = "cart", .host = "127.0.0.1"}};
    small_town town_;
    std::string away_;
    int followed_ = 0;
};

void check_all_in(circumstance c) {
    system_in s(c);
    for (const auto& v : all_cases()) s.check(v);
}

}  // namespace

TEST_CASE("no verb is without a case, and no first word of one") {
    std::set<words> covered;
    for (const auto& c : all_cases()) {
        const auto* const v = distd::ops::client::find_verb(c.arguments[0]);
        REQUIRE(v);
        covered.insert({v->name});
        if (c.arguments.size() > 1) covered.insert({v->name, c.arguments[1]});
    }
    for (const auto& v : all_verbs()) {
        CAPTURE(v.name);
        CHECK(covered.contains({v.name}));
        for (const auto& first : v.first_words) {
            CAPTURE(first);
            CHECK(covered.contains({v.name, first}));
        }
    }
}

TEST_CASE("each verb without access tokens") { check_all_in(circumstance::no_tokens); }

TEST_CASE("each verb with an access token") { check_all_in(circumstance::token); }

TEST_CASE("each verb without the token that the system wants") { check_all_in(circumstance::no_token); }

TEST_CASE("each verb with a wrong token") { check_all_in(circumstance::wrong_token); }

TEST_CASE("each verb while the registry is away") { check_all_in(circumstance::registry_away); }

TEST_CASE("each verb while the log service is away") { check_all_in(circumstance::log_away); }

TEST_CASE("each verb while the gateway is away") { check_all_in(circumstance::gateway_away); }

TEST_CASE("distd run plays roles until it is stopped, also while the registry is away") {
    shell sh;
    temp_dir dir;
    auto p = sh.start({"run", "--role=log", "--listen=127.0.0.1:0", "--data-dir=" + sh.home("data"),
                       "--registry=http://127.0.0.1:1", "--access-token-file=" + token_file(dir)},
                      "errors");
    p.wait_until_ready();
    p.signal(SIGTERM);
    CHECK(p.wait() == 0);
}
