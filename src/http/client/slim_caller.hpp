// Outgoing calls to very many targets, of whose answers only the status counts: probes and patches. Kept
// connections, bounds per target and the failures of a call are those of the pooled client (http/client/client.hpp),
// to the letter; but a call is an object with a callback instead of a coroutine, one sweep looks after all
// deadlines, bytes are built and read in buffers that all calls share, and a target at rest is a socket and
// its place in a table.
//
// The URLs come from others. So: only http, only addresses that `may_connect` lets through when the
// connection is made (bad_address otherwise: a name is not trusted to lead where it led before), no redirects
// followed, answers read to their limit and thrown away.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <distd/http.hpp>
#include <distd/metrics.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/client/call_target.hpp"
#include "http/client/client.hpp"
#include "http/client/resolver.hpp"

namespace distd::http {

struct slim_setup {
    client_setup pool{.connections_per_target = 512,
                      .waiting_per_target = 4096,
                      .idle_per_target = 64,
                      .idle_in_all = 8192};
    std::function<bool(const boost::asio::ip::address&)> may_connect;
    std::string metrics_prefix;
};

struct slim_request {
    std::shared_ptr<const call_target> to;  // none: a bad address
    shared_text body;                       // with one it is a POST of JSON, without one a GET
    milliseconds connect_deadline{1000};
    milliseconds deadline{5000};
    std::size_t answer_limit = 64 << 10;
};

class slim_caller {
public:
    using status_or_error = result<int>;
    using told = std::function<void(status_or_error)>;

    slim_caller(slim_setup, executor, time_source&, metrics&, resolver::lookup);
    ~slim_caller();  // as `run` ended
    slim_caller(const slim_caller&) = delete;
    slim_caller& operator=(const slim_caller&) = delete;

    // Of that URL, for any number of calls; none when it is no good. The caller must outlive it.
    [[nodiscard]] std::shared_ptr<const call_target> target(std::string_view url);

    // `told` is called once, on the loop, never before this returns, and not any more once `run` has ended.
    void send(slim_request, told);

    // Keeps the deadlines while it runs. Its end, by cancellation, closes everything and drops all calls.
    [[nodiscard]] task<> run();

    [[nodiscard]] std::size_t idle_connections() const noexcept;
    [[nodiscard]] std::size_t under_way() const noexcept;

private:
    std::unique_ptr<struct slim_core> core_;
};

}  // namespace distd::http
