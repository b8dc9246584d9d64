// One request of a test and its answer, over a connection of its own.
#pragma once

#include <functional>
#include <string>

namespace distd::test {

struct http_answer {
    int status = 0;
    std::string head;
    std::string body;  // with a chunked answer's chunks put together

    [[nodiscard]] std::string header(const std::string& name) const;
};

// `url` is http://127.0.0.1:PORT/path. A refused connection gives status 0. `pump` as in raw_peer.
[[nodiscard]] http_answer exchange(const std::string& method, const std::string& url,
                                   const std::string& body = {},
                                   const std::string& content_type = "application/json",
                                   const std::function<void()>& pump = {}, const std::string& headers = {});

[[nodiscard]] std::uint16_t port_of(const std::string& url);

}  // namespace distd::test
