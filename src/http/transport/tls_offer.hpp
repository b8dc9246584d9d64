// What a server shows in handshakes from some time on, until it shows something else.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "http/transport/ticket_keys.hpp"
#include "http/transport/tls_certificate.hpp"
#include "http/transport/tls_session.hpp"

namespace distd::http {

struct tls_offer {
    std::vector<std::shared_ptr<const tls_certificate>> certificates;  // the first is the default
    ticket_keys keys;

    // For the host that a client named, as it stands there; null: the default. A certificate with that very
    // name comes before one with a wildcard.
    [[nodiscard]] const tls_certificate* find(std::string_view host) const;

    // Connections with that context ask the offer that their session keeps.
    static void make_ask(ssl_ctx_st*);
};

}  // namespace distd::http
