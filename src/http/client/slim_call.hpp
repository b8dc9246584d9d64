// One call of the slim caller, and what its calls share.
#pragma once

#include <array>
#include <boost/intrusive/list.hpp>
#include <memory>
#include <optional>
#include <string>

#include "http/client/client_core.hpp"
#include "http/client/client_pool.hpp"
#include "http/client/slim_request.hpp"
#include "http/message/client_answer.hpp"
#include "http/transport/edge_wait.hpp"

namespace distd::http {

struct slim_core;

// Keeps itself alive until it is over; the handlers of its socket may hold it a little longer.
class slim_call : public boost::intrusive::list_base_hook<>, public std::enable_shared_from_this<slim_call> {
public:
    slim_call(slim_core&, slim_request, status_completion);

    void start();
    [[nodiscard]] steady_point due() const noexcept { return due_; }
    void end_by_deadline() { finish(when_due_); }
    void drop() { finish(errc::stopped); }  // nobody is told

private:
    using endpoint = boost::asio::ip::tcp::endpoint;
    using failure = std::optional<errc>;

    void begin();
    void go();  // has its place at the target
    void watch(steady_point due, errc why);

    void connect();
    void find_addresses();
    void connect_to_next(errc failed);
    [[nodiscard]] failure open_socket(const endpoint& peer);
    void connected(bool is_connected, const endpoint& peer);

    void exchange();
    void prove();
    void send_some();
    void make_room();
    [[nodiscard]] std::size_t write_some(boost::system::error_code& ec);
    void await_answer();
    void read_answer();
    void answered();

    void lost();
    void fail(errc why);
    void finish(result<int> how);

    slim_core* core_;  // not looked at once the call is over
    std::shared_ptr<slim_call> self_;
    slim_request request_;
    status_completion told_;
    address_list addresses_;
    std::size_t next_address_ = 0;
    std::optional<resolver::question> question_;
    std::optional<client_pool::place> place_;
    std::unique_ptr<client_connection> connection_;
    std::string proof_;  // of this try
    std::optional<answer_reader> reader_;
    std::size_t sent_ = 0;  // of head and body
    steady_point deadline_;
    steady_point due_;
    errc when_due_ = errc::timed_out;
    bool is_starting_ = false;
    bool is_over_ = false;
    bool is_reused_ = false;  // its connection was kept from an earlier call
    bool is_broken_ = false;  // the request was not taken whole
    bool was_quiet_ = false;  // its connection was, and the loop has had no turn since
};

struct slim_core {
    slim_core(slim_setup, executor, time_source&, metrics&, resolver::lookup);

    void begin(slim_request, status_completion);
    void sweep_by(steady_point due);
    [[nodiscard]] steady_point sweep();
    void stop();

    slim_setup setup;
    executor loop;
    time_source& time;
    resolver names;
    client_pool pool;
    edge_waits wait_readable;
    client_counters counters;
    boost::intrusive::list<slim_call> calls;
    alarm_clock bell;
    steady_point next_sweep = steady_point::max();
    bool stopping = false;
    std::string head;                   // of the request that is being written; built anew for each try
    std::array<char, 64 * 1024> input;  // nobody keeps bytes in here across a wait
};

}  // namespace distd::http
