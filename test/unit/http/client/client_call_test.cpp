// What a call says, what its answer means, and when it ends without one.
#include <boost/asio/write.hpp>

#include "unit/http/client/call_fixture.hpp"

using namespace distd;
using namespace distd::http;

TEST_CASE_METHOD(call_fixture, "a request for a status says what it must and nothing else") {
    raw_server server(loop, always(ok));
    const auto host = "127.0.0.1:" + std::to_string(server.port());
    CHECK(get(host + "/heartbeat?full=1") == "200");
    CHECK(server.requests().at(0) ==
          "GET /heartbeat?full=1 HTTP/1.1\r\nHost: " + host + "\r\nUser-Agent: distd\r\n\r\n");
    CHECK(post(server.url("/u")) == "200");
    CHECK(server.requests().at(1) ==
          "POST /u HTTP/1.1\r\nHost: " + host +
              "\r\nUser-Agent: distd\r\nContent-Type: "
              "application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]");
    CHECK(server.connections() == 1);
}

TEST_CASE_METHOD(call_fixture,
                 "a request for a status proves that it may be made, anew for each try, and shows no token") {
    credentials->use_tokens({"a-token-of-this-test"});
    bool hangs_up = false;
    raw_server server(loop, [&](int connection, const std::string&) {
        return hangs_up && connection == 0 ? action{"", true} : action{ok};
    });
    CHECK(get(server.url("/h")) == "200");
    hangs_up = true;
    CHECK(get(server.url("/h")) == "200");  // over a new connection
    REQUIRE(server.requests().size() == 3);
    access_control receiver(time);
    receiver.use_tokens({"a-token-of-this-test"});
    const auto authority = "127.0.0.1:" + std::to_string(server.port());
    for (const auto& request : server.requests()) {
        CHECK(request.find("a-token-of-this-test") == request.npos);
        const std::string name = "Authorization: ";
        const auto begin = request.find(name) + name.size();
        const auto field = request.substr(begin, request.find("\r\n", begin) - begin);
        const boost::asio::ip::tcp::endpoint called(boost::asio::ip::address_v4::loopback(), server.port());
        CHECK(receiver.judge(field, {"GET", "/h", authority}, {}, called, "127.0.0.1").is_granted);
    }
}

TEST_CASE_METHOD(call_fixture, "a redirect is a status like any other") {
    raw_server elsewhere(loop, always(ok));
    raw_server server(
        loop, always("HTTP/1.1 302 Found\r\nLocation: " + elsewhere.url() + "\r\nContent-Length: 0\r\n\r\n"));
    CHECK(get(server.url()) == "302");
    CHECK(elsewhere.connections() == 0);
}

TEST_CASE_METHOD(call_fixture, "every answer means the same, whether it is kept whole or its status only") {
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
    const auto ask_for = [&](answer_reader::keep what) {
        call_fixture f;  // neither finds the other's connections
        raw_server server(f.loop, say);
        if (is_kept) REQUIRE(f.get(server.url()) == "200");
        auto r = is_post ? f.post_of(server.url()) : f.get_of(server.url());
        r.keep = what;
        const auto outcome = f.ask(std::move(r));
        CHECK(f.core->calls_in_flight() == 0);
        return std::tuple(outcome, server.requests().size(), server.connections(),
                          f.core->pool.idle_connections());
    };
    CHECK(ask_for(answer_reader::keep::status) == ask_for(answer_reader::keep::everything));
}

TEST_CASE_METHOD(call_fixture,
                 "a kept connection that its server closed is noticed before anything is sent") {
    raw_server server(loop, always(ok));
    REQUIRE(get(server.url()) == "200");
    server.close_connections();
    CHECK(post(server.url()) == "200");
    CHECK(server.connections() == 2);
    CHECK(server.requests().size() == 2);
}

TEST_CASE_METHOD(call_fixture,
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

TEST_CASE_METHOD(call_fixture, "a call that is not answered ends at its deadline, a drip does not move it") {
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

TEST_CASE_METHOD(call_fixture,
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

TEST_CASE_METHOD(call_fixture, "a peer that answers and closes before it took a request whole has answered") {
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
    CHECK(core->pool.idle_connections() == 0);
}
