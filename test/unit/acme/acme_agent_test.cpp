// How a service comes to its certificate, and what it shows while it has none, from a CA that is scripted.
#include "acme/acme_agent.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "base/digest.hpp"
#include "unit/acme/acme_scene.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using std::chrono::hours;
using std::chrono::minutes;

TEST_CASE_METHOD(acme_scene, "a certificate comes by itself, for all names, and a start never waits for it") {
    agent.emplace(wish, disk, dir / "acme", ca, loop.get_executor(), time, logger(log, "acme"));
    CHECK(agent->shown()->facts().names == wish.names);
    CHECK_THAT(issuer(), Contains("not issued yet"));
    CHECK_FALSE(agent->state().until);
    agent.reset();
    begin();
    time.advance(seconds(5));
    CHECK(has_real_one());
    CHECK(changes == 1);
    CHECK(agent->shown()->facts().names == wish.names);
    CHECK(agent->challenges().empty());
    CHECK(agent->state().doing == "waits for the renewal");
    CHECK(agent->state().last_error.empty());
    CHECK(*agent->state().until == agent->shown()->facts().until);
    CHECK_THAT(lines, Contains("certificate_issued"));
    // Nobody else reads the keys.
    for (const auto& file : std::filesystem::directory_iterator(dir / "acme")) {
        struct stat about {};
        REQUIRE(::stat(file.path().c_str(), &about) == 0);
        CHECK((about.st_mode & 0777) == 0600);
    }
    // A restart has it from the disk, and asks the CA for nothing.
    const auto sha256 = agent->shown()->facts().sha256;
    const auto asked = ca.asked.size();
    restart();
    CHECK(agent->shown()->facts().sha256 == sha256);
    CHECK(ca.asked.size() - asked <= 1);  // of the directory: whether it suggests when to renew
}

TEST_CASE_METHOD(acme_scene, "a certificate is renewed in time, again and again, with the same account") {
    begin();
    time.advance(hours(24) * 400);
    CHECK(ca.issued >= 6);
    CHECK(ca.issued <= 8);
    CHECK(changes == ca.issued);
    CHECK(ca.accounts.size() == 1);
    CHECK(agent->shown()->facts().until > time.wall());
}

TEST_CASE_METHOD(acme_scene, "the CA's suggestion comes before our own, and is said to be followed") {
    // The time is drawn from the window; a day after it the agent would follow what still lies there.
    ca.window = acme::renewal_window{time.wall() + hours(24 * 5), time.wall() + hours(24 * 5 + 12)};
    begin();
    time.advance(hours(24) * 5 + hours(13));
    CHECK(ca.issued == 2);
    REQUIRE(ca.replaced.size() == 1);
    CHECK_THAT(ca.replaced.front(), Contains("."));
    // One that takes the order for a replacement amiss is asked for a new certificate.
    ca.refuses_replacements = true;
    ca.window = acme::renewal_window{time.wall() + hours(48), time.wall() + hours(60)};
    time.advance(hours(24) * 2 + hours(13));
    CHECK(ca.issued == 3);
    // And one whose suggestions always lie in the past gets an order a day, not one after the other.
    ca.window = acme::renewal_window{time.wall() - hours(48), time.wall() - hours(24)};
    time.advance(hours(24) * 10);
    CHECK(ca.issued <= 14);
}

TEST_CASE_METHOD(acme_scene, "rejected nonces cost a few requests and nothing else") {
    ca.nonces_to_reject = 4;
    begin();
    time.advance(seconds(5));
    CHECK(has_real_one());
    CHECK(ca.orders() == 1);
}

TEST_CASE_METHOD(acme_scene, "what failed is said in a sentence, tried again, and mended when it passes") {
    is_reached = false;
    begin();
    time.advance(seconds(30));
    CHECK_FALSE(has_real_one());
    auto s = agent->state();
    CHECK_THAT(s.last_error,
               Contains("a.example") && Contains("the answer of another server") && Contains("port 80"));
    REQUIRE(s.next_try);
    CHECK(*s.next_try > time.wall());
    CHECK(s.failures == 1);
    CHECK_THAT(lines, Contains("certificate_not_issued"));
    is_reached = true;
    time.advance(minutes(2));
    CHECK(has_real_one());
    CHECK(agent->state().failures == 0);
}

TEST_CASE_METHOD(acme_scene, "a CA that is away is named, and the certificate is served to its last second") {
    begin();
    time.advance(seconds(5));
    const auto until = agent->shown()->facts().until;
    ca.disturb = [](const std::string&) { return result<http::reply>(errc::unreachable); };
    time.advance(std::chrono::duration_cast<milliseconds>(until - time.wall()) - seconds(1));
    CHECK(has_real_one());
    CHECK_THAT(agent->state().last_error, Contains("ca.example"));
    // Not a try each minute of a month.
    CHECK(agent->state().failures > 50);
    CHECK(agent->state().failures < 400);
    ca.disturb = nullptr;
    time.advance(hours(7));
    CHECK(agent->shown()->facts().until > until);
}

TEST_CASE_METHOD(acme_scene, "a certificate that is over at a start is shown, said, and replaced at once") {
    begin();
    time.advance(seconds(5));
    const auto sha256 = agent->shown()->facts().sha256;
    const auto until = agent->shown()->facts().until;
    kill();
    time.advance(std::chrono::duration_cast<milliseconds>(until - time.wall()) + hours(1));
    ca.disturb = [](const std::string&) { return result<http::reply>(errc::unreachable); };
    begin();
    time.advance(seconds(5));
    CHECK(agent->shown()->facts().sha256 == sha256);
    CHECK(*agent->state().until == until);
    CHECK_THAT(lines, Contains("certificate_not_valid"));
    ca.disturb = nullptr;
    time.advance(minutes(2));
    CHECK(has_real_one());
    CHECK(agent->shown()->facts().until > time.wall());
}

TEST_CASE_METHOD(acme_scene, "a name that the CA rejects ends the tries until the names are others") {
    ca.refused_names = {"b.example"};
    begin();
    time.advance(hours(24) * 30);
    CHECK(agent->state().doing == "stopped until the settings change or a restart");
    CHECK_THAT(agent->state().last_error, Contains("b.example is not for us"));
    CHECK(agent->state().failures == 1);
    // What was wrong may have been at the CA: a restart tries once more, though not each of them.
    restart();
    time.advance(hours(1));
    CHECK(agent->state().failures == 2);
    lines.clear();
    restart();
    time.advance(hours(1));
    CHECK(agent->state().failures == 2);
    CHECK_THAT(lines, Contains("certificate_not_issued") && Contains("b.example is not for us"));
    wish.names = {"a.example"};
    restart();
    time.advance(seconds(5));
    CHECK(has_real_one());
}

TEST_CASE_METHOD(acme_scene, "another way to prove names, or another key of the account, ends a stop") {
    wish.by_tls = true;  // of which the CA offers nothing
    begin();
    time.advance(hours(1));
    CHECK(agent->state().doing == "stopped until the settings change or a restart");
    wish.by_tls = false;
    wish.account = acme::known_account{"kid-1", "wrong"};
    ca.disturb = [](const std::string& place) -> std::optional<result<http::reply>> {
        if (place != "/account") return std::nullopt;
        http::reply r;
        r.status = 403;
        r.body = R"({"type":"urn:ietf:params:acme:error:unauthorized","detail":"the key is another"})";
        return r;
    };
    std::filesystem::remove_all(dir / "acme");
    restart();
    time.advance(hours(1));
    CHECK(agent->state().doing == "stopped until the settings change or a restart");
    ca.disturb = nullptr;
    wish.account->mac_key = "right";
    restart();
    time.advance(seconds(5));
    CHECK(has_real_one());
}

TEST_CASE_METHOD(acme_scene, "names that take minutes each to be validated fail no order") {
    const auto begun = time.wall();
    ca.disturb = [&](const std::string& place) -> std::optional<result<http::reply>> {
        constexpr std::string_view head = "/authorization/";
        if (!place.starts_with(head)) return std::nullopt;
        const auto which = place.substr(head.size());
        const bool is_second = which.ends_with("1");
        if (time.wall() - begun > minutes(is_second ? 8 : 4)) return std::nullopt;
        http::reply r;
        r.status = 200;
        r.body =
            std::string(R"({"status":"pending","identifier":{"type":"dns","value":")") +
            (is_second ? "b.example" : "a.example") +
            R"("},"challenges":[{"type":"http-01","status":"pending","url":"https://ca.example/challenge/)" +
            which + R"(","token":"token-0-)" + which.back() + R"("}]})";
        return r;
    };
    begin();
    time.advance(minutes(9));
    CHECK(has_real_one());
    CHECK(ca.orders() == 1);
    CHECK_THAT(lines, !Contains("certificate_not_issued"));
}

TEST_CASE_METHOD(acme_scene, "a file that cannot be written keeps no other one from being kept") {
    const auto name = "account-" + to_hex(sha256(stub_ca::directory)).substr(0, 16) + ".json";
    std::filesystem::create_directories(dir / ("acme/" + name));
    begin();
    time.advance(minutes(2));
    CHECK(has_real_one());
    CHECK_THAT(agent->state().not_saved, Contains(name));
    const auto sha256 = agent->shown()->facts().sha256;
    restart();
    time.advance(seconds(5));
    CHECK(agent->shown()->facts().sha256 == sha256);
    CHECK(ca.orders() == 1);
}

TEST_CASE_METHOD(acme_scene,
                 "after a failure the staging directory is tried first, and nothing of it is used") {
    wish.staging = "https://ca.example/dir";
    is_reached = false;
    begin();
    time.advance(seconds(30));
    CHECK(ca.orders() == 1);
    time.advance(hours(1));
    CHECK(ca.orders() > 2);
    is_reached = true;
    const auto before = ca.orders();
    time.advance(minutes(15));
    CHECK(has_real_one());
    CHECK(ca.orders() == before + 2);
    CHECK(ca.issued == 1);
}

TEST_CASE_METHOD(acme_scene, "a staging directory that fails by itself does not stand in the CA's way") {
    wish.staging = "https://staging.example/other-dir";
    bool is_staging_away = true;
    ca.disturb = [&](const std::string& place) -> std::optional<result<http::reply>> {
        if (place == "/other-dir" && is_staging_away) return result<http::reply>(errc::unreachable);
        return std::nullopt;
    };
    is_reached = false;
    begin();
    time.advance(seconds(30));
    is_reached = true;
    time.advance(minutes(2));
    CHECK_THAT(agent->state().last_error, Contains("at the staging directory"));
    time.advance(minutes(5));
    CHECK(has_real_one());
    CHECK(ca.orders() == 2);
}

TEST_CASE_METHOD(acme_scene, "a certificate of another CA is replaced at once, and shown until then") {
    begin();
    time.advance(seconds(5));
    const auto of_first = agent->shown()->facts().sha256;
    wish.directory = "https://ca.example/second-dir";
    ca.disturb = [&](const std::string& place) -> std::optional<result<http::reply>> {
        if (place == "/second-dir") return result<http::reply>(errc::unreachable);
        return std::nullopt;
    };
    restart();
    time.advance(seconds(30));
    CHECK(agent->shown()->facts().sha256 == of_first);
    CHECK(agent->state().failures == 1);
    wish.directory = "https://ca.example/dir?second";
    ca.disturb = nullptr;
    restart();
    time.advance(seconds(30));
    CHECK(agent->shown()->facts().sha256 != of_first);
    const auto orders = ca.orders();
    restart();
    time.advance(hours(1));
    CHECK(ca.orders() == orders);
}

TEST_CASE_METHOD(acme_scene, "a CA that refuses a renewal is asked daily before the certificate runs out") {
    begin();
    time.advance(seconds(5));
    ca.refused_names = {"a.example"};
    time.advance(hours(24) * 70);
    CHECK(agent->state().failures > 3);
    CHECK(agent->state().failures < 16);
    CHECK(agent->state().doing == "waits for the next try");
    CHECK(*agent->state().next_try <= time.wall() + hours(25));
    ca.refused_names.clear();
    time.advance(hours(25));
    CHECK(agent->state().failures == 0);
    CHECK(agent->shown()->facts().until > time.wall() + hours(24) * 80);
}

TEST_CASE_METHOD(acme_scene,
                 "names that are added are ordered, and the certificate without them is served until then") {
    begin();
    time.advance(seconds(5));
    const auto sha256 = agent->shown()->facts().sha256;
    wish.names.push_back("c.example");
    is_reached = false;
    restart();
    time.advance(seconds(30));
    CHECK(agent->shown()->facts().sha256 == sha256);
    is_reached = true;
    time.advance(minutes(2));
    CHECK(agent->shown()->facts().names == wish.names);
}

TEST_CASE_METHOD(acme_scene, "a full disk stops no renewal: it is used, said, and kept when there is room") {
    disk.is_full = true;
    begin();
    time.advance(seconds(10));
    CHECK(has_real_one());
    CHECK_THAT(agent->state().not_saved, Contains("cannot be written"));
    CHECK_THAT(lines, Contains("certificate_not_kept"));
    CHECK(ca.orders() == 1);
    disk.is_full = false;
    time.advance(minutes(2));
    CHECK(agent->state().not_saved.empty());
    const auto sha256 = agent->shown()->facts().sha256;
    restart();
    CHECK(agent->shown()->facts().sha256 == sha256);
    time.advance(minutes(2));
    CHECK(ca.orders() == 1);
}

namespace {

struct wrong_answer {
    std::string place;  // how its path begins
    std::string body;
};

std::vector<wrong_answer> wrong_answers() {
    const std::string dns = R"({"type":"dns","value":")";
    const auto challenge = [](const std::string& token) {
        return R"("}, "status":"pending", "challenges":[{"type":"http-01","status":"pending",)"
               R"("url":"https://ca.example/challenge/0/0","token":")" +
               token + R"("}]})";
    };
    return {
        {"/dir", "{}"},
        {"/dir", "<html>"},
        {"/dir", R"({"newNonce":"http://ca.example/n","newAccount":"/a","newOrder":"file:///etc"})"},
        {"/order/", R"({"status":"of tomorrow"})"},
        {"/order/", R"({"status":"pending","authorizations":["http://127.0.0.1:1/"]})"},
        {"/order/", R"({"status":"ready"})"},
        {"/order/", R"({"status":"valid","certificate":"ftp://ca.example"})"},
        {"/authorization/", R"({"identifier":)" + dns + "a.example" + challenge("../../etc/passwd")},
        {"/authorization/", R"({"identifier":)" + dns + "a.example" + challenge("<script>")},
        {"/authorization/", R"({"identifier":)" + dns + "x,IP:127.0.0.1" + challenge("abc")},
        {"/certificate/", "<html>"},
        {"/certificate/", std::string(1 << 20, '\n')},
        {"/certificate/", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"},
    };
}

}  // namespace

TEST_CASE("what is not ACME in a CA's answers is a failure, said in a sentence, and tried again") {
    const auto wrong = GENERATE(from_range(wrong_answers()));
    INFO(wrong.place << " " << wrong.body.substr(0, 200));
    acme_scene s;
    s.ca.disturb = [&](const std::string& place) -> std::optional<result<http::reply>> {
        if (!place.starts_with(wrong.place)) return std::nullopt;
        http::reply r;
        r.status = 200;
        r.body = wrong.body;
        return r;
    };
    s.begin();
    s.time.advance(seconds(30));
    CHECK_FALSE(s.has_real_one());
    CHECK_FALSE(s.agent->state().last_error.empty());
    CHECK(s.agent->state().last_error.size() < 1000);
    CHECK(s.agent->state().failures == 1);
    CHECK(s.agent->challenges().empty());
    s.ca.disturb = nullptr;
    s.time.advance(minutes(10));
    CHECK(s.has_real_one());
}

TEST_CASE_METHOD(acme_scene, "an account that the CA has lost is made again") {
    begin();
    time.advance(seconds(5));
    ca.forget_accounts();
    wish.names = {"c.example"};
    restart();
    time.advance(minutes(3));
    CHECK(has_real_one());
    CHECK(agent->shown()->facts().names == wish.names);
}

TEST_CASE_METHOD(acme_scene,
                 "a CA that wants to know whose account it is says so, and takes one that is bound") {
    ca.wants_binding = true;
    begin();
    time.advance(seconds(5));
    CHECK_THAT(agent->state().last_error, Contains("who are you?"));
    wish.account = acme::known_account{"kid-1", "secret"};
    restart();
    time.advance(seconds(5));
    CHECK(has_real_one());
}

TEST_CASE("who is killed at any request of an order carries on with it, and places no second one") {
    std::size_t requests = 0;
    {
        acme_scene whole;
        whole.begin();
        whole.time.advance(seconds(5));
        requests = whole.ca.asked.size();
        REQUIRE(whole.has_real_one());
        REQUIRE(requests > 10);
    }
    for (std::size_t n = 1; n <= requests; ++n) {
        for (const bool is_heard : {false, true}) {
            INFO("request " << n << (is_heard ? ", whose answer is lost" : ", which is not heard"));
            acme_scene s;
            (is_heard ? s.ca.hangs_after : s.ca.hangs_before) = n;
            s.begin();
            s.time.advance(seconds(5));
            REQUIRE_FALSE(s.has_real_one());
            const bool order_was_lost = is_heard && s.ca.asked.back() == "/order";
            s.restart();
            s.time.advance(minutes(2));
            CHECK(s.has_real_one());
            CHECK(s.ca.accounts.size() == 1);
            // Only where the CA's answer to the order itself never came nobody knows of it.
            CHECK(s.ca.orders() == (order_was_lost ? 2U : 1U));
            CHECK(s.ca.issued <= 2);
        }
    }
}

TEST_CASE_METHOD(acme_scene, "a service that keeps being killed does not use up what the CA allows") {
    is_reached = false;
    begin();
    for (int life = 0; life < 200; ++life) {
        time.advance(seconds(20));
        restart();
    }
    // 67 minutes: 1, 2, 2, 5, 10, 10, 10, 20.
    CHECK(ca.orders() <= 9);
}
