#include "support/http_exchange.hpp"

#include <cstdlib>

#include "http/message/chunked.hpp"
#include "http/message/request_head.hpp"
#include "support/raw_peer.hpp"

namespace distd::test {
namespace {

std::string unchunk(std::string_view raw) {
    http::chunked_decoder decoder;
    std::string body;
    while (!raw.empty()) {
        const auto fed = decoder.feed(raw);
        body.append(fed.piece);
        raw.remove_prefix(fed.consumed);
        if (fed.now != http::chunked_decoder::state::need_more) break;
    }
    return body;
}

// Where it begins, behind the scheme.
std::size_t authority_of(const std::string& url) { return url.find("://") + 3; }

}  // namespace

std::uint16_t port_of(const std::string& url) {
    return static_cast<std::uint16_t>(
        std::strtoul(url.c_str() + url.rfind(':', url.find('/', authority_of(url))) + 1, nullptr, 10));
}

std::string http_answer::header(const std::string& name) const {
    for (std::size_t at = head.find("\r\n"); at + 2 < head.size(); at = head.find("\r\n", at + 2)) {
        const std::string_view line(head.data() + at + 2, head.find("\r\n", at + 2) - at - 2);
        const auto colon = line.find(':');
        if (colon != std::string_view::npos && http::equal_ignoring_case(line.substr(0, colon), name))
            return std::string(line.substr(colon + 2));
    }
    return {};
}

http_answer exchange(const std::string& method, const std::string& url, const std::string& body,
                     const std::string& content_type, const std::function<void()>& pump,
                     const std::string& headers) {
    http_answer answer;
    const auto begin = authority_of(url);
    const auto slash = url.find('/', begin);
    const auto target = slash == std::string::npos ? std::string("/") : url.substr(slash);
    std::string request = method + " " + target + " HTTP/1.1\r\nHost: " + url.substr(begin, slash - begin) +
                          "\r\nConnection: close\r\n" + headers;
    if (!body.empty() || method == "POST" || method == "PUT")
        request +=
            "Content-Type: " + content_type + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    std::string all;
    try {
        raw_peer peer(port_of(url), pump);
        peer.send(request + "\r\n" + body);
        all = peer.read_until_close();
    } catch (const connect_refused&) {
        return answer;
    }
    const auto end = all.find("\r\n\r\n");
    if (end == std::string::npos) return answer;
    answer.head = all.substr(0, end + 2);
    answer.body = all.substr(end + 4);
    answer.status = std::atoi(answer.head.c_str() + 9);
    if (answer.header("Transfer-Encoding") == "chunked") answer.body = unchunk(answer.body);
    return answer;
}

}  // namespace distd::test
