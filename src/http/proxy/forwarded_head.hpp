// The heads of requests and answers as a gateway passes them on. Pure. Fields that belong to one connection
// stay behind, also those that `Connection` names, but nobody gets rid of Host, framing, Authorization or the
// forwarding fields by naming them there. What says who asked is ours, unless the peer is a trusted proxy.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/server/exchange.hpp"

namespace distd::http {

// A route's own rules for fields; names in any letter case.
struct field_rules {
    std::vector<std::string> remove;
    std::vector<std::pair<std::string, std::string>> set;  // instead of what was sent
    std::vector<std::pair<std::string, std::string>> add;

    [[nodiscard]] bool empty() const noexcept { return remove.empty() && set.empty() && add.empty(); }
    // Whether what was sent under that name stays behind.
    [[nodiscard]] bool drops(std::string_view name) const noexcept;
    friend bool operator==(const field_rules&, const field_rules&) = default;
};

struct request_forwarding {
    std::string_view target;     // path and query as the instance shall see them
    std::string_view authority;  // the instance's
    const field_rules* rules = nullptr;
    std::string_view prefix;  // of the path, that the instance does not see
    // What the names of cookies of our own pages begin with: browsers send them to every port of a host, so
    // they arrive here, but no service sees them. Empty: there are none.
    std::string_view own_cookies;
    bool trusts_peer = false;  // a proxy whose word about the client counts
    bool is_upgrade = false;   // a WebSocket handshake
    // With what the client was admitted here stays here: the instance could use it against others.
    bool keeps_authorization = false;
    std::string_view authorization;  // instead of it
};

// Whether the request asks for a WebSocket. Any other upgrade is not passed on.
[[nodiscard]] bool wants_websocket(const request_head&) noexcept;

// Request line, fields and the empty line.
void append_forwarded_request(std::string& out, const exchange&, const request_forwarding&);

// Where an instance believes to be, and where its clients find it: a `Location` at the one is one at the
// other.
struct location_mapping {
    std::string_view scheme;  // http:// or https://, and the instance's authority
    std::string_view authority;
    std::array<std::string_view, 3> inside;  // what its paths begin with, in this order
    std::string_view outside;                // what stands there for clients
};

// What is said with an answer, beside what the instance said.
struct answer_forwarding {
    std::string_view request_id;
    std::string_view date;  // for an answer without one
    bool is_upgrade = false;
    const location_mapping* place = nullptr;
    std::string_view own_cookies{};  // such as those of requests: nor may a service set one
};

// The fields of an answer for `begin_relay`, with our Via and the request's id.
void append_forwarded_answer(std::string& out, const std::vector<head_field>& fields, const field_rules*,
                             const answer_forwarding&);

}  // namespace distd::http
