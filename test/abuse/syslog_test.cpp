// Peers of the port for syslog: messages that cost much to read, and web pages.
#include <catch2/catch.hpp>

#include "abuse/syslog_port.hpp"

using namespace distd::test;

// Sends messages with tens of thousands of parameters in one element.
TEST_CASE("a message of syslog with any number of parameters costs another client nothing") {
    victim v("log", {"--log-syslog-tcp=127.0.0.1:0"});
    std::string message = "<13>1 - h A - - [x";
    for (int i = 0; i < 21'000; ++i) message += " p" + std::to_string(i) + "=\"\"";
    message += "] text\n";
    raw_peer sender(syslog_port(v));
    other_client other(v.url("log") + "/heartbeat");
    for (std::size_t i = 0; i < scaled(20); ++i) CHECK(sender.send(message));
    sender.finish_sending();
    CHECK(sender.read_until_close().empty());
    check_served("structured data", other.stop());
    CHECK(v.metric("log", R"(distd_log_refused_records_total{way="syslog-tcp"})") ==
          static_cast<double>(scaled(20)));
    CHECK(v.peak_mib() < 300);
    CHECK(v.stop() == 0);
}

// Makes a browser post lines of syslog to its port, as any page can.
TEST_CASE("a web page that makes a browser post to the port of syslog stores nothing") {
    victim v("log", {"--log-syslog-tcp=127.0.0.1:0"});
    const auto port = syslog_port(v);
    const std::string lines = "<8>1 - h Payment - - - payment of 1,000,000 approved\n";
    other_client other(v.url("log") + "/heartbeat");
    std::size_t sent = 0;
    for (std::size_t i = 0; i < scaled(20); ++i)
        for (const std::string head :
             {"POST / HTTP/1.1", "GET /?<8>1 HTTP/1.1", "OPTIONS / HTTP/1.1", "PUT /a HTTP/1.0"}) {
            raw_peer page(port);
            static_cast<void>(
                page.send(head + "\r\nHost: 127.0.0.1\r\nOrigin: http://evil.example\r\n\r\n" + lines));
            CHECK(page.read_until_close().empty());
            ++sent;
        }
    check_served("pages at the port of syslog", other.stop());
    CHECK(v.metric("log", "distd_log_http_on_syslog_total") == static_cast<double>(sent));
    CHECK(exchange("GET", v.url("log") + "/log?service=Payment").body.empty());
    CHECK(exchange("GET", v.url("log") + "/log?q=approved").body.empty());
    CHECK(v.peak_mib() < 300);
    CHECK(v.stop() == 0);
}
