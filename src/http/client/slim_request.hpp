// What a slim caller is set up with, and what it is asked to send.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <distd/http.hpp>
#include <distd/result.hpp>
#include <distd/time.hpp>
#include <functional>
#include <memory>
#include <string>

#include "http/client/call_target.hpp"
#include "http/client/client_setup.hpp"

namespace distd::http {

// The status of the answer, or why there is none.
using status_completion = std::function<void(result<int>)>;

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

}  // namespace distd::http
