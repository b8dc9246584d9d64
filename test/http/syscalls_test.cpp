// What a request costs in system calls on its socket, with TLS and without.
#include <sys/syscall.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdarg>
#include <string>

#include "support/server_fixture.hpp"

namespace {

// Of this process: the server reads and writes with system calls of its own, the peers of tests with glibc's.
struct socket_calls {
    int reads = 0;
    int writes = 0;
};
socket_calls counted;

}  // namespace

// In the place of glibc's, which this program would call else.
extern "C" long syscall(long number, ...) noexcept {
    va_list given;
    va_start(given, number);
    long a[6];
    for (auto& one : a) one = va_arg(given, long);
    va_end(given);
    if (number == SYS_recvfrom) ++counted.reads;
    if (number == SYS_sendto || number == SYS_sendmsg) ++counted.writes;
    register long r10 asm("r10") = a[3];
    register long r8 asm("r8") = a[4];
    register long r9 asm("r9") = a[5];
    long result = number;
    asm volatile("syscall"
                 : "+a"(result)
                 : "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
                 : "rcx", "r11", "memory");
    if (result >= -4095 && result < 0) {
        errno = static_cast<int>(-result);
        return -1;
    }
    return result;
}

using namespace distd;
using namespace distd::test;
using Catch::StartsWith;

namespace {

struct counted_server : server_fixture {
    explicit counted_server(bool with_tls) {
        is_plain = !with_tls;
        if (with_tls) show_any_certificate();
        get("/hello", [](http::request) { return http::response::text(200, "hello"); });
        get("/large", [](http::request) { return http::response::text(200, std::string(40'000, 'x')); });
        start();
    }
    // On a connection that has had its first request.
    socket_calls calls_for(int requests, const std::string& target) {
        auto peer = connect();
        const auto ask = [&] {
            peer.send(get_request(target));
            CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 200"));
        };
        ask();
        counted = {};
        for (int i = 0; i < requests; ++i) ask();
        return counted;
    }
};

}  // namespace

TEST_CASE("a request over TLS takes as few reads and writes of its socket as one without") {
    counted_server plain(false);
    counted_server encrypted(true);
    for (const std::string target : {"/hello", "/large"}) {
        CAPTURE(target);
        const auto without = plain.calls_for(100, target);
        const auto with = encrypted.calls_for(100, target);
        CHECK(without.writes == 100);
        CHECK(with.writes == without.writes);
        CHECK(without.reads >= 100);
        CHECK(with.reads <= without.reads);
    }
}
