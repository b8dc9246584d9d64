// Where calls go: the URL taken apart, its target in the pool looked up. Made once for those that are called
// again and again. The pool must outlive it.
#pragma once

#include <string>

#include "http/client/client_pool.hpp"
#include "http/message/url.hpp"

namespace distd::http {

struct call_target {
    call_target(client_pool& pool, url u)
        : where(std::move(u)), authority(where.authority()), ref(pool, where.host, where.port) {}

    url where;
    std::string authority;  // as the Host field has it
    client_pool::target_ref ref;
};

}  // namespace distd::http
