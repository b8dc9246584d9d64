// One service and the registries it may meet, over hours of fake time.
#include "sdk/registration/registration_agent.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "base/task_group.hpp"
#include "support/fake_time.hpp"
#include "support/registry_model.hpp"

using namespace distd;
using namespace std::chrono_literals;
using test::registry_model;
using kind = registry_model::kind;

namespace {

const std::string own_url = "http://localhost:6000";
constexpr milliseconds beat{3000};

// Sends each call to the registry it is meant for.
class switchboard final : public http::client {
public:
    std::map<std::string, registry_model*> registries;

    task<result<http::reply>> send(http::call c) override { return at(c.url).send(std::move(c)); }
    registry_model& at(const std::string& url) { return *registries.at(url.substr(0, url.find('/', 7))); }
};

// A service that is registered, or tries to be, and time that passes for it and for its registries.
class scene {
public:
    explicit scene(kind k, kind of_second = kind::ours)
        : first(k, loop.get_executor(), time), second(of_second, loop.get_executor(), time) {
        phone.registries = {{"http://first:3000", &first}, {"http://second:3000", &second}};
    }
    ~scene() {
        tasks.cancel();
        time.advance(0ms);
    }

    void start(std::vector<std::string> bases = {"http://first:3000"}) {
        registration_agent_setup s;
        s.self = {"Grading Service", own_url, {}, own_url + "/services", own_url + "/heartbeat"};
        s.registries = std::move(bases);
        s.heartbeat_interval = beat;
        s.forgotten = [this] { ++forgotten; };
        s.peer_watch = [this](http::peer_watch_setup ts, std::function<void()> held) {
            last_peer_watch_url = ts.url;
            return phone.at(ts.url).hold(std::move(ts), std::move(held));
        };
        self = std::make_unique<registration_agent>(std::move(s), phone, loop.get_executor(), time, log);
        first.heartbeat = second.heartbeat = [this] {
            if (self) self->on_heartbeat();
        };
        tasks.spawn("presence", [this] { return self->run(); });
        time.advance(0ms);
    }

    void pass(milliseconds span) {
        for (milliseconds gone{0}; gone < span; gone += 50ms) {
            time.advance(50ms);
            since_beat += 50ms;
            if (since_beat < beat) continue;
            since_beat = 0ms;
            first.probe(own_url);
            second.probe(own_url);
        }
    }

    // Like kill -9: nobody is told.
    void crash() {
        tasks.cancel();
        time.advance(0ms);
        self.reset();
    }

    void leave() {
        tasks.cancel();
        time.advance(0ms);
        tasks.spawn("leave", [this] { return self->leave(1s); });
        time.advance(0ms);
    }

    boost::asio::io_context loop{1};
    test::fake_time time{loop};
    registry_model first;
    registry_model second;
    switchboard phone;
    logger log{nullptr, "test"};
    std::unique_ptr<registration_agent> self;
    milliseconds since_beat{0};
    int forgotten = 0;
    std::string last_peer_watch_url;
    task_group tasks{loop.get_executor(), time};
};

// What an earlier life may have left is withdrawn, once, where a registration does not replace it.
int earlier_life_withdrawals(kind k) { return k == kind::foreign ? 1 : 0; }

}  // namespace

TEST_CASE("a service registers as soon as its registry answers, and once") {
    const auto k = GENERATE(kind::foreign, kind::ours);
    scene s(k);
    s.first.up = false;
    s.start();
    s.pass(1h);
    CHECK_FALSE(s.self->registered());
    CHECK_THAT(s.self->problem(), Catch::Contains("http://first:3000") && Catch::Contains("nobody answers"));
    s.first.up = true;
    s.pass(2s);
    CHECK(s.self->registered());
    CHECK(s.self->problem().empty());
    s.pass(1h);
    CHECK(s.first.posts == 1);
    CHECK(s.first.deletes == earlier_life_withdrawals(k));
    CHECK(s.forgotten == 0);
}

TEST_CASE(
    "a registry of ours is asked for URLs only, and for all where it does not know how to leave the rest "
    "out") {
    scene s(kind::ours);
    s.start();
    s.pass(10 * beat);
    CHECK(s.first.last_question == "http://first:3000/services/Grading%20Service?fields=ServiceURL");
    s.first.refuses_parameters = true;
    s.pass(10 * beat);
    CHECK(s.first.last_question == "http://first:3000/services/Grading%20Service?fields=ServiceURL");
    CHECK(s.self->registered());
    CHECK(s.first.posts == 1);
}

TEST_CASE("a heartbeat counts only from a registry's address") {
    scene s(kind::foreign);
    const auto is_registry = [&](const std::string& registry, const std::string& address) {
        registration_agent_setup setup;
        setup.registries = {registry};
        registration_agent p(std::move(setup), s.phone, s.loop.get_executor(), s.time, s.log);
        CHECK(p.is_registry(address) == p.is_registry(address));
        return p.is_registry(address);
    };
    CHECK(is_registry("http://192.0.2.7:3000", "192.0.2.7"));
    CHECK_FALSE(is_registry("http://192.0.2.7:3000", "192.0.2.8"));
    CHECK_FALSE(is_registry("http://192.0.2.7:3000", "127.0.0.1"));
    CHECK(is_registry("http://127.0.0.1:3000", "127.0.0.1"));
    CHECK(is_registry("http://localhost:3000", "127.0.0.2"));
    CHECK_FALSE(is_registry("http://localhost:3000", "192.0.2.8"));
    CHECK_FALSE(is_registry("http://localhost:3000", ""));
}

TEST_CASE("the watched path has the percent-encoded service name") {
    scene s(kind::ours);
    s.start();
    CHECK(s.last_peer_watch_url == "http://first:3000/services/Grading%20Service");
}

TEST_CASE("a registry that lost its data gets the registration again, once, within two heartbeats") {
    const auto k = GENERATE(kind::foreign, kind::ours);
    const auto away = GENERATE(milliseconds(200ms), milliseconds(10s), milliseconds(1h));
    const auto keeps_connections = GENERATE(true, false);
    scene s(k);
    s.first.keeps_connections = keeps_connections;
    s.start();
    s.pass(10s);
    s.first.kill();
    // Without a connection to watch, a foreign registry's absence shows when it is asked next, each second.
    s.pass(k == kind::foreign && !keeps_connections ? std::max(away, milliseconds(2s)) : away);
    s.first.start(false);
    s.pass(2 * beat);
    CHECK(s.first.times_listed(own_url) == 1);
    CHECK(s.first.posts == 2);
    CHECK(s.forgotten == 1);
    s.pass(1h);
    CHECK(s.first.posts == 2);
    CHECK(s.first.deletes == earlier_life_withdrawals(k));
}

TEST_CASE(
    "a foreign registry that restarts too fast to be seen away is told again, once, after its heartbeats "
    "stayed away") {
    const auto keeps_connections = GENERATE(true, false);
    scene s(kind::foreign);
    s.first.keeps_connections = keeps_connections;
    s.start();
    s.pass(10s);
    s.first.restart(false);
    s.pass(keeps_connections ? 3 * beat : 7 * beat);
    CHECK(s.first.times_listed(own_url) == 1);
    s.pass(1h);
    CHECK(s.first.times_listed(own_url) == 1);
    CHECK(s.first.posts == 2);
}

TEST_CASE("a restart of our registry too fast to notice leads to a registration at once") {
    scene s(kind::ours);
    s.start();
    s.pass(10s);
    s.first.restart(false);
    s.pass(100ms);
    CHECK(s.first.times_listed(own_url) == 1);
}

TEST_CASE(
    "our registry that lost its data while its connections stayed is told again within two heartbeats") {
    scene s(kind::ours);
    s.start();
    s.pass(10s);
    s.first.listed.clear();
    s.pass(2 * beat);
    CHECK(s.first.times_listed(own_url) == 1);
}

TEST_CASE("our registry with its data gets no second registration") {
    scene s(kind::ours);
    s.start();
    s.pass(10s);
    s.first.restart(true);
    s.pass(10s);
    s.first.kill();
    s.pass(1min);
    s.first.start(true);
    s.pass(1h);
    CHECK(s.first.posts == 1);
}

TEST_CASE("a third-party registry that closes our connection gets no second registration") {
    scene s(kind::foreign);
    s.start();
    for (int i = 0; i < 100; ++i) {
        s.pass(10s + i * 50ms);
        s.first.cut_connections();
    }
    s.pass(1h);
    CHECK(s.first.posts == 1);
}

TEST_CASE("a third-party registry that closes every connection is not polled aggressively") {
    scene s(kind::foreign);
    s.start();
    for (int i = 0; i < 20; ++i) {
        s.pass(500ms);
        s.first.cut_connections();
    }
    CHECK(s.first.peer_watches <= 4);
    s.pass(1h);
    CHECK(s.first.posts == 1);
}

TEST_CASE("a third-party registry without heartbeats gets one registration per connection") {
    scene s(kind::foreign);
    s.first.beats = false;
    s.start();
    s.pass(2h);
    CHECK(s.first.posts == 1);
}

TEST_CASE("a foreign registry that keeps no connection and sends no heartbeats lists us once, all the time") {
    scene s(kind::foreign);
    s.first.beats = false;
    s.first.keeps_connections = false;
    s.start();
    for (int i = 0; i < 72'000; ++i) {
        s.pass(100ms);
        if (s.first.times_listed(own_url) != 1) FAIL("not listed once after " << i << " steps");
    }
    CHECK(s.first.posts == 2);  // one guess, taken back first; no second one without a heartbeat
    CHECK(s.first.deletes == 2);
}

TEST_CASE("a foreign registry that restarts before its first heartbeat lists us once all the same") {
    scene s(kind::foreign);
    s.first.keeps_connections = GENERATE(true, false);
    SECTION("right after its answer") {
        s.start();
        REQUIRE(s.self->registered());
        s.first.restart(false);
    }
    SECTION("between taking us and its answer") {
        s.first.answers_after = 500ms;
        s.start();
        s.pass(200ms);
        REQUIRE(s.first.posts == 1);
        s.first.restart(false);
        s.pass(500ms);
        REQUIRE(s.self->registered());
        s.first.answers_after = 0ms;
    }
    SECTION("between its answer and a connection that it accepts late") {
        s.first.can_be_tied_after = 1500ms;
        s.start();
        s.pass(1200ms);
        REQUIRE(s.self->registered());
        s.first.restart(false);
    }
    s.pass(7 * beat);
    CHECK(s.first.times_listed(own_url) == 1);
    s.pass(1h);
    CHECK(s.first.times_listed(own_url) == 1);
    CHECK(s.first.posts == 2);
    CHECK(s.first.deletes == 2);
}

TEST_CASE("a connection that ends, or begins, while we register asks for a heartbeat and for nothing else") {
    scene s(kind::foreign);
    SECTION("ends") {
        s.first.answers_after = 500ms;
        s.start();
        s.pass(200ms);
        s.first.cut_connections();
    }
    SECTION("begins") {
        s.first.can_be_tied_after = 1200ms;
        s.first.answers_after = 500ms;
        s.start();
    }
    SECTION("begins afterwards") {
        s.first.can_be_tied_after = 1500ms;
        s.start();
    }
    s.pass(1h);
    CHECK(s.self->registered());
    CHECK(s.first.peer_watches >= 1);
    CHECK(s.first.posts == 1);
}

TEST_CASE("the connection that watches a foreign registry is there before the registration") {
    scene s(kind::foreign);
    s.first.can_be_tied_after = 300ms;
    s.start();
    s.pass(250ms);
    CHECK(s.first.posts == 0);
    s.pass(100ms);
    CHECK(s.first.peer_watches == 1);
    CHECK(s.first.posts == 1);
}

TEST_CASE("a service that is killed and started again before anybody noticed is listed once") {
    const auto k = GENERATE(kind::foreign, kind::ours);
    scene s(k);
    s.first.keeps_connections = GENERATE(true, false);
    const auto age = GENERATE(milliseconds(0ms), milliseconds(10s));
    for (int life = 1; life <= 3; ++life) {
        s.start();
        CHECK(s.self->registered());
        CHECK(s.first.times_listed(own_url) == 1);
        s.pass(age);
        CHECK(s.first.times_listed(own_url) == 1);
        CHECK(s.first.posts == life);
        CHECK(s.first.deletes == life * earlier_life_withdrawals(k));  // none at ours: nobody hears of it
        s.crash();
    }
}

TEST_CASE("a registry that does not answer questions, or breaks off withdrawals, gets our registration") {
    scene s(kind::foreign);
    SECTION("questions") { s.first.ignores_questions = true; }
    SECTION("withdrawals") { s.first.breaks_off_withdrawals = true; }
    s.start();
    s.pass(10s);
    CHECK(s.self->registered());
    s.pass(1h);
    CHECK(s.first.times_listed(own_url) == 1);
    CHECK(s.first.posts == 1);
}

TEST_CASE("a foreign registry that was cut off from us while another one had us lists us once afterwards") {
    scene s(kind::foreign, kind::foreign);
    s.start({"http://first:3000", "http://second:3000"});
    s.pass(10s);
    s.first.kill();
    s.pass(10s);
    CHECK(s.second.times_listed(own_url) == 1);
    s.first.start(true);
    s.second.kill();
    s.pass(10s);
    CHECK(s.self->registered());
    CHECK(s.first.times_listed(own_url) == 1);
}

TEST_CASE("a foreign registry whose heartbeats hang lists us once, even when its connections end meanwhile") {
    scene s(kind::foreign);
    s.start();
    s.pass(10s);
    s.first.beats = false;
    for (int i = 0; i < 10; ++i) {
        s.first.cut_connections();
        s.pass(1min);
    }
    CHECK(s.first.times_listed(own_url) == 1);
    CHECK(s.first.posts == 2);  // one guess, taken back first; no second one without a heartbeat
    CHECK(s.first.deletes == 2);
}

TEST_CASE("a heartbeat that was on its way when the registry died does not hide its death") {
    scene s(kind::foreign);
    s.start();
    s.pass(10s);
    s.first.restart(false);
    s.self->on_heartbeat();
    s.pass(4 * beat);
    CHECK(s.first.times_listed(own_url) == 1);
}

TEST_CASE("a registration whose answer is lost does not end as two entries") {
    scene s(kind::foreign);
    s.first.takes_then_breaks = true;
    s.start();
    s.pass(5s);
    s.first.takes_then_breaks = false;
    s.pass(5s);
    CHECK(s.self->registered());
    CHECK(s.first.times_listed(own_url) == 1);
}

TEST_CASE("a registry that hangs is waited for, and the registration is tried again") {
    scene s(kind::foreign);
    s.first.hangs = true;
    s.start();
    s.pass(1min);
    CHECK_FALSE(s.self->registered());
    CHECK_THAT(s.self->problem(), Catch::Contains("no answer in time"));
    s.first.hangs = false;
    s.pass(15s);
    CHECK(s.self->registered());
    CHECK(s.first.times_listed(own_url) == 1);
}

TEST_CASE("a refused registration is retried with backoff, and the reason is reported") {
    scene s(kind::ours);
    s.first.refuse_with = 507;
    s.start();
    s.pass(1min);
    CHECK(s.first.posts <= 70);
    CHECK_THAT(s.self->problem(), Catch::Contains("507"));
    s.first.refuse_with = 0;
    s.pass(2s);
    CHECK(s.self->registered());
}

TEST_CASE("of several registries the first that answers is used, and another one when it goes away") {
    scene s(kind::ours);
    s.first.up = false;
    s.start({"http://first:3000", "http://second:3000"});
    CHECK(s.second.times_listed(own_url) == 1);
    s.first.up = true;
    s.pass(1min);
    CHECK(s.first.posts == 0);
    s.second.kill();
    s.pass(2s);
    CHECK(s.first.times_listed(own_url) == 1);
    CHECK(s.self->registered());
}

TEST_CASE("a service leaves once, with its URL as the registry knows it") {
    scene s(kind::foreign);
    s.start();
    s.pass(10s);
    const auto before = s.first.deletes;
    s.leave();
    CHECK(s.first.deletes == before + 1);
    CHECK(s.first.listed.empty());
}

TEST_CASE("a service that never registered does not deregister") {
    scene s(kind::foreign);
    s.first.up = false;
    s.start();
    s.pass(10s);
    s.first.up = true;
    s.leave();
    CHECK(s.first.deletes == 0);
}

TEST_CASE("a service that stops during its registration withdraws it") {
    scene s(kind::foreign);
    s.first.answers_after = 1h;
    s.start();
    s.pass(1s);
    REQUIRE(s.first.listed.size() == 1);
    const auto before = s.first.deletes;
    s.leave();
    CHECK(s.first.deletes == before + 1);
    CHECK(s.first.listed.empty());
}
