// What a server shows in handshakes from some time on, until it shows something else.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/transport/ticket_keys.hpp"
#include "http/transport/tls_certificate.hpp"
#include "http/transport/tls_session.hpp"

namespace distd::http {

// What a CA is shown that asks whether a name is ours by TLS-ALPN-01 (RFC 8737), by that name. No other
// client gets to see it.
using tls_challenges = std::map<std::string, std::shared_ptr<const tls_certificate>, std::less<>>;

struct tls_offer {
    std::vector<std::shared_ptr<const tls_certificate>> certificates;  // the first is the default
    std::size_t preferred = 0;  // so many of them from the beginning come before the others
    ticket_keys keys{};
    tls_challenges challenges{};

    // For the host that a client named, as it stands there; null: the default. Among those that are
    // preferred, and then among the others, a certificate with that very name comes before one with a
    // wildcard.
    [[nodiscard]] const tls_certificate* find(std::string_view host) const;

    // The challenge with that context; null: it is none's.
    [[nodiscard]] const tls_certificate* challenge_of(const ssl_ctx_st*) const noexcept;

    // Connections with that context ask the offer that their session keeps.
    static void make_ask(ssl_ctx_st*);
};

}  // namespace distd::http
