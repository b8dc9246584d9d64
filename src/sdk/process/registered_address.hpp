// Which of its addresses a service registers: the one with TLS only where this process, as a client, would
// take the certificate that it shows there. Then the others of its system, which trust the same roots, do as
// well; else all their calls would fail.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <distd/logger.hpp>
#include <distd/time.hpp>
#include <memory>
#include <optional>
#include <string>

namespace distd {

namespace http {
class tls_client;
class tls_server;
}  // namespace http

class registered_address {
public:
    struct place {
        std::string label;      // of the service
        std::string advertise;  // as the settings have it; empty: they have none
        boost::asio::ip::tcp::endpoint plain;
        std::optional<boost::asio::ip::tcp::endpoint> tls;
    };

    // `shown`: null where nobody listens with TLS.
    registered_address(std::shared_ptr<const http::tls_client> trust,
                       std::shared_ptr<const http::tls_server> shown, time_source&, logger);

    [[nodiscard]] std::string choose(const place&) const;
    // The certificate was exchanged. A `url` that is registered stays: what is wrong is the new certificate.
    void judge_again(const place&, const std::string& url) const;

private:
    [[nodiscard]] std::string distrust_at(const std::string& host) const;

    std::shared_ptr<const http::tls_client> trust_;
    std::shared_ptr<const http::tls_server> shown_;
    time_source& time_;
    logger log_;
};

}  // namespace distd
