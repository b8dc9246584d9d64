#include "http/transport/hello_bound.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "support/tls_peer.hpp"

using namespace distd::test;
using distd::http::hello_bound;

namespace {

std::string number(std::size_t n, int bytes) {
    std::string out;
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(n >> (8 * i) & 0xFF);
    return out;
}
std::string record(char type, const std::string& content) {
    return type + ("\3\1" + number(content.size(), 2)) + content;
}
std::string hello_head(std::size_t size) { return "\1" + number(size, 3); }

bool is_taken(const std::string& bytes, std::size_t cut) {
    hello_bound b;
    for (std::size_t at = 0; at < bytes.size(); at += cut)
        if (!b.take(std::string_view(bytes).substr(at, cut))) return false;
    return true;
}

}  // namespace

TEST_CASE("hellos as clients send them pass, however they are cut") {
    const auto cut = GENERATE(1u, 2u, 7u, 1000u, 100'000u);
    CHECK(is_taken(tls_peer().give(), cut));
    CHECK(is_taken(tls_peer(tls_wish{.server_name = std::string(200, 'a'), .groups = "X448:P-256"}).give(),
                   cut));
    const auto body = std::string(hello_bound::max_bytes, 'x');
    CHECK(is_taken(record(22, hello_head(body.size()) + body.substr(0, 5000)) + record(22, body.substr(5000)),
                   cut));
    CHECK(hello_bound::max_bytes < 8 * 1024);
}

TEST_CASE("a hello that is announced as longer than any is refused before it comes") {
    const auto cut = GENERATE(1u, 3u, 100'000u);
    const auto much = hello_head(hello_bound::max_bytes + 1);
    CHECK_FALSE(is_taken(record(22, much), cut));
    std::string in_crumbs;
    for (const char c : much) in_crumbs += record(22, std::string(1, c));
    CHECK_FALSE(is_taken(in_crumbs, cut));
    // The second one, after the server has asked for another group.
    CHECK_FALSE(is_taken(record(22, hello_head(3) + "abc") + record(20, "\1") + record(22, much), cut));
    CHECK_FALSE(is_taken(record(22, hello_head(3) + "abc") + record(23, "early") + record(22, much), cut));
    CHECK_FALSE(is_taken(record(22, "") + record(22, hello_head(3) + "abc" + much), cut));
}

TEST_CASE("what follows the hellos is not looked into") {
    const auto much = hello_head(1 << 20);
    const auto first = record(22, hello_head(3) + "abc");
    CHECK(is_taken(first + record(23, much), 1));
    CHECK(is_taken(first + record(21, "\1x") + record(22, much), 1));
    // TLS 1.2: behind the client's key everything is encrypted, in records of the same kind.
    CHECK(
        is_taken(first + record(22, "\x10" + number(2, 3) + "kk") + record(20, "\1") + record(22, much), 1));
}
