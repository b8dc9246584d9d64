// The calls that a registry makes to those who registered: to where it may, all over the same kept
// connections, each URL parsed once. Of the answers only the status counts, and of failures to probes the
// beginning of the body, for whoever looks for the cause.
//
// The URLs come from others. So: only http, only addresses that are allowed when the connection is made
// (bad_address otherwise: a name is not trusted to lead where it led before), no redirects followed, answers
// read to their limit and thrown away.
#pragma once

#include <distd/service.hpp>
#include <memory>
#include <string>

#include "http/client/client_call.hpp"
#include "role/registry/call_targets.hpp"
#include "role/registry/outgoing_client.hpp"
#include "role/registry/target_cache.hpp"

namespace distd::registry {

// A GET, or with a body a POST of JSON. Of the answer its status is kept. The caller sets the deadlines.
[[nodiscard]] http::client_request status_request(std::shared_ptr<const http::call_target> to,
                                                  http::shared_text body = {});

// What went wrong with a call, in words: "answered 503", "connection refused". The status alone says nothing
// of whether it is a failure: that is the caller's to judge.
[[nodiscard]] std::string failure_text(const result<http::reply>&);

class outgoing_calls {
public:
    outgoing_calls(service&, const call_targets& allowed);

    // Null for a URL that cannot be called. `pin`: the certificate that is to be shown there, as of the
    // registration (see http::tls_client::connect).
    [[nodiscard]] std::shared_ptr<const http::call_target> target(const std::string& url,
                                                                  const std::string& pin);
    // For a URL that will not be called again: it is not cached.
    [[nodiscard]] std::shared_ptr<const http::call_target> target_of_one_call(const std::string& url,
                                                                              const std::string& pin);
    // What its host leads to by now, as far as that is known; empty: it is not.
    [[nodiscard]] http::address_list addresses_of(const http::call_target&);
    // `on_done` is called once, never before this returns; not any more once `run` has ended.
    void send(http::client_request, http::client_call::completion on_done);
    [[nodiscard]] task<> run() { return client_.run(); }  // until cancelled

private:
    time_source& time_;
    outgoing_client client_;
    target_cache targets_;
};

}  // namespace distd::registry
