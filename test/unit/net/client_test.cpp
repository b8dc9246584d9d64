#include "net/client.hpp"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <catch2/catch.hpp>
#include <chrono>

#include "raw_server.hpp"
#include "support/fake_time.hpp"

using namespace distd;
using namespace distd::http;
using distd::test::raw_server;
using action = raw_server::action;

// Answers are shown by their status; they cannot be printed as they are.
template <>
struct Catch::StringMaker<result<reply>> {
    static std::string convert(const result<reply>& r) {
        return r ? std::to_string(r->status) : r.error().message();
    }
};

namespace {

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// A call under way.
struct pending {
    std::optional<result<reply>> answer;
    bool cancelled = false;
    boost::asio::cancellation_signal signal;

    [[nodiscard]] bool ended() const { return answer || cancelled; }
    void cancel() { signal.emit(boost::asio::cancellation_type::terminal); }
    [[nodiscard]] bool failed_with(errc e) const {
        return answer && !*answer && answer->error() == make_error_code(e);
    }
};

// A client whose time stands still, on a loop that runs when the test says so.
struct fixture {
    explicit fixture(client_setup setup = {}) { client.emplace(setup, loop.get_executor(), time, numbers); }
    ~fixture() {
        client.reset();
        loop.restart();
        loop.poll();
    }

    void run_until(const std::function<bool()>& holds) {
        const auto guard = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        loop.restart();
        while (!holds()) REQUIRE(loop.run_one_until(guard) == 1);
    }
    std::unique_ptr<pending> start(call c) {
        auto p = std::make_unique<pending>();
        auto ended = [raw = p.get()](std::exception_ptr e, result<reply> answer) {
            if (e) {
                raw->cancelled = true;
            } else {
                raw->answer = std::move(answer);
            }
        };
        boost::asio::co_spawn(loop, client->send(std::move(c)),
                              boost::asio::bind_cancellation_slot(p->signal.slot(), std::move(ended)));
        return p;
    }
    result<reply> ask(call c) {
        auto p = start(std::move(c));
        run_until([&] { return p->ended(); });
        return *p->answer;
    }
    result<reply> get(const std::string& url) { return ask(call("GET", url)); }
    errc error_of(call c) {
        auto answer = ask(std::move(c));
        REQUIRE_FALSE(answer);
        return static_cast<errc>(answer.error().value());
    }
    std::uint64_t ended_as(const char* outcome) {
        return numbers
            .count("distd_client_requests_total", "Outgoing calls by how they ended.", {{"outcome", outcome}})
            .value();
    }
    std::uint64_t reused() {
        return numbers.count("distd_client_connections_reused_total", "Outgoing calls on a kept connection.")
            .value();
    }

    boost::asio::io_context loop{1};
    test::fake_time time{loop};
    metrics numbers;
    std::optional<pooled_client> client;
};

call post(const std::string& url, std::string body = "x") {
    return call("POST", url).with_body(std::move(body), "text/plain");
}

raw_server::script always(std::string text, bool close_after = false) {
    return [=](int, const std::string&) { return action{text, close_after}; };
}

}  // namespace

TEST_CASE_METHOD(fixture, "a request says what it must and nothing else") {
    raw_server server(loop, always(ok));
    auto c = post(server.url("/log?level=info"), "hello");
    c.headers.add("X-Request-Id", "r1");
    const auto answer = ask(std::move(c));
    REQUIRE(answer);
    CHECK(answer->status == 200);
    CHECK(answer->body == "ok");
    CHECK(answer->headers.find("content-length") == "2");
    CHECK(server.requests().at(0) ==
          "POST /log?level=info HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
              "\r\nUser-Agent: distd\r\nX-Request-Id: r1\r\nContent-Type: text/plain\r\n"
              "Content-Length: 5\r\n\r\nhello");
}

TEST_CASE_METHOD(fixture, "an address as peers register it can be called, and localhost is resolved") {
    raw_server server(loop, always(ok));
    const auto answer = get("localhost:" + std::to_string(server.port()) + "/books");
    REQUIRE(answer);
    CHECK(server.requests().at(0).find("GET /books HTTP/1.1\r\nHost: localhost:") == 0);
}

TEST_CASE_METHOD(fixture, "localhost reaches a server that listens on IPv6 only") {
    std::optional<raw_server> server;
    try {
        server.emplace(loop, always(ok), "::1");
    } catch (const boost::system::system_error&) {
        WARN("no IPv6 on this machine");
        return;
    }
    CHECK(get("http://localhost:" + std::to_string(server->port())));
}

TEST_CASE_METHOD(fixture, "what would break a request apart is refused before anything is sent") {
    raw_server server(loop, always(ok));
    CHECK(error_of(call("GET", "https://localhost/")) == errc::bad_address);
    CHECK(error_of(call("GET", server.url("/a b"))) == errc::bad_address);
    CHECK(error_of(call("GET", server.url("/\r\nHost: x"))) == errc::bad_address);
    for (const auto* method : {"", "GET /x", "CONNECT", "TRACE", "GE\r\nT"})
        CHECK(error_of(call(method, server.url())) == errc::invalid);
    const auto with = [&](std::string name, std::string value) {
        call c("GET", server.url());
        c.headers.add(std::move(name), std::move(value));
        return c;
    };
    using namespace std::string_literals;
    for (const auto& value : {"a\r\nB: c"s, "a\nb"s, "a\rb"s, "a\0b"s, "a\x7f"s})
        CHECK(error_of(with("A", value)) == errc::invalid);
    for (const auto* name :
         {"", "A B", "A:", "A\r\nB", "Host", "content-length", "Transfer-Encoding", "Connection", "Expect"})
        CHECK(error_of(with(name, "x")) == errc::invalid);
    CHECK(error_of(call("POST", server.url()).with_body("x", "text/plain\r\nA: b")) == errc::invalid);
    CHECK(server.connections() == 0);
    CHECK(ended_as("refused") > 0);
}

TEST_CASE_METHOD(fixture, "calls one after the other share one connection") {
    raw_server server(loop, always(ok));
    for (int i = 0; i < 5; ++i) REQUIRE(get(server.url()));
    CHECK(server.connections() == 1);
    CHECK(client->idle_connections() == 1);
    CHECK(reused() == 4);
    CHECK(ended_as("answered") == 5);
}

TEST_CASE_METHOD(fixture, "the connection used last is used first") {
    std::vector<int> used;
    raw_server server(loop, [&](int connection, const std::string&) {
        used.push_back(connection);
        return action{ok};
    });
    auto a = start(call("GET", server.url()));
    auto b = start(call("GET", server.url()));
    run_until([&] { return a->ended() && b->ended(); });
    for (int i = 0; i < 3; ++i) REQUIRE(get(server.url()));
    CHECK(server.connections() == 2);
    CHECK(std::vector<int>(used.begin() + 2, used.end()) == std::vector<int>(3, used[1]));
}

TEST_CASE_METHOD(fixture, "a connection is not used again when the answer forbids it or left bytes behind") {
    const auto& text = GENERATE(values<std::string>({
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokay",
        "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    }));
    raw_server server(loop, always(text));
    REQUIRE(get(server.url()));
    CHECK(client->idle_connections() == 0);
    REQUIRE(get(server.url()));
    CHECK(server.connections() == 2);
}

TEST_CASE_METHOD(fixture, "an idle connection that its server closed is noticed before anything is sent") {
    raw_server server(loop, always(ok));
    REQUIRE(ask(post(server.url())));
    server.close_connections();
    REQUIRE(ask(post(server.url())));
    CHECK(server.connections() == 2);
    CHECK(server.requests().size() == 2);
    CHECK(reused() == 0);
}

TEST_CASE_METHOD(fixture, "an idle connection on which bytes arrive unasked is not used again") {
    raw_server server(loop, [](int connection, const std::string&) {
        return action{ok + (connection == 0 ? "HTTP/1.1 408 Too Slow\r\n\r\n" : ""), false, false,
                      connection == 0 ? ok.size() : 0};
    });
    REQUIRE(get(server.url()));
    loop.poll();
    REQUIRE(get(server.url()));
    CHECK(server.connections() == 2);
}

TEST_CASE_METHOD(fixture, "a GET on a kept connection that broke unanswered is sent once more") {
    const bool reset = GENERATE(false, true);
    int asked = 0;
    raw_server server(loop, [&](int, const std::string&) {
        return ++asked == 2 ? action{"", true, reset} : action{ok};
    });
    REQUIRE(get(server.url()));
    REQUIRE(get(server.url()));
    CHECK(server.connections() == 2);
    CHECK(server.requests().size() == 3);
}

TEST_CASE_METHOD(fixture, "a GET is sent twice at most, and only once over a fresh connection") {
    int asked = 0;
    raw_server server(loop, [&](int, const std::string&) {
        return ++asked == 1 ? action{ok} : action{"", true};
    });
    REQUIRE(get(server.url()));
    CHECK(error_of(call("GET", server.url())) == errc::connection_lost);
    CHECK(server.requests().size() == 3);
    CHECK(error_of(call("GET", server.url())) == errc::connection_lost);
    CHECK(server.requests().size() == 4);
}

TEST_CASE_METHOD(fixture, "a POST whose bytes went out is not sent again, unless its caller said it may") {
    int asked = 0;
    raw_server server(loop, [&](int, const std::string&) {
        return ++asked == 2 ? action{"", true} : action{ok};
    });
    REQUIRE(get(server.url()));
    auto c = post(server.url());
    c.safe_to_repeat = GENERATE(false, true);
    const bool repeats = c.safe_to_repeat;
    const auto answer = ask(std::move(c));
    CHECK(answer.has_value() == repeats);
    if (!repeats) CHECK(answer.error() == make_error_code(errc::connection_lost));
    CHECK(server.requests().size() == (repeats ? 3 : 2));
}

TEST_CASE_METHOD(fixture, "a request is not repeated once an answer has begun") {
    int asked = 0;
    raw_server server(loop, [&](int, const std::string&) {
        return ++asked == 2 ? action{"HTTP/1.1 2", true} : action{ok};
    });
    REQUIRE(get(server.url()));
    CHECK(error_of(call("GET", server.url())) == errc::connection_lost);
    CHECK(server.requests().size() == 2);
}

TEST_CASE_METHOD(fixture, "nobody listening is unreachable") {
    std::uint16_t free_port = 0;
    { free_port = raw_server(loop, always(ok)).port(); }
    CHECK(error_of(call("GET", "http://127.0.0.1:" + std::to_string(free_port))) == errc::unreachable);
    CHECK(ended_as("unreachable") == 1);
}

TEST_CASE_METHOD(fixture, "answers of every framing arrive whole over the wire") {
    const std::string big(300'000, 'b');
    raw_server server(loop, [&](int, const std::string& request) -> action {
        if (request.starts_with("GET /chunked"))
            return {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n",
                    false, false, 1};
        if (request.starts_with("GET /close")) return {"HTTP/1.1 200 OK\r\n\r\nok", true};
        if (request.starts_with("GET /big"))
            return {"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + big};
        if (request.starts_with("GET /none")) return {"HTTP/1.1 204 No Content\r\n\r\n"};
        return {"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n"};  // HEAD
    });
    CHECK(get(server.url("/chunked"))->body == "ok");
    CHECK(get(server.url("/big"))->body == big);
    CHECK(get(server.url("/none"))->body.empty());
    CHECK(ask(call("HEAD", server.url()))->headers.find("Content-Length") == "300000");
    CHECK(server.connections() == 1);
    CHECK(get(server.url("/close"))->body == "ok");
    CHECK(client->idle_connections() == 0);
}

TEST_CASE_METHOD(fixture, "a large request body arrives whole") {
    raw_server server(loop, always(ok));
    std::string body(3'000'000, 'a');
    body.back() = 'z';
    REQUIRE(ask(post(server.url(), body)));
    const auto& request = server.requests().at(0);
    CHECK(request.substr(request.find("\r\n\r\n") + 4) == body);
}

TEST_CASE_METHOD(fixture, "garbage and oversize are bad answers, and their connections are closed") {
    const auto& text = GENERATE(values<std::string>({
        "220 mail.example ESMTP\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n",
        "HTTP/1.1 200 OK\r\nX: " + std::string(16 * 1024, 'x') + "\r\n\r\n",
    }));
    raw_server server(loop, always(text));
    call c("GET", server.url());
    c.answer_limit = 100;
    CHECK(error_of(std::move(c)) == errc::bad_answer);
    run_until([&] { return server.open_connections() == 0; });
    CHECK(client->idle_connections() == 0);
}

TEST_CASE_METHOD(fixture, "a call that is not answered ends at its deadline") {
    const auto& said = GENERATE(values<std::string>({"", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no"}));
    raw_server server(loop, always(said));
    auto p = start(call("GET", server.url()).within(seconds(3)));
    run_until([&] { return !server.requests().empty(); });
    time.advance(milliseconds(2900));
    CHECK_FALSE(p->ended());
    time.advance(milliseconds(150));
    CHECK(p->failed_with(errc::timed_out));
    run_until([&] { return server.open_connections() == 0; });
    CHECK(ended_as("timed_out") == 1);
}

TEST_CASE_METHOD(fixture, "a deadline is absolute: a dripping answer does not move it") {
    raw_server server(loop, always(""));
    auto slow = start(call("GET", server.url()).within(seconds(60)));
    auto fast = start(call("GET", server.url()).within(seconds(1)));
    run_until([&] { return server.requests().size() == 2; });
    time.advance(milliseconds(1050));
    CHECK(fast->failed_with(errc::timed_out));
    CHECK_FALSE(slow->ended());
    time.advance(seconds(59));
    CHECK(slow->failed_with(errc::timed_out));
}

TEST_CASE_METHOD(fixture, "a body that the peer does not read ends at the deadline as well") {
    // Listens, and never accepts: what the kernel's buffers take is taken.
    boost::asio::ip::tcp::acceptor deaf(loop, {boost::asio::ip::address_v4::loopback(), 0});
    auto p = start(post("http://127.0.0.1:" + std::to_string(deaf.local_endpoint().port()),
                        std::string(20'000'000, 'x')));
    loop.poll();
    time.advance(milliseconds(5050));
    CHECK(p->failed_with(errc::timed_out));
}

TEST_CASE_METHOD(fixture, "a connection that cannot be made in time is unreachable") {
    // A full backlog: the kernel leaves further connections in the air.
    boost::asio::ip::tcp::acceptor full(loop, boost::asio::ip::tcp::v4());
    full.bind({boost::asio::ip::address_v4::loopback(), 0});
    full.listen(0);
    std::vector<boost::asio::ip::tcp::socket> taken;
    for (int i = 0; i < 4; ++i) {
        taken.emplace_back(loop).async_connect(full.local_endpoint(),
                                               [](const boost::system::error_code&) {});
    }
    auto p = start(call("GET", "http://127.0.0.1:" + std::to_string(full.local_endpoint().port())));
    time.advance(milliseconds(1900));
    REQUIRE_FALSE(p->ended());
    time.advance(milliseconds(150));
    CHECK(p->failed_with(errc::unreachable));
    taken.clear();
}

TEST_CASE("calls beyond the bound wait in line, and beyond the line's bound are refused") {
    fixture f({.connections_per_target = 2, .waiting_per_target = 2});
    raw_server server(f.loop, [](int, const std::string& request) {
        return action{request.starts_with("GET /hang") ? "" : ok};
    });
    auto a = f.start(call("GET", server.url("/hang")));
    auto b = f.start(call("GET", server.url("/hang")));
    f.run_until([&] { return server.requests().size() == 2; });
    auto c = f.start(call("GET", server.url("/c")));
    auto d = f.start(call("GET", server.url("/d")));
    f.loop.poll();
    CHECK(f.error_of(call("GET", server.url("/e"))) == errc::overloaded);
    CHECK(server.requests().size() == 2);

    a->cancel();
    f.run_until([&] { return c->ended() && d->ended(); });
    CHECK(c->answer->has_value());
    CHECK(d->answer->has_value());
    CHECK(server.requests().at(2).starts_with("GET /c"));
    CHECK(server.requests().at(3).starts_with("GET /d"));
    b->cancel();
    f.run_until([&] { return b->ended(); });
}

TEST_CASE("a wait in line counts towards the deadline, and one that ends leaves no gap") {
    fixture f({.connections_per_target = 1});
    raw_server server(f.loop, [](int, const std::string& request) {
        return action{request.starts_with("GET /hang") ? "" : ok};
    });
    auto hanging = f.start(call("GET", server.url("/hang")).within(seconds(20)));
    f.run_until([&] { return server.requests().size() == 1; });
    auto impatient = f.start(call("GET", server.url("/a")).within(seconds(1)));
    auto cancelled = f.start(call("GET", server.url("/b")).within(seconds(20)));
    auto patient = f.start(call("GET", server.url("/c")).within(seconds(20)));
    f.loop.poll();
    cancelled->cancel();
    f.time.advance(milliseconds(1100));
    CHECK(impatient->failed_with(errc::timed_out));
    CHECK(cancelled->cancelled);
    CHECK_FALSE(patient->ended());
    hanging->cancel();
    f.run_until([&] { return patient->ended(); });
    CHECK(patient->answer->has_value());
    CHECK(server.requests().size() == 2);
}

TEST_CASE_METHOD(fixture, "a cancelled call closes its connection and is counted") {
    raw_server server(loop, always(""));
    auto p = start(call("GET", server.url()));
    run_until([&] { return server.requests().size() == 1; });
    p->cancel();
    run_until([&] { return p->ended() && server.open_connections() == 0; });
    CHECK(p->cancelled);
    CHECK(client->idle_connections() == 0);
    CHECK(ended_as("cancelled") == 1);
}

TEST_CASE("connections that idle too long are closed, and of too many the oldest") {
    fixture f({.idle_per_target = 2});
    raw_server server(f.loop, always(ok));
    std::vector<std::unique_ptr<pending>> calls;
    for (int i = 0; i < 4; ++i) calls.push_back(f.start(call("GET", server.url())));
    f.run_until(
        [&] { return calls[0]->ended() && calls[1]->ended() && calls[2]->ended() && calls[3]->ended(); });
    CHECK(f.client->idle_connections() == 2);
    f.time.advance(seconds(49));
    CHECK(f.client->idle_connections() == 2);
    f.time.advance(seconds(1));
    CHECK(f.client->idle_connections() == 0);
    f.run_until([&] { return server.open_connections() == 0; });
    CHECK(f.time.waiting() == 0);  // nothing left to watch, nobody watches
}

TEST_CASE("a stopped client ends what is under way, takes nothing more and leaves the loop empty") {
    fixture f({.connections_per_target = 1});
    std::optional<raw_server> server(std::in_place, f.loop, [](int, const std::string& request) {
        return action{request.starts_with("GET /hang") ? "" : ok};
    });
    REQUIRE(f.get(server->url()));
    auto sent = f.start(call("GET", server->url("/hang")));
    auto waiting = f.start(call("GET", server->url("/hang")));
    f.run_until([&] { return server->requests().size() == 2; });
    f.client->stop();
    f.run_until([&] { return sent->ended() && waiting->ended(); });
    CHECK(sent->failed_with(errc::stopped));
    CHECK(waiting->failed_with(errc::stopped));
    CHECK(f.error_of(call("GET", server->url())) == errc::stopped);
    CHECK(f.client->idle_connections() == 0);
    server.reset();
    f.loop.run();  // returns by itself
    CHECK(f.time.waiting() == 0);
}

TEST_CASE("a client may go while calls are under way") {
    fixture f;
    raw_server server(f.loop, always(""));
    auto p = f.start(call("GET", server.url()));
    f.run_until([&] { return server.requests().size() == 1; });
    f.client.reset();
    f.run_until([&] { return p->ended(); });
    CHECK(p->failed_with(errc::stopped));
}

TEST_CASE_METHOD(fixture, "a thousand calls to a thousand targets at once are answered") {
    constexpr int targets = 1000;
    std::vector<std::unique_ptr<raw_server>> servers;
    for (int i = 0; i < targets; ++i) servers.push_back(std::make_unique<raw_server>(loop, always(ok)));
    std::vector<std::unique_ptr<pending>> calls;
    for (const auto& s : servers) calls.push_back(start(post(s->url("/services"), std::string(200, 'x'))));
    run_until(
        [&] { return std::all_of(calls.begin(), calls.end(), [](const auto& p) { return p->ended(); }); });
    CHECK(ended_as("answered") == targets);
    CHECK(client->idle_connections() == targets);
}
