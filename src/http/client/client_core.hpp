// What the calls of one client share, and the sweep that ends those whose time is up: one alarm for all of
// them instead of a timer per operation. Deadlines are kept to within `sweep_step`.
#pragma once

#include <array>
#include <boost/intrusive/list.hpp>
#include <distd/metrics.hpp>
#include <distd/result.hpp>
#include <memory>
#include <optional>

#include "http/client/client_pool.hpp"
#include "http/client/resolver.hpp"
#include "http/transport/edge_wait.hpp"

namespace distd::http {

using unlinks_itself =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

// A call as the sweep sees it: how long it may go on, and how to end it from outside.
class call_watch : public unlinks_itself {
public:
    call_watch(executor ex, time_source& time) : loop_(ex), time_(time) {}

    // Waits for `ring`, or for the end. Throws operation_aborted when the coroutine is cancelled.
    [[nodiscard]] task<> wait();
    void ring() noexcept;

    // What the coroutine waits at from now on, besides the bell.
    void guard(client_socket* socket) noexcept { socket_ = socket; }
    [[nodiscard]] std::optional<errc> verdict() const noexcept { return verdict_; }

    void end(errc why) noexcept;

private:
    friend struct client_core;
    steady_point due_;
    errc when_due_ = errc::timed_out;
    std::optional<errc> verdict_;
    client_socket* socket_ = nullptr;
    executor loop_;
    time_source& time_;
    std::optional<alarm_clock> bell_;  // once somebody waits: most calls never do
    bool rung_ = false;                // while nobody had waited yet
};

struct client_counters {
    // Their names begin with `prefix`.
    client_counters(metrics&, const std::string& prefix);

    void ended(std::optional<errc> failure) noexcept;  // nothing: answered

    // Calls by how they ended.
    counter& answered;
    counter& unreachable;
    counter& timed_out;
    counter& connection_lost;
    counter& bad_answer;
    counter& refused;  // bad_address, invalid: never went out
    counter& overloaded;
    counter& stopped;
    counter& cancelled;  // by whoever awaited it

    counter& connections;
    counter& reused;
};

struct client_core : std::enable_shared_from_this<client_core> {
    static constexpr milliseconds sweep_step{50};

    client_core(client_setup, executor, time_source&, metrics&, resolver::lookup);

    // From now on, `w` ends with `why` at `due`; a later call moves the deadline.
    void watch(call_watch& w, steady_point due, errc why);
    void keep(client_pool::place& p, std::unique_ptr<client_connection> c);
    void stop();

    client_setup setup;
    executor loop;
    time_source& time;
    resolver names;
    client_pool pool;
    edge_waits wait_readable;
    std::optional<client_counters> counters;  // gone with the client; calls may outlast it by a turn
    std::array<char, 64 * 1024> input;        // nobody keeps bytes in here across a wait
    bool stopping = false;

private:
    void sweep_by(steady_point due);
    [[nodiscard]] steady_point sweep();
    static task<> run_sweeps(std::shared_ptr<client_core> self);

    boost::intrusive::list<call_watch, boost::intrusive::constant_time_size<false>> calls_;
    alarm_clock sweep_bell_;
    steady_point next_sweep_ = steady_point::max();
    bool sweeping_ = false;
};

}  // namespace distd::http
