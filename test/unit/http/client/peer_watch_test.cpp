// A connection that is held for its end, against peers that end it in every way.
#include "http/client/peer_watch.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <optional>

#include "base/task_group.hpp"
#include "http/client/client_core.hpp"
#include "support/fake_time.hpp"
#include "support/loop_runner.hpp"

using namespace distd;
using boost::asio::ip::tcp;
using http::peer_watch_end;

namespace {

const std::string kept_answer = "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n";

class scene : public test::loop_runner {
public:
    scene()
        : time(loop),
          acceptor(loop, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)),
          tasks(loop.get_executor(), time) {}
    ~scene() {
        core->stop();
        time.advance(milliseconds(0));
    }

    // Starts the watch, takes its connection, reads its request and answers.
    task<> connect(std::string answer) {
        start();
        auto [failed, accepted] = co_await acceptor.async_accept(as_result);
        REQUIRE_FALSE(failed);
        peer.emplace(std::move(accepted));
        boost::asio::streambuf request;
        auto [ec, n] = co_await boost::asio::async_read_until(*peer, request, "\r\n\r\n", as_result);
        REQUIRE_FALSE(ec);
        request_text.assign(static_cast<const char*>(request.data().data()), n);
        auto [bad, m] = co_await boost::asio::async_write(*peer, boost::asio::buffer(answer), as_result);
        REQUIRE_FALSE(bad);
    }

    void start() {
        http::peer_watch_setup s;
        s.url = "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + "/services/x";
        tasks.spawn("peer watch", [this, s] { return hold(s); });
    }

    task<> hold(http::peer_watch_setup s) {
        ended = co_await http::hold_peer_watch(std::move(s), core, [this] { is_held = true; });
    }

    task<> until_ended() { co_await tasks.join_until(steady_point::max()); }

    test::fake_time time;
    std::shared_ptr<http::client_core> core = std::make_shared<http::client_core>(
        http::client_setup(), loop.get_executor(), time, nullptr, nullptr);  // addresses only
    boost::asio::basic_socket_acceptor<tcp, executor> acceptor;
    std::optional<boost::asio::basic_stream_socket<tcp, executor>> peer;
    std::string request_text;
    bool is_held = false;
    std::optional<peer_watch_end> ended;
    task_group tasks;
};

task<> ends_with(scene& s, std::string answer, peer_watch_end expected, bool held) {
    co_await s.connect(std::move(answer));
    s.peer->close();
    co_await s.until_ended();
    CHECK(s.ended == expected);
    CHECK(s.is_held == held);
}

}  // namespace

TEST_CASE("a peer watch asks once, is held, and ends when the peer closes") {
    scene s;
    s.run([&] { return ends_with(s, kept_answer, peer_watch_end::lost, true); });
    CHECK(s.request_text.starts_with("GET /services/x HTTP/1.1\r\nHost: 127.0.0.1:"));
}

TEST_CASE("a peer watch ends when the peer resets its connection") {
    scene s;
    const auto reset = [](scene& that) -> task<> {
        co_await that.connect(kept_answer);
        that.peer->set_option(boost::asio::socket_base::linger(true, 0));
        that.peer->close();
        co_await that.until_ended();
    };
    s.run([&] { return reset(s); });
    CHECK(s.ended == peer_watch_end::lost);
}

TEST_CASE("a peer that says it will close cannot be watched") {
    const auto answer = GENERATE(
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", "HTTP/1.0 404 File not found\r\nServer: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nServer: y\r\nCONNECTION: Close\r\nContent-Length: 0\r\n\r\n");
    scene s;
    s.run([&] { return ends_with(s, answer, peer_watch_end::not_kept, false); });
}

TEST_CASE("an HTTP/1.0 peer that keeps connections can be watched") {
    scene s;
    s.run([&] {
        return ends_with(s, "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
                         peer_watch_end::lost, true);
    });
}

TEST_CASE("a peer that speaks no HTTP, or ends before its answer, cannot be watched") {
    const auto answer = GENERATE("", "220 mail ready\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Le");
    scene s;
    s.run([&] { return ends_with(s, answer, peer_watch_end::unanswered, false); });
}

TEST_CASE("a peer that never answers is given up when patience ends") {
    scene s;
    s.start();
    s.time.advance(milliseconds(1990));
    CHECK_FALSE(s.ended);
    s.time.advance(milliseconds(20));
    CHECK(s.ended == peer_watch_end::unanswered);
}

TEST_CASE("where nobody listens a peer watch is unreachable") {
    scene s;
    s.start();
    s.acceptor.close();
    s.run([&] { return s.until_ended(); });
    CHECK(s.ended == peer_watch_end::unreachable);
    CHECK_FALSE(s.is_held);
}

TEST_CASE("a peer watch that is cancelled lets go") {
    scene s;
    s.run([&] { return s.connect(kept_answer); });
    s.time.advance(milliseconds(0));
    CHECK(s.is_held);
    s.tasks.cancel();
    s.run([&] { return s.until_ended(); });
    CHECK_FALSE(s.ended);
    CHECK(s.tasks.size() == 0);
}
