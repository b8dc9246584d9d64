// Who holds a port, as the message of a start says it.
#include "sdk/process/port_holder.hpp"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <catch2/catch.hpp>

using namespace distd;
using Catch::Contains;

TEST_CASE("listening sockets are found by their port in the kernel's table, others are not") {
    constexpr auto table =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
        "   0: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0\n"
        "   1: 0100007F:0BB8 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 222 1 0\n"
        "   2: 0100007F:0BB9 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1 0\n"
        "   3: nonsense\n";
    CHECK(listening_inodes(table, 3000) == std::set<std::string>{"111"});
    CHECK(listening_inodes(table, 4000).empty());
    CHECK(listening_inodes("", 3000).empty());
}

TEST_CASE("a port of this process is said to be its own, with the flag for another one") {
    namespace ip = boost::asio::ip;
    boost::asio::io_context loop;
    const ip::tcp::acceptor taken(loop, ip::tcp::endpoint(ip::address_v4::loopback(), 0));
    const auto port = taken.local_endpoint().port();
    const auto holder = find_port_holder(port);
    REQUIRE(holder);
    CHECK(holder->pid == ::getpid());
    CHECK_THAT(taken_port_words("log", "127.0.0.1", port),
               Contains("process " + std::to_string(::getpid())) && Contains("--listen=log=127.0.0.1:"));
}
