// The pooled client, with time that stands still, on a loop that runs when the test says so.
#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "http/client/client.hpp"
#include "http/client/lookup_pool.hpp"
#include "support/fake_time.hpp"
#include "unit/http/client/raw_server.hpp"

// Answers are shown by their status; they cannot be printed as they are.
template <>
struct Catch::StringMaker<distd::result<distd::http::reply>> {
    static std::string convert(const distd::result<distd::http::reply>& r) {
        return r ? std::to_string(r->status) : r.error().message();
    }
};

namespace distd::test {

inline const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// A call under way.
struct pending {
    std::optional<result<http::reply>> answer;
    bool cancelled = false;
    boost::asio::cancellation_signal signal;

    [[nodiscard]] bool ended() const { return answer || cancelled; }
    void cancel() { signal.emit(boost::asio::cancellation_type::terminal); }
    [[nodiscard]] bool failed_with(errc e) const {
        return answer && !*answer && answer->error() == make_error_code(e);
    }
};

struct client_fixture {
    explicit client_fixture(http::client_setup setup = {}) {
        client.emplace(setup, loop.get_executor(), time, numbers, names.lookup());
    }
    ~client_fixture() {
        client.reset();
        loop.restart();
        loop.poll();
    }

    void run_until(const std::function<bool()>& holds) {
        const auto guard = std::chrono::steady_clock::now() + seconds(20);
        loop.restart();
        while (!holds()) REQUIRE(loop.run_one_until(guard) == 1);
    }
    std::unique_ptr<pending> start(http::call c) {
        auto p = std::make_unique<pending>();
        auto ended = [raw = p.get()](std::exception_ptr e, result<http::reply> answer) {
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
    result<http::reply> ask(http::call c) {
        auto p = start(std::move(c));
        run_until([&] { return p->ended(); });
        return *p->answer;
    }
    result<http::reply> get(const std::string& url) { return ask(http::call("GET", url)); }
    errc error_of(http::call c) {
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
    fake_time time{loop};
    metrics numbers;
    http::lookup_pool names{loop.get_executor()};
    std::optional<http::pooled_client> client;
};

inline http::call post(const std::string& url, std::string body = "x") {
    return http::call("POST", url).with_body(std::move(body), "text/plain");
}

inline raw_server::script always(std::string text, bool close_after = false, bool reset = false) {
    return [=](int, const std::string&) { return raw_server::action{text, close_after, reset}; };
}

}  // namespace distd::test
