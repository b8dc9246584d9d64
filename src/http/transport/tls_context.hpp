// What the TLS of a loop's connections has in common, on each side: what is spoken, what is shown and what is
// believed. Only this, tls_certificate and tls_session know of OpenSSL.
//
// TLS 1.2 and 1.3; ciphers that encrypt and authenticate in one; the groups X25519 and P-256 only, as with
// OpenSSL's own choice one client may hold the loop for a sixth of a second with a single handshake. No
// renegotiation, no early data.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/transport/resumable_sessions.hpp"
#include "http/transport/ticket_keys.hpp"
#include "http/transport/tls_certificate.hpp"
#include "http/transport/tls_offer.hpp"
#include "http/transport/tls_session.hpp"

namespace distd::http {

class tls_server {
public:
    // `counters` may be null.
    explicit tls_server(std::shared_ptr<tls_counters> counters = nullptr);

    // Which are shown from now on; not none in all. A client that names a host gets the first of `preferred`
    // that has this name, else the first that has it by a wildcard, and only without such a one one of
    // `others`, in the same way. Every other client gets the first of all.
    void use(std::vector<std::shared_ptr<const tls_certificate>> preferred,
             const std::vector<std::shared_ptr<const tls_certificate>>& others = {});
    void use(ticket_keys keys);
    void show_challenges(tls_challenges);
    [[nodiscard]] const std::vector<std::shared_ptr<const tls_certificate>>& certificates() const noexcept;

    // Whether one of them is for `host`: a name as it stands in a Host field, without a port.
    [[nodiscard]] bool shows_for(std::string_view host) const;
    // Which one a client that calls us by `host`, a name or an address, gets.
    [[nodiscard]] const tls_certificate& shown_to(const std::string& host) const;

    // For a connection that was accepted. Its handshake goes on with what is in use now.
    [[nodiscard]] std::unique_ptr<tls_session> accept() const;

private:
    std::shared_ptr<tls_counters> counters_;
    std::shared_ptr<tls_buffers> buffers_;
    std::shared_ptr<const tls_offer> offer_;
};

class tls_client {
public:
    // `roots`: PEM, instead of the system's or beside them, which are read when they are needed. Throws
    // certificate_error when it holds none.
    enum class system_roots : bool { only_without_others, always };
    explicit tls_client(std::optional<std::string> roots = std::nullopt,
                        system_roots = system_roots::only_without_others);

    // For a connection to a name or an address, whose certificate has to be for it and vouched for by
    // a root, now or when the session that it resumes was agreed. With a `pin`, the SHA-256 of a certificate
    // in hex, it has to be that one and nothing else is asked.
    [[nodiscard]] std::unique_ptr<tls_session> connect(const std::string& to, std::uint16_t port,
                                                       wall_point now, const std::string& pin = {}) const;
    // Why such a connection would not be made with a peer that shows this certificate; empty: it would.
    [[nodiscard]] std::string distrust(const tls_certificate&, const std::string& host, wall_point now) const;

private:
    void prepare() const;
    [[nodiscard]] ssl_ctx_st* context() const;

    mutable bool wants_system_roots_;
    // Many processes never call anybody with https://: what that costs they do not have.
    mutable tls_context_handle context_;
    mutable std::shared_ptr<tls_buffers> buffers_;
    mutable std::shared_ptr<resumable_sessions> resumable_;
};

}  // namespace distd::http
