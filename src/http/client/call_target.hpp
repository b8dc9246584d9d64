// Where calls go: the URL taken apart, its target in the pool looked up. Made once for those that are called
// again and again. The pool must outlive it.
#pragma once

#include <string>

#include "http/client/client_pool.hpp"
#include "http/message/url.hpp"

namespace distd::http {

struct call_target {
    // `pinned`: see tls_client::connect; empty, or without https://: nothing.
    call_target(client_pool& pool, url u, std::string pinned = {})
        : where(std::move(u)),
          authority(where.authority()),
          pin(std::move(pinned)),
          ref(pool, std::string(where.scheme()) + where.host + ':' + std::to_string(where.port) + '#' + pin) {
    }

    url where;
    std::string authority;  // as the Host field has it
    std::string pin;
    client_pool::target_ref ref;
};

}  // namespace distd::http
