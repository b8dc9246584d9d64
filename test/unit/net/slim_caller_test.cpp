#include "net/slim_caller.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <chrono>

#include "raw_server.hpp"
#include "support/fake_time.hpp"

using namespace distd;
using namespace distd::http;
using boost::asio::ip::make_address;
using distd::test::raw_server;
using action = raw_server::action;

namespace {

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// What a call was told, as text: a status or the reason.
using outcome = std::shared_ptr<std::string>;

std::string text_of(errc e) { return make_error_code(e).message(); }

struct asked_request : slim_request {
    std::string url;
};

// A slim caller, and beside it the pooled client, whose failures it must have; on a loop that runs when the
// test says so, with time that stands still.
struct fixture {
    explicit fixture(client_setup pool = slim_setup().pool) {
        slim_setup setup;
        setup.pool = pool;
        setup.may_connect = [this](const auto& a) { return may_connect(a); };
        setup.authorization = [this] { return authorization; };
        setup.metrics_prefix = "slim";
        auto book = [this](const std::string& host, std::function<void(address_list)> done) {
            asked.emplace_back(host, std::move(done));
        };
        caller.emplace(std::move(setup), loop.get_executor(), time, numbers, book);
        boost::asio::co_spawn(loop, caller->run(),
                              boost::asio::bind_cancellation_slot(
                                  stop.slot(), [this](std::exception_ptr) { has_stopped = true; }));
        loop.poll();
    }
    ~fixture() {
        stop.emit(boost::asio::cancellation_type::terminal);
        pooled.stop();
        loop.restart();
        loop.poll();
    }

    void run_until(const std::function<bool()>& holds) {
        const auto guard = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        loop.restart();
        while (!holds()) REQUIRE(loop.run_one_until(guard) == 1);
    }
    outcome start(asked_request r) {
        r.to = caller->target(r.url);
        auto told = std::make_shared<std::string>();
        caller->send(std::move(r), [told](result<int> how) {
            REQUIRE(told->empty());  // once
            *told = how ? std::to_string(*how) : how.error().message();
        });
        REQUIRE(told->empty());  // not before it returned
        return told;
    }
    std::string ask(asked_request r) {
        const auto told = start(std::move(r));
        run_until([&] { return !told->empty(); });
        return *told;
    }
    std::string get(const std::string& url) { return ask(get_of(url)); }
    std::string post(const std::string& url) { return ask(post_of(url)); }
    std::string post_pooled(const std::string& url, bool is_post) {
        std::string told;
        auto c = is_post ? call("POST", url).with_body("[]", "application/json") : call("GET", url);
        c.answer_limit = 100;
        boost::asio::co_spawn(loop, pooled.send(std::move(c)), [&](std::exception_ptr, result<reply> r) {
            told = r ? std::to_string(r->status) : r.error().message();
        });
        run_until([&] { return !told.empty(); });
        return told;
    }
    static asked_request get_of(const std::string& url) {
        asked_request r;
        r.url = url;
        r.answer_limit = 100;
        return r;
    }
    static asked_request post_of(const std::string& url, std::string body = "[]") {
        auto r = get_of(url);
        r.body = std::make_shared<const std::string>(std::move(body));
        return r;
    }
    std::uint64_t ended_as(const char* how) {
        return numbers.count("slim_requests_total", "Outgoing calls by how they ended.", {{"outcome", how}})
            .value();
    }

    boost::asio::io_context loop{1};
    test::fake_time time{loop};
    metrics numbers;
    std::string authorization;
    std::function<bool(const boost::asio::ip::address&)> may_connect = [](const auto&) { return true; };
    std::vector<std::pair<std::string, std::function<void(address_list)>>> asked;
    std::optional<slim_caller> caller;
    pooled_client pooled{{}, loop.get_executor(), time, numbers};
    boost::asio::cancellation_signal stop;
    bool has_stopped = false;
};

raw_server::script always(std::string text, bool close_after = false, bool reset = false) {
    return [=](int, const std::string&) { return action{text, close_after, reset}; };
}

}  // namespace

TEST_CASE_METHOD(fixture, "a slim request says what it must and nothing else") {
    raw_server server(loop, always(ok));
    const auto host = "127.0.0.1:" + std::to_string(server.port());
    CHECK(get(host + "/heartbeat?full=1") == "200");
    CHECK(server.requests().at(0) ==
          "GET /heartbeat?full=1 HTTP/1.1\r\nHost: " + host + "\r\nUser-Agent: distd\r\n\r\n");
    authorization = "Bearer x";
    CHECK(post(server.url("/u")) == "200");
    CHECK(server.requests().at(1) == "POST /u HTTP/1.1\r\nHost: " + host +
                                         "\r\nUser-Agent: distd\r\nAuthorization: Bearer x\r\nContent-Type: "
                                         "application/json\r\nContent-Length: 2\r\n\r\n[]");
    CHECK(server.connections() == 1);
}

TEST_CASE_METHOD(fixture, "a redirect is a status like any other") {
    raw_server elsewhere(loop, always(ok));
    raw_server server(
        loop, always("HTTP/1.1 302 Found\r\nLocation: " + elsewhere.url() + "\r\nContent-Length: 0\r\n\r\n"));
    CHECK(get(server.url()) == "302");
    CHECK(elsewhere.connections() == 0);
}

TEST_CASE_METHOD(fixture, "every answer means to a slim call what it means to the pooled client") {
    const auto& answer = GENERATE(values<action>({
        {ok},
        {ok, false, false, 1},
        {ok, true},
        {"HTTP/1.1 204 No Content\r\n\r\n"},
        {"HTTP/1.1 100 Continue\r\n\r\n" + ok},
        {"HTTP/1.0 200 OK\r\n\r\nuntil the end", true},
        {"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n", false, false, 3},
        {ok + "HTTP/1.1 200 OK\r\n\r\n"},  // more than was asked for
        {"", true},
        {"", false, true},
        {"HTTP/1.1 2", true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok", true},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok"},
        {"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n"},
        {"HTTP/1.1 200 OK\r\n\r\n" + std::string(101, 'x'), true},
        {"HTTP/1.1 200 OK\r\nX: " + std::string(16 * 1024, 'x') + "\r\n\r\n"},
        {"HTTP/1.1 101 Switching\r\n\r\n"},
        {"HTTP/1.1 200 OK\nContent-Length: 0\n\n"},
        {"220 mail.example ESMTP\r\n"},
    }));
    const bool is_post = GENERATE(false, true);
    const bool is_kept = GENERATE(false, true);  // the connection has served a call already
    INFO(answer.say.substr(0, 80) << " close " << answer.close_after << " post " << is_post << " kept "
                                  << is_kept);
    const auto say = [&, asked = 0](int, const std::string&) mutable {
        return is_kept && ++asked == 1 ? action{ok} : answer;
    };
    raw_server ours(loop, say);
    raw_server theirs(loop, say);
    if (is_kept) {
        REQUIRE(get(ours.url()) == "200");
        REQUIRE(post_pooled(theirs.url(), false) == "200");
    }
    const auto told = is_post ? post(ours.url()) : get(ours.url());
    CHECK(told == post_pooled(theirs.url(), is_post));
    CHECK(ours.requests().size() == theirs.requests().size());
    CHECK(ours.connections() == theirs.connections());
    CHECK(caller->idle_connections() == pooled.idle_connections());
    CHECK(caller->under_way() == 0);
}

TEST_CASE_METHOD(fixture, "a kept connection that its server closed is noticed before anything is sent") {
    raw_server server(loop, always(ok));
    REQUIRE(post(server.url()) == "200");
    server.close_connections();
    CHECK(post(server.url()) == "200");
    CHECK(server.connections() == 2);
    CHECK(server.requests().size() == 2);
}

TEST_CASE_METHOD(fixture,
                 "a GET on a kept connection that broke unanswered is sent once more, a POST is not") {
    int calls = 0;
    raw_server server(loop, [&](int, const std::string&) {
        return ++calls == 2 ? action{"", true} : action{ok};
    });
    REQUIRE(get(server.url()) == "200");
    if (GENERATE(false, true)) {
        CHECK(get(server.url()) == "200");
        CHECK(server.requests().size() == 3);
    } else {
        CHECK(post(server.url()) == text_of(errc::connection_lost));
        CHECK(server.requests().size() == 2);
    }
}

TEST_CASE_METHOD(fixture, "nobody listening is unreachable, and no http URL a bad address") {
    std::uint16_t free_port = 0;
    { free_port = raw_server(loop, always(ok)).port(); }
    CHECK(post("http://127.0.0.1:" + std::to_string(free_port)) == text_of(errc::unreachable));
    CHECK(get("https://127.0.0.1/") == text_of(errc::bad_address));
    CHECK(get("http://u:p@127.0.0.1/") == text_of(errc::bad_address));
    CHECK(ended_as("unreachable") == 1);
    CHECK(ended_as("refused") == 2);
}

TEST_CASE_METHOD(fixture,
                 "an address that may not be called is not connected to, whatever name leads there") {
    raw_server server(loop, always(ok));
    may_connect = [](const auto& a) { return a != make_address("127.0.0.1"); };
    CHECK(get(server.url()) == text_of(errc::bad_address));

    const auto told = start(get_of("http://rebound.example:" + std::to_string(server.port()) + "/"));
    run_until([&] { return !asked.empty(); });
    asked.at(0).second({make_address("127.0.0.1")});
    run_until([&] { return !told->empty(); });
    CHECK(*told == text_of(errc::bad_address));
    CHECK(server.connections() == 0);
}

TEST_CASE_METHOD(fixture,
                 "a name that has come to mean an address that may not be called is not followed there") {
    raw_server server(loop, always("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"));
    may_connect = [](const auto& a) { return a == make_address("127.0.0.1"); };
    const auto url = "http://rebound.example:" + std::to_string(server.port()) + "/";
    const auto call_led_to = [&](const char* address) {
        const auto told = start(get_of(url));
        run_until([&] { return !asked.empty(); });
        const auto answer = asked.back().second;
        asked.clear();
        answer({make_address(address)});
        run_until([&] { return !told->empty(); });
        return *told;
    };
    CHECK(call_led_to("127.0.0.1") == "200");
    time.advance(resolver::keep_for);
    CHECK(call_led_to("127.0.0.2") == text_of(errc::bad_address));
    CHECK(server.connections() == 1);
}

TEST_CASE_METHOD(fixture, "of several addresses those that may be called are tried in their order") {
    raw_server server(loop, always(ok));
    std::vector<std::string> judged;
    may_connect = [&](const auto& a) {
        judged.push_back(a.to_string());
        return a.is_loopback();
    };
    const auto told = start(get_of("http://many.example:" + std::to_string(server.port()) + "/"));
    run_until([&] { return !asked.empty(); });
    asked.at(0).second({make_address("192.0.2.1"), make_address("127.0.0.9"), make_address("127.0.0.1")});
    run_until([&] { return !told->empty(); });
    CHECK(*told == "200");
    CHECK(judged == std::vector<std::string>{"192.0.2.1", "127.0.0.9", "127.0.0.1"});
}

TEST_CASE_METHOD(fixture,
                 "a name that is not found is unreachable, and one whose look-up hangs is in the end") {
    const auto unknown = start(get_of("http://nobody.example/"));
    run_until([&] { return asked.size() == 1; });
    asked[0].second({});
    run_until([&] { return !unknown->empty(); });
    CHECK(*unknown == text_of(errc::unreachable));

    const auto hanging = start(post_of("http://slow.example/"));
    time.advance(milliseconds(1050));
    CHECK(*hanging == text_of(errc::unreachable));
    asked.at(1).second({make_address("127.0.0.1")});  // nobody waits for it any more
    time.advance(milliseconds(0));
}

TEST_CASE_METHOD(fixture, "a call that is not answered ends at its deadline, a drip does not move it") {
    const auto& said = GENERATE(values<std::string>({"", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no"}));
    raw_server server(loop, always(said));
    auto slow = post_of(server.url());
    slow.deadline = seconds(60);
    const auto patient = start(slow);
    const auto told = start(post_of(server.url()));
    run_until([&] { return server.requests().size() == 2; });
    time.advance(milliseconds(4900));
    CHECK(told->empty());
    time.advance(milliseconds(150));
    CHECK(*told == text_of(errc::timed_out));
    CHECK(patient->empty());
    time.advance(seconds(56));
    CHECK(*patient == text_of(errc::timed_out));
    run_until([&] { return server.open_connections() == 0; });
}

TEST_CASE_METHOD(fixture,
                 "a body that is taken in pieces arrives whole, and one that is not ends at the deadline") {
    raw_server server(loop, always(ok));
    std::string body(3'000'000, 'a');
    body.back() = 'z';
    REQUIRE(ask(post_of(server.url(), body)) == "200");
    const auto& request = server.requests().at(0);
    CHECK(request.substr(request.find("\r\n\r\n") + 4) == body);

    boost::asio::ip::tcp::acceptor deaf(loop, {boost::asio::ip::address_v4::loopback(), 0});
    const auto told = start(post_of("http://127.0.0.1:" + std::to_string(deaf.local_endpoint().port()),
                                    std::string(20'000'000, 'x')));
    loop.poll();
    time.advance(milliseconds(5050));
    CHECK(*told == text_of(errc::timed_out));
}

TEST_CASE_METHOD(fixture, "a peer that answers and closes before it took a request whole has answered") {
    boost::asio::ip::tcp::acceptor rude(loop, {boost::asio::ip::address_v4::loopback(), 0});
    boost::asio::ip::tcp::socket peer(loop);
    rude.async_accept(peer, [&](const boost::system::error_code&) {
        const std::string said = "HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n";
        boost::asio::write(peer, boost::asio::buffer(said));
        peer.close();
    });
    const auto told = start(post_of("http://127.0.0.1:" + std::to_string(rude.local_endpoint().port()),
                                    std::string(20'000'000, 'x')));
    run_until([&] { return !told->empty(); });
    CHECK(*told == "413");
    CHECK(caller->idle_connections() == 0);
}

TEST_CASE("calls beyond a target's bound wait in line, and beyond the line's bound are refused") {
    fixture f({.connections_per_target = 2, .waiting_per_target = 2});
    raw_server server(f.loop, [](int, const std::string& request) {
        return action{request.starts_with("GET /hang") ? "" : ok};
    });
    const auto a = f.start(fixture::get_of(server.url("/hang")));
    auto longer = fixture::get_of(server.url("/hang"));
    longer.deadline = seconds(20);
    const auto b = f.start(longer);
    f.run_until([&] { return server.requests().size() == 2; });
    const auto c = f.start(fixture::get_of(server.url("/c")));
    longer.url = server.url("/d");
    const auto d = f.start(longer);
    CHECK(f.get(server.url("/e")) == text_of(errc::overloaded));
    f.time.advance(milliseconds(5050));
    CHECK(*a == text_of(errc::timed_out));
    CHECK(*c == text_of(errc::timed_out));  // the wait in line counts
    f.run_until([&] { return !d->empty(); });
    CHECK(*d == "200");
    CHECK(b->empty());
    CHECK(server.requests().size() == 3);
}

TEST_CASE("connections that idle too long are closed, and of too many the oldest of all targets") {
    fixture f({.idle_per_target = 2, .idle_in_all = 3});
    raw_server first(f.loop, always(ok));
    raw_server second(f.loop, always(ok));
    for (auto* s : {&first, &second}) {
        std::vector<outcome> calls;
        for (int i = 0; i < 4; ++i) calls.push_back(f.start(fixture::get_of(s->url())));
        f.run_until([&] { return f.caller->under_way() == 0; });
    }
    CHECK(f.caller->idle_connections() == 3);
    f.run_until([&] { return first.open_connections() == 1 && second.open_connections() == 2; });
    f.time.advance(seconds(49));
    CHECK(f.caller->idle_connections() == 3);
    f.time.advance(seconds(1));
    CHECK(f.caller->idle_connections() == 0);
}

TEST_CASE("of too many targets asked in turn those that came first keep their connections") {
    fixture f({.idle_in_all = 1, .keeps_oldest = true});
    raw_server first(f.loop, always(ok));
    raw_server second(f.loop, always(ok));
    for (int round = 0; round < 3; ++round) {
        CHECK(f.get(first.url()) == "200");
        CHECK(f.get(second.url()) == "200");
    }
    CHECK(f.caller->idle_connections() == 1);
    CHECK(first.connections() == 1);
    CHECK(second.connections() == 3);
    f.run_until([&] { return second.open_connections() == 0; });
}

TEST_CASE_METHOD(fixture, "a target that is kept is called again after its connection was closed") {
    raw_server server(loop, always(ok));
    auto again = get_of(server.url());
    again.to = caller->target(again.url);
    const auto call_it = [&] {
        auto told = std::make_shared<std::string>();
        caller->send(again, [told](result<int> how) { *told = how ? "answered" : how.error().message(); });
        run_until([&] { return !told->empty(); });
        return *told;
    };
    CHECK(call_it() == "answered");
    CHECK(call_it() == "answered");
    CHECK(get(server.url()) == "200");  // whoever names the same host and port shares its connections
    CHECK(server.connections() == 1);
    time.advance(seconds(60));
    CHECK(caller->idle_connections() == 0);
    CHECK(call_it() == "answered");
    CHECK(server.connections() == 2);
}

TEST_CASE_METHOD(fixture, "a caller that has stopped tells nobody anything and leaves the loop empty") {
    std::optional<raw_server> server(std::in_place, loop, always(""));
    const auto sent = start(get_of(server->url()));
    const auto resolving = start(get_of("http://slow.example/"));
    const auto refused = start(get_of("https://x/"));
    run_until([&] { return server->requests().size() == 1; });
    const auto unsent = start(get_of("https://x/"));
    stop.emit(boost::asio::cancellation_type::terminal);
    run_until([&] { return has_stopped; });
    CHECK(caller->under_way() == 0);
    const auto late = start(get_of(server->url()));
    server.reset();
    loop.run();  // returns by itself
    CHECK(sent->empty());
    CHECK(resolving->empty());
    CHECK(late->empty());
    CHECK(*refused == text_of(errc::bad_address));
}

TEST_CASE_METHOD(fixture, "five hundred hanging targets hold up nobody") {
    // The kernel takes their connections and requests; nobody says anything.
    std::vector<boost::asio::ip::tcp::acceptor> silent;
    std::vector<outcome> hanging;
    for (int i = 0; i < 500; ++i) {
        silent.emplace_back(loop, boost::asio::ip::tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
        const auto port = std::to_string(silent.back().local_endpoint().port());
        hanging.push_back(start(get_of("http://127.0.0.1:" + port)));
    }
    raw_server server(loop, always(ok));
    for (int i = 0; i < 20; ++i) REQUIRE(get(server.url()) == "200");
    for (const auto& h : hanging) REQUIRE(h->empty());
    time.advance(milliseconds(5050));
    for (const auto& h : hanging) REQUIRE(*h == text_of(errc::timed_out));
}

TEST_CASE_METHOD(fixture, "a thousand slim calls to a thousand targets at once are answered, and again") {
    constexpr std::size_t targets = 1000;
    std::vector<std::unique_ptr<raw_server>> servers;
    for (std::size_t i = 0; i < targets; ++i)
        servers.push_back(std::make_unique<raw_server>(loop, always(ok)));
    for (int round = 0; round < 2; ++round) {
        for (const auto& s : servers) start(post_of(s->url("/services"), std::string(90, 'x')));
        run_until([&] { return caller->under_way() == 0; });
    }
    CHECK(ended_as("answered") == 2 * targets);
    CHECK(caller->idle_connections() == targets);
    for (const auto& s : servers) REQUIRE(s->connections() == 1);
}
