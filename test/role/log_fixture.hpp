// A log service in the test's own process, and what one says to it.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>
#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/raw_peer.hpp"
#include "support/world.hpp"

namespace distd::test {

// Of the lines of a service A, as most cases send them: leaves the log service's own lines out.
inline const std::string ours = "service=A&order=oldest";

inline std::string some_lines(int first, int count) {
    std::string body;
    for (int i = first; i < first + count; ++i)
        body += R"({"service":"A","level":")" + std::string(i % 4 == 0 ? "warn" : "info") +
                R"(","message":"line )" + std::to_string(i) + "\"}\n";
    return body;
}

// Two lines of A, "one" and "two", as shippers for Elasticsearch send them.
inline const std::string bulk =
    "{\"create\":{\"_index\":\"logs\"}}\n{\"service\":\"A\",\"message\":\"one\"}\n"
    "{\"index\":{}}\n{\"service\":\"A\",\"message\":\"two\"}\n\n";

inline void send_datagram(std::uint16_t port, const std::string& text) {
    const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto sent =
        ::sendto(fd, text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    ::close(fd);
    REQUIRE(sent == static_cast<ssize_t>(text.size()));
}

struct log_service {
    explicit log_service(std::vector<std::string> flags = {}) : flags_(std::move(flags)) {
        w.start("log", "log", flags_);
    }

    std::string url() const { return w.address("log", "log"); }
    // To any of the ways in.
    http_answer send(const std::string& path, const std::string& body,
                     const std::string& type = "application/json", const std::string& headers = {}) {
        return exchange(
            "POST", url() + path, body, type, [this] { w.pump(); }, headers);
    }
    http_answer post(const std::string& body, const std::string& type = "text/plain",
                     const std::string& headers = {}) {
        return send("/log", body, type, headers);
    }
    http_answer lines(const std::string& body) { return post(body, "application/x-ndjson"); }
    http_answer get(const std::string& query) { return w.http("GET", url() + "/log" + query); }
    // The messages found, in order, each behind a '|'.
    std::string messages(const std::string& query) {
        std::string all;
        const auto body = get(query).body;
        for (std::size_t at = 0; (at = body.find(R"("message":")", at)) != std::string::npos;) {
            at += 11;
            all += '|' + body.substr(at, body.find('"', at) - at);
        }
        return all;
    }
    // `name`: with its labels as they are shown.
    std::uint64_t metric(const std::string& name) {
        const auto text = w.http("GET", url() + "/metrics").body;
        const auto at = text.find("\n" + name + " ");
        if (at == std::string::npos) throw std::runtime_error("there is no metric " + name);
        return std::stoull(text.substr(at + name.size() + 2));
    }
    // What the service says of itself: where it listens.
    std::uint16_t syslog_port(const std::string& transport) {
        const auto front = R"("transport":")" + transport + R"(","address":"127.0.0.1:)";
        std::string found;
        w.until("syslog is listened to over " + transport, [&] {
            found = get("?service=LogService&q=syslog_listening").body;
            return found.find(front) != std::string::npos;
        });
        const auto at = found.find(front) + front.size();
        return static_cast<std::uint16_t>(std::stoi(found.substr(at)));
    }
    void restart() {
        w.stop("log");
        w.start("log", "log", flags_);
    }
    raw_peer connect() {
        return raw_peer(port_of(url()), [this] { w.pump(); });
    }

    in_process_world w;

private:
    std::vector<std::string> flags_;
};

}  // namespace distd::test
