// The pooled keep-alive HTTP client behind distd::http::client. Per target: a bound on connections in use, a
// queue behind it, idle connections kept for less than servers do and looked at before they are used again.
//
// How a call fails tells what its caller may do:
//   unreachable      no connection within the connect deadline: nothing was sent, so try another instance
//   timed_out        the deadline of the whole call came; the request may have been acted upon
//   connection_lost  it broke before the answer was complete; the same
//   bad_answer       not HTTP, framed in a way that could be misread, or larger than the call's limit
//   bad_address      not an http URL, nor an https one where those are called (`localhost:8000/path`
//                    without a scheme is taken, as peers register such), or `may_connect` refuses all
//                    addresses of its host
//   untrusted        the certificate of an https:// peer is not valid for its host: nothing was sent
//   invalid          a method or header field that may not be sent
//   overloaded       too many calls wait for this target, or this process has no descriptors left
//   stopped          the client was stopped
//
// A request goes out a second time, on a fresh connection, only when it went over a kept one that broke
// before the first byte of an answer, and either nothing of it was taken or it is GET, HEAD or
// `safe_to_repeat`.
#pragma once

#include <distd/http.hpp>
#include <distd/metrics.hpp>
#include <distd/time.hpp>
#include <memory>

#include "http/client/client_setup.hpp"
#include "http/client/resolver.hpp"

namespace distd::http {

// Of a call that has failed: all of it may have been sent, and acted upon, without an answer that says so.
[[nodiscard]] inline bool may_have_arrived(const boost::system::error_code& why) {
    return why == errc::timed_out || why == errc::connection_lost || why == errc::bad_answer;
}

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
    std::shared_ptr<struct client_core> core_;
};

}  // namespace distd::http
