// An HTTPS server for tests that says what a test wants, with a certificate that was made for it just now.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace distd::test {

// Signs certificates. Nobody trusts it but who is given its own.
class tls_authority {
public:
    tls_authority();
    ~tls_authority();
    // Its own certificate, in a file of PEM.
    void write(const std::filesystem::path&) const;

private:
    friend class tls_server;
    struct impl;
    std::unique_ptr<impl> impl_;
};

class tls_server {
public:
    struct action {
        std::string say;           // nothing: keeps silent
        bool has_farewell = true;  // else it cuts the connection, as somebody on the way may
    };
    using script = std::function<action(const std::string& request)>;

    // On 127.0.0.1, with a certificate for `names` as OpenSSL writes them: "DNS:localhost,IP:127.0.0.1".
    tls_server(boost::asio::io_context&, const tls_authority&, const std::string& names, script);
    ~tls_server();
    tls_server(const tls_server&) = delete;
    tls_server& operator=(const tls_server&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] const std::vector<std::string>& requests() const;
    [[nodiscard]] int connections() const;  // whose handshake succeeded

private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace distd::test
