// TLS as a client, over a socket that does not block: the certificate has to be valid for the host's name and
// to lead to one of the machine's own authorities. OpenSSL keeps the state; waiting is the caller's business.
#pragma once

#include <boost/asio/buffer.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "http/transport/stream_socket.hpp"

namespace distd::http {

// What all sessions share: who is trusted. Made with the first session, since it may read files.
class tls_trust {
public:
    // `authorities`: a file of certificates (PEM) that are trusted instead of the system's store.
    explicit tls_trust(std::filesystem::path authorities = {});
    ~tls_trust();
    tls_trust(const tls_trust&) = delete;
    tls_trust& operator=(const tls_trust&) = delete;

private:
    friend class tls_session;
    struct impl;
    std::unique_ptr<impl> impl_;
};

class tls_session {
public:
    // `host`: as in the URL, a name or an address. The socket must be connected, and outlive this.
    tls_session(tls_trust&, stream_socket&, const std::string& host);
    ~tls_session();
    tls_session(const tls_session&) = delete;
    tls_session& operator=(const tls_session&) = delete;

    // untrusted: the certificate is not valid, for that host or at all. failed: it is no TLS, or broke.
    enum class state : std::uint8_t { ready, wants_read, wants_write, untrusted, failed };
    // To be called again once the socket is ready for what it wants.
    [[nodiscard]] state shake_hands();

    // As `read_now` and `write_now` of socket_io.hpp, but that fewer bytes than there was room for do not
    // mean that the rest would block. An end without a farewell is an error and no eof: it may be somebody
    // else's.
    [[nodiscard]] std::size_t read_now(boost::asio::mutable_buffer, boost::system::error_code&);
    // After would_block the same bytes come first again.
    [[nodiscard]] std::size_t write_now(std::span<const boost::asio::const_buffer>,
                                        boost::system::error_code&);

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace distd::http
