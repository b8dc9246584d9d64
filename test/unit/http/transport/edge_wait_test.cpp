#include "http/transport/edge_wait.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>
#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <string>

using namespace distd;
using http::socket_state;

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// Our end of a connection, found empty, and theirs.
struct ends {
    ends() {
        tcp::acceptor a(*loop, {asio::ip::address_v4::loopback(), 0});
        theirs.connect(a.local_endpoint());
        http::tcp_socket accepted(*loop);
        a.accept(accepted);
        accepted.non_blocking(true);
        ours.emplace(std::move(accepted));
        theirs.set_option(tcp::no_delay(true));
        // Of a new socket nobody knows what it heard: the first wait may end for nothing.
        begin(socket_state::unknown);
        ours->cancel();
        pump();
    }
    void pump() {
        loop->restart();
        while (loop->poll() > 0) {}
    }
    void say(const std::string& text) { asio::write(theirs, asio::buffer(text)); }
    void reset() {
        theirs.set_option(asio::socket_base::linger(true, 0));
        theirs.close();
    }
    // What is here, which leaves the socket empty; "end" when the peer has closed.
    std::string read() {
        std::string all;
        for (char piece[16];;) {
            error_code ec;
            const auto n = http::read_now(*ours, asio::buffer(piece), ec);
            if (ec) return ec == asio::error::would_block ? all : all + "end";
            all.append(piece, n);
        }
    }
    void begin(socket_state before) {
        told.reset();
        wait(*ours, before, [this](const error_code& ec) { told = ec; });
        pump();
    }
    [[nodiscard]] bool was_told() const { return told == error_code(); }

    std::unique_ptr<asio::io_context> loop = std::make_unique<asio::io_context>(1);
    asio::executor_work_guard<executor> turns{loop->get_executor()};  // also while nobody waits
    http::edge_waits wait{loop->get_executor()};
    std::optional<http::stream_socket> ours;
    tcp::socket theirs{*loop};
    std::optional<error_code> told;
};

socket_state either() { return GENERATE(socket_state::empty, socket_state::unknown); }

// A wait after something was heard may end for nothing, once.
void wait_in_vain(ends& e, socket_state before) {
    e.begin(before);
    if (before == socket_state::unknown && e.was_told()) {
        CHECK(e.read().empty());
        e.begin(before);
    }
    CHECK_FALSE(e.told);
}

}  // namespace

TEST_CASE("a wait for the next edge ends when something comes, and not before") {
    ends e;
    wait_in_vain(e, either());
    e.say("a");
    e.pump();
    CHECK(e.was_told());
    CHECK(e.read() == "a");
}

TEST_CASE("what came before the wait, while the loop turned, ends it at once") {
    ends e;
    e.say("a");
    e.pump();
    e.begin(socket_state::unknown);
    CHECK(e.was_told());
    CHECK(e.read() == "a");
}

TEST_CASE("what came since the socket was found empty, without a turn of the loop, ends the wait") {
    ends e;
    wait_in_vain(e, socket_state::unknown);
    e.say("a");
    e.pump();
    CHECK(e.read() == "a");
    e.say("b");
    e.begin(either());
    CHECK(e.was_told());
    CHECK(e.read() == "b");
}

TEST_CASE("every edge ends the wait that it comes in, however many there were before") {
    ends e;
    const auto before = either();
    for (const auto* text : {"a", "b", "c", "d"}) {
        wait_in_vain(e, before);
        e.say(text);
        e.pump();
        CHECK(e.was_told());
        CHECK(e.read() == text);
    }
}

TEST_CASE("a read that brought less than there was room for leaves the socket empty enough") {
    ends e;
    const auto before = either();
    for (const auto* text : {"a", "b", "c"}) {
        e.begin(before);
        e.say(text);
        e.pump();
        REQUIRE(e.was_told());
        char piece[16];
        error_code ec;
        CHECK(http::read_now(*e.ours, asio::buffer(piece), ec) == 1);
    }
    wait_in_vain(e, before);
}

TEST_CASE("two pieces that came together end one wait") {
    ends e;
    const auto before = either();
    wait_in_vain(e, before);
    e.say("a");
    e.say("b");
    e.pump();
    CHECK(e.was_told());
    CHECK(e.read() == "ab");
    wait_in_vain(e, before);
}

TEST_CASE("a peer that closes or breaks off ends the wait, whenever it does") {
    ends e;
    const bool breaks_off = GENERATE(false, true);
    const bool is_late = GENERATE(false, true);
    const auto leave = [&] { breaks_off ? e.reset() : e.theirs.close(); };
    if (is_late) {
        wait_in_vain(e, either());
        leave();
        e.pump();
    } else {
        leave();
        e.pump();
        e.begin(socket_state::unknown);
    }
    CHECK(e.was_told());
    CHECK(e.read() == "end");
}

TEST_CASE("a wait that is cancelled with its socket says so, and the next one is like any other") {
    ends e;
    const auto before = either();
    wait_in_vain(e, before);
    e.ours->cancel();
    e.pump();
    CHECK(e.told == error_code(asio::error::operation_aborted));
    wait_in_vain(e, before);
    e.say("a");
    e.pump();
    CHECK(e.was_told());
}

TEST_CASE("a wait ends with its socket, closed or destroyed, and completes once") {
    ends e;
    int told = 0;
    error_code how;
    e.wait(*e.ours, either(), [&](const error_code& ec) {
        ++told;
        how = ec;
    });
    SECTION("closed") { e.ours->close(); }
    SECTION("destroyed") { e.ours.reset(); }
    e.pump();
    CHECK(told == 1);
    CHECK(how == asio::error::operation_aborted);
}

TEST_CASE("a wait at a socket that is closed already fails") {
    ends e;
    e.ours->close();
    e.begin(either());
    CHECK(e.told == error_code(asio::error::bad_descriptor));
}

TEST_CASE("a wait that outlives its loop is dropped, and what it held with it") {
    auto e = std::make_unique<ends>();
    const auto held = std::make_shared<int>();
    e->wait(*e->ours, either(), [held](const error_code&) { FAIL("nobody is left to be told"); });
    CHECK(held.use_count() == 2);
    e.reset();
    CHECK(held.use_count() == 1);
}

namespace {

task<> wait_once(ends* e, socket_state before) { co_await e->wait(*e->ours, before, use_task); }

}  // namespace

TEST_CASE("a coroutine that awaits an edge goes on with it, or unwinds when it is cancelled") {
    ends e;
    const auto before = either();
    asio::cancellation_signal signal;
    int ends_seen = 0;
    std::exception_ptr failure;
    const auto begin = [&] {
        asio::co_spawn(*e.loop, wait_once(&e, before),
                       asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr f) {
                           ++ends_seen;
                           failure = f;
                       }));
        e.pump();
    };
    begin();
    REQUIRE(ends_seen == 0);
    signal.emit(asio::cancellation_type::terminal);
    e.pump();
    REQUIRE(ends_seen == 1);
    REQUIRE(failure);
    CHECK_THROWS_AS(std::rethrow_exception(failure), boost::system::system_error);
    begin();
    CHECK(ends_seen == 1);
    e.say("a");
    e.pump();
    CHECK(ends_seen == 2);
    CHECK_FALSE(failure);
    signal.emit(asio::cancellation_type::terminal);  // too late
    e.pump();
    CHECK(e.read() == "a");
}
