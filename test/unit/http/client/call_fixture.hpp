// Calls with a callback, for a status unless the test says otherwise; on a loop that runs when the test says
// so, with time that stands still.
#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/access/access_control.hpp"
#include "http/client/client_call.hpp"
#include "support/fake_time.hpp"
#include "unit/http/client/client_fixture.hpp"

namespace distd::http {

using test::always;
using test::ok;
using test::raw_server;
using action = raw_server::action;

// What a call was told, as text: a status or the reason.
using outcome = std::shared_ptr<std::string>;

inline std::string text_of(errc e) { return make_error_code(e).message(); }

struct asked_request : client_request {
    std::string url;
};

struct call_fixture {
    explicit call_fixture(client_setup setup = {}) {
        setup.may_connect = [this](const auto& peer) { return may_connect(peer.address()); };
        setup.credentials = credentials;
        setup.metrics_prefix = "test";
        auto book = [this](const std::string& host, std::function<void(address_list)> done) {
            asked.emplace_back(host, std::move(done));
        };
        core = std::make_shared<client_core>(std::move(setup), loop.get_executor(), time, &numbers, book);
        boost::asio::co_spawn(loop,
                              client_core::stop_when_cancelled(core, client_core::stop_mode::drop_calls),
                              boost::asio::bind_cancellation_slot(
                                  stop.slot(), [this](std::exception_ptr) { has_stopped = true; }));
        loop.poll();
    }
    ~call_fixture() {
        stop.emit(boost::asio::cancellation_type::terminal);
        loop.restart();
        loop.poll();
    }

    void run_until(const std::function<bool()>& holds) {
        const auto guard = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        loop.restart();
        while (!holds()) REQUIRE(loop.run_one_until(guard) == 1);
    }
    outcome start(asked_request r) {
        r.to = core->target(r.url);
        auto told = std::make_shared<std::string>();
        client_call::start(core, std::move(r), [told](const result<reply>& how) {
            REQUIRE(told->empty());  // once
            *told = how ? std::to_string(how->status) : how.error().message();
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
    static asked_request get_of(const std::string& url) {
        asked_request r;
        r.url = url;
        r.connect_deadline = milliseconds(1000);
        r.answer_limit = 100;
        r.keep = answer_reader::keep::status;
        return r;
    }
    static asked_request post_of(const std::string& url, std::string body = "[]") {
        auto r = get_of(url);
        r.method = "POST";
        r.fields = std::make_shared<const std::string>("Content-Type: application/json\r\n");
        r.body = std::make_shared<const std::string>(std::move(body));
        return r;
    }
    std::uint64_t ended_as(const char* how) {
        return numbers.count("test_requests_total", "Outgoing calls by how they ended.", {{"outcome", how}})
            .value();
    }

    boost::asio::io_context loop{1};
    test::fake_time time{loop};
    metrics numbers;
    std::shared_ptr<access_control> credentials = std::make_shared<access_control>(time);
    std::function<bool(const boost::asio::ip::address&)> may_connect = [](const auto&) { return true; };
    std::vector<std::pair<std::string, std::function<void(address_list)>>> asked;
    std::shared_ptr<client_core> core;
    boost::asio::cancellation_signal stop;
    bool has_stopped = false;
};

}  // namespace distd::http
