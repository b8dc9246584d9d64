// Outgoing calls to very many targets, of whose answers only the status counts: probes and patches. Kept
// connections, bounds per target and the failures of a call are those of the pooled client (client.hpp),
// to the letter; but a call is an object with a callback instead of a coroutine, one sweep looks after all
// deadlines, bytes are built and read in buffers that all calls share, and a target at rest is a socket and
// its place in a table.
//
// The URLs come from others. So: only http, only addresses that `may_connect` lets through when the
// connection is made (bad_address otherwise: a name is not trusted to lead where it led before), no redirects
// followed, answers read to their limit and thrown away.
#pragma once

#include <distd/http.hpp>
#include <distd/metrics.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/client/call_target.hpp"
#include "http/client/resolver.hpp"
#include "http/client/slim_request.hpp"

namespace distd::http {

class slim_caller {
public:
    slim_caller(slim_setup, executor, time_source&, metrics&, resolver::lookup);
    ~slim_caller();  // as `run` ended
    slim_caller(const slim_caller&) = delete;
    slim_caller& operator=(const slim_caller&) = delete;

    // Of that URL, for any number of calls; none when it is no good. The caller must outlive it.
    [[nodiscard]] std::shared_ptr<const call_target> target(std::string_view url);

    // The completion is called once, on the loop, never before this returns,
    // Not any more once `run` has ended.
    void send(slim_request, status_completion);

    // Keeps the deadlines while it runs. Its end, by cancellation, closes everything and drops all calls.
    [[nodiscard]] task<> run();

    [[nodiscard]] std::size_t idle_connections() const noexcept;
    [[nodiscard]] std::size_t under_way() const noexcept;

private:
    std::unique_ptr<struct slim_core> core_;
};

}  // namespace distd::http
