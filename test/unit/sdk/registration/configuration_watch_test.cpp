// A service's configuration, with registries that come, go, lose their data, or never had any.
#include "sdk/registration/configuration_watch.hpp"

#include <catch2/catch.hpp>
#include <deque>

#include "base/logging/log_sink.hpp"
#include "base/task_group.hpp"
#include "support/fake_time.hpp"
#include "support/loop_runner.hpp"

using namespace distd;

namespace {

// Answers each call with what the test says next, when it says it.
class scripted_client final : public http::client {
public:
    scripted_client(executor loop, time_source& time) : bell_(loop, time) {}

    task<result<http::reply>> send(http::call c) override {
        asked.push_back(std::move(c));
        while (answers_.empty()) co_await bell_.wait();
        auto answer = std::move(answers_.front());
        answers_.pop_front();
        co_return answer;
    }
    void answer(result<http::reply> r) {
        answers_.push_back(std::move(r));
        bell_.wake();
    }

    std::vector<http::call> asked;

private:
    std::deque<result<http::reply>> answers_;
    alarm_clock bell_;
};

http::reply listing(std::uint64_t index, const std::string& body, const std::string& data = "one") {
    http::reply r;
    r.status = 200;
    r.headers.add("X-Distd-Index", std::to_string(index));
    r.headers.add("X-Distd-Registry", data);
    r.body = body;
    return r;
}

http::reply status(int code) {
    http::reply r;
    r.status = code;
    return r;
}

std::string values(const std::string& x) {
    return R"([{"key":"app/x","version":1,"media_type":"text/plain","value":")" + x + R"("}])";
}

struct scene : test::loop_runner {
    explicit scene(std::vector<std::string> registries = {"http://r1"})
        : watch({"app/", std::move(registries), [this](const configuration& c) { states.push_back(c); }},
                client, loop.get_executor(), time, logger(log, "test")) {
        tasks.spawn("watch", [this] { return watch.run(); });
        settle();
    }
    ~scene() {
        run([this] { return ended(); });
    }
    task<> ended() {
        tasks.cancel();
        co_await tasks.join_until(steady_point::max());
    }
    static log_sink::setup silent() {
        log_sink::setup s;
        s.descriptor = -1;
        return s;
    }
    void settle() { time.advance(milliseconds(0)); }
    void answer(result<http::reply> r) {
        client.answer(std::move(r));
        settle();
    }
    std::string last_url() const { return client.asked.back().url; }
    std::string last_value() const { return states.empty() ? "(none)" : states.back().text("x", "(no x)"); }

    test::fake_time time{loop};
    std::shared_ptr<log_sink> log = std::make_shared<log_sink>(silent(), time);
    scripted_client client{loop.get_executor(), time};
    std::vector<configuration> states;
    configuration_watch watch;
    task_group tasks{loop.get_executor(), time};
};

}  // namespace

TEST_CASE("a service gets its first configuration, then waits for changes") {
    scene s;
    CHECK(s.last_url() == "http://r1/config/app%2F?values=1");
    s.answer(listing(7, R"([{"key":"app/x","version":3,"media_type":"text/plain","value":"1"},
                            {"key":"app/b/y","version":1,"media_type":"a/b","base64":"/w=="}])"));
    REQUIRE(s.states.size() == 1);
    CHECK(s.states[0].text("x") == "1");
    CHECK(s.states[0].find("x")->version == 3);
    CHECK(s.states[0].find("b/y")->bytes == "\xff");
    CHECK(s.states[0].find("b/y")->media_type == "a/b");
    CHECK(s.last_url() == "http://r1/config/app%2F?values=1&index=7&wait=60s");
    CHECK(s.client.asked.back().deadline > configuration_watch::wait * 17 / 16);
    s.answer(listing(9, values("2")));
    CHECK(s.last_value() == "2");
    CHECK_THAT(s.last_url(), Catch::Contains("index=9"));
}

TEST_CASE("an empty configuration is delivered once, an unchanged one not again") {
    scene s;
    s.answer(listing(7, "[]"));
    REQUIRE(s.states.size() == 1);
    CHECK(s.states[0].values().empty());
    s.time.advance(seconds(60));
    s.answer(listing(7, "[]"));
    s.answer(listing(8, "[]"));
    CHECK(s.states.size() == 1);
    s.answer(listing(9, values("1")));
    CHECK(s.states.size() == 2);
    s.answer(listing(10, "[]"));  // deleted by someone
    CHECK(s.states.size() == 3);
    CHECK(s.states.back().values().empty());
}

TEST_CASE("a registry that answers at once without a change is polled with pauses") {
    scene s;
    s.answer(listing(7, "[]"));
    const auto asked = s.client.asked.size();
    s.answer(listing(7, "[]"));
    CHECK(s.client.asked.size() == asked);
    s.time.advance(seconds(1));
    CHECK(s.client.asked.size() == asked + 1);
}

TEST_CASE("while the registry is down values stay, and it is retried with backoff") {
    scene s;
    s.answer(listing(7, values("1")));
    std::vector<std::int64_t> pauses;
    for (int i = 0; i < 12; ++i) {
        const auto asked = s.client.asked.size();
        const auto began = s.time.now();
        s.answer(errc::unreachable);
        while (s.client.asked.size() == asked) s.time.advance(milliseconds(10));
        pauses.push_back(std::chrono::duration_cast<milliseconds>(s.time.now() - began).count());
    }
    CHECK(pauses.front() >= 250);
    CHECK(pauses.front() <= 510);
    CHECK(pauses.back() >= 15'000);
    CHECK(pauses.back() <= 30'010);
    CHECK(s.states.size() == 1);
    s.answer(listing(7, values("1")));  // nothing was missed
    CHECK(s.states.size() == 1);
}

TEST_CASE("a registry that lost its data takes no values away, and is read again once it has some") {
    scene s;
    s.answer(listing(700, values("1"), "one"));
    s.answer(errc::connection_lost);
    s.time.advance(seconds(1));
    s.answer(listing(3, "[]", "two"));
    CHECK(s.states.size() == 1);
    CHECK_THAT(s.last_url(), Catch::Contains("index=3"));
    s.answer(listing(4, "[]", "two"));
    CHECK(s.states.size() == 1);
    s.answer(listing(5, values("2"), "two"));
    CHECK(s.last_value() == "2");
    s.answer(listing(6, "[]", "two"));  // and this one may take them away
    CHECK(s.last_value() == "(no x)");
}

TEST_CASE("registries are tried in turn, each with its own index") {
    scene s({"http://r1", "http://r2"});
    s.answer(listing(7, values("1")));
    s.answer(errc::unreachable);
    CHECK(s.last_url() == "http://r2/config/app%2F?values=1");  // at once, without the index of the other
    s.answer(listing(3, values("2"), "two"));
    CHECK(s.last_value() == "2");
    CHECK_THAT(s.last_url(), Catch::Contains("http://r2/") && Catch::Contains("index=3"));
    s.answer(errc::connection_lost);
    CHECK_THAT(s.last_url(), Catch::StartsWith("http://r1/") && !Catch::Contains("index"));
}

TEST_CASE("a third-party registry is polled rarely, and no configuration is delivered") {
    scene s;
    for (const auto& answer : {status(404), status(200)}) {
        const auto asked = s.client.asked.size();
        s.answer(answer);
        s.time.advance(seconds(29));
        CHECK(s.client.asked.size() == asked);
        s.time.advance(seconds(32));
        CHECK(s.client.asked.size() == asked + 1);
    }
    CHECK(s.states.empty());
    s.answer(listing(7, values("1")));
    CHECK(s.last_value() == "1");
}

TEST_CASE("an answer that cannot be read changes nothing") {
    scene s;
    s.answer(listing(7, values("1")));
    for (const char* body : {"", "{}", "[{}]", R"([{"key":"app/x"}])", R"([{"key":"other/x","value":"1"}])",
                             R"([{"key":"app/x","base64":"?"}])"}) {
        INFO(body);
        s.answer(listing(8, body));
        s.time.advance(seconds(31));
        CHECK(s.states.size() == 1);
        CHECK_THAT(s.last_url(), Catch::Contains("index=7"));
    }
    for (const int code : {401, 500, 503}) {
        s.answer(status(code));
        s.time.advance(seconds(31));
        CHECK(s.states.size() == 1);
    }
}
