// Whom calls go to again and again: the URL taken apart, its place in the pool known. The pool must outlive
// it.
#pragma once

#include <string>

#include "http/client/client_pool.hpp"
#include "http/message/url.hpp"

namespace distd::http {

struct call_target {
    call_target(client_pool& pool, url u)
        : where(std::move(u)), authority(where.authority()), place(pool, where.host, where.port) {}

    url where;
    std::string authority;  // as the Host field has it
    client_pool::regular place;
};

}  // namespace distd::http
