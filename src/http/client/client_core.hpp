// What all calls of one client share: its pool, its resolver, the buffers that bytes are built and read in,
// and the sweep that ends calls whose time is up. One alarm serves all of them instead of a timer per
// operation, so deadlines are kept to within `sweep_step`.
#pragma once

#include <array>
#include <boost/intrusive/list.hpp>
#include <distd/metrics.hpp>
#include <distd/result.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/client/call_target.hpp"
#include "http/client/client_pool.hpp"
#include "http/client/resolver.hpp"
#include "http/transport/edge_wait.hpp"

namespace distd::http {

struct client_core : std::enable_shared_from_this<client_core> {
    static constexpr milliseconds sweep_step{50};

    enum class stop_mode {
        fail_calls,  // calls in flight end with `stopped`
        drop_calls,  // their completions are destroyed and not called: whom they would reach may be gone
    };

    // A call as the sweep sees it: how long it may go on, and how to end it from outside.
    class deadline : public boost::intrusive::list_base_hook<
                         boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    public:
        // Why it was ended, once that has happened.
        [[nodiscard]] std::optional<errc> outcome() const noexcept { return outcome_; }

    protected:
        ~deadline() = default;

    private:
        friend struct client_core;
        virtual void ended() = 0;  // once at most; may destroy this
        void end(errc why);

        steady_point due_ = steady_point::max();
        errc when_due_ = errc::timed_out;
        std::optional<errc> outcome_;
    };

    struct call_counters {
        // Their names begin with `prefix`.
        call_counters(metrics&, const std::string& prefix);

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
        counter& cancelled;  // by their callers

        counter& connections;
        counter& reused;
    };

    // Without metrics nothing is counted.
    client_core(client_setup, executor, time_source&, metrics*, resolver::lookup);

    // The target of that URL, for any number of calls; null when it is no good. The core must outlive it.
    // `pin`: see tls_client::connect.
    [[nodiscard]] std::shared_ptr<const call_target> target(std::string_view url, std::string pin = {});
    [[nodiscard]] bool may_call(const url& where) const noexcept { return !where.is_secure || setup.trust; }

    // From now on, `d` ends with `why` at `due`; a later call moves the deadline.
    void watch(deadline& d, steady_point due, errc why);
    void keep(client_pool::slot& s, std::unique_ptr<client_pool::connection> c);
    // What a request to `to` shows as its Authorization; empty when there is nothing to be shown.
    [[nodiscard]] std::string proof_for(std::string_view method, const call_target& to,
                                        std::string_view body) const;

    // The head of a GET, complete. `chosen`: further fields, each a line with its end.
    [[nodiscard]] std::string head_of_get(const call_target& to, std::string_view chosen) const;

    // Closes what is idle and ends what is in flight. No call is taken any more.
    void stop(stop_mode = stop_mode::fail_calls);
    // Waits until it is cancelled, and then stops.
    [[nodiscard]] static task<> stop_when_cancelled(std::shared_ptr<client_core>, stop_mode);
    [[nodiscard]] std::size_t calls_in_flight() const noexcept { return calls_.size(); }

    client_setup setup;
    executor loop;
    time_source& time;
    resolver names;
    client_pool pool;
    edge_waits wait_readable;
    std::optional<call_counters> counters;
    std::string head;                   // of the request that is being written; built anew for each try
    std::array<char, 64 * 1024> input;  // nobody keeps bytes in here across a wait
    bool stopping = false;
    bool drops_calls = false;

private:
    using deadline_list = boost::intrusive::list<deadline, boost::intrusive::constant_time_size<false>>;

    static void end_all(deadline_list&, std::optional<errc> why);
    void sweep_by(steady_point due);
    [[nodiscard]] steady_point sweep();
    static task<> run_sweeps(std::shared_ptr<client_core> self);

    deadline_list calls_;
    alarm_clock sweep_bell_;
    steady_point next_sweep_ = steady_point::max();
    bool sweeping_ = false;
};

}  // namespace distd::http
