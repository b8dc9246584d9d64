// The pooled keep-alive HTTP client behind distd::http::client. Per target: a bound on connections in use, a
// queue behind it, idle connections kept for less than servers do and looked at before they are used again.
//
// How a call fails tells what its caller may do:
//   unreachable      no connection within the connect deadline: nothing was sent, so try another instance
//   timed_out        the deadline of the whole call came; the request may have been acted upon
//   connection_lost  it broke before the answer was complete; the same
//   bad_answer       not HTTP, framed in a way that could be misread, or larger than the call's limit
//   bad_address      not an http URL; `localhost:8000/path` without a scheme is taken, as peers register
//   such.
//                    Or all that its host stands for is refused by `may_connect`
//   invalid          a method or header field that may not be sent
//   overloaded       too many calls wait for this target, or this process has no descriptors left
//   stopped          the client was stopped
//
// A request goes out a second time, on a fresh connection, only when it went over a kept one that broke
// before the first byte of an answer, and either nothing of it was taken or it is GET, HEAD or
// `safe_to_repeat`.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <distd/http.hpp>
#include <distd/metrics.hpp>
#include <distd/time.hpp>
#include <functional>
#include <memory>
#include <string>

#include "http/client/resolver.hpp"

namespace distd::http {

class access_control;

struct client_setup {
    std::size_t connections_per_target = 64;
    std::size_t waiting_per_target = 1024;  // over it: overloaded
    std::size_t idle_per_target = 16;       // over it: the one idle longest is closed
    std::size_t idle_in_all = 8192;         // the same
    // Of too many in all the newest is closed instead. Where more targets than that are asked in turn, the
    // one idle longest is the next that would be used, and to close it would be to use none again.
    bool keeps_oldest = false;
    milliseconds idle_time{50'000};  // servers commonly close at 60 s and more
    std::string user_agent = "distd";
    // Asked for each new connection with where it leads to, after any look-up: a name proves nothing. Empty:
    // anywhere.
    std::function<bool(const boost::asio::ip::tcp::endpoint&)> may_connect{};
    // Calls that have no Authorization of their own show that this process may make them; null: they do not.
    std::shared_ptr<access_control> credentials{};
};

class pooled_client final : public client {
public:
    pooled_client(client_setup, executor, time_source&, metrics&, resolver::lookup);
    // Stops it. What was under way finds out when the loop runs next; until then the time source must live.
    ~pooled_client() override;

    [[nodiscard]] task<result<reply>> send(call) override;
    // Closes what is idle and ends what is under way with `stopped`; no call is taken any more. Idle
    // connections are watched over, so a loop runs dry only after this.
    void stop();
    [[nodiscard]] std::size_t idle_connections() const noexcept;

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

}  // namespace distd::http
