// Sockets that systemd opened for a process: each is used, or the start is refused.
#include "sdk/process/inherited_sockets.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <distd/settings.hpp>

using namespace distd;
using Catch::Contains;

namespace {

struct open_socket {
    open_socket(int family, int type, bool listens) : fd(::socket(family, type, 0)) {
        if (listens) REQUIRE(::listen(fd, 1) == 0);
    }
    ~open_socket() { ::close(fd); }
    open_socket(const open_socket&) = delete;
    open_socket& operator=(const open_socket&) = delete;
    int fd;
};

std::string problem(const std::multimap<std::string, int>& given, const std::vector<std::string>& services) {
    try {
        static_cast<void>(assign_sockets(given, services));
        return {};
    } catch (const settings_error& e) {
        return e.what();
    }
}

}  // namespace

TEST_CASE("a socket is for the service of its name, and the only one for the only service") {
    const open_socket a(AF_INET, SOCK_STREAM, true);
    const open_socket b(AF_INET6, SOCK_STREAM, true);
    const std::vector<std::string> both{"registry", "portal"};
    CHECK(assign_sockets({{"portal", a.fd}, {"registry", b.fd}}, both) ==
          std::map<std::string, int>{{"portal", a.fd}, {"registry", b.fd}});
    CHECK(assign_sockets({{"portal", a.fd}}, both) == std::map<std::string, int>{{"portal", a.fd}});
    CHECK(assign_sockets({{"my.socket", a.fd}}, {"portal"}) == std::map<std::string, int>{{"portal", a.fd}});
    CHECK(assign_sockets({}, both).empty());
    CHECK(assign_sockets({{"portal", a.fd}, {"portal-tls", b.fd}}, both) ==
          std::map<std::string, int>{{"portal", a.fd}, {"portal-tls", b.fd}});
    CHECK(assign_sockets({{"portal-tls", a.fd}}, {"portal"}) ==
          std::map<std::string, int>{{"portal-tls", a.fd}});
}

TEST_CASE("a socket that no service takes is refused by its number and name") {
    const open_socket a(AF_INET, SOCK_STREAM, true);
    const open_socket b(AF_INET, SOCK_STREAM, true);
    CHECK_THAT(problem({{"portal", a.fd}, {"spare", b.fd}}, {"portal"}),
               Contains("socket " + std::to_string(b.fd) + " ('spare')") && Contains("for no service"));
    CHECK_THAT(problem({{"portal", a.fd}, {"portal", b.fd}}, {"portal"}), Contains("for no service"));
    CHECK_THAT(problem({{"", a.fd}, {"", b.fd}}, {"portal"}), Contains("FileDescriptorName="));
    CHECK_THAT(problem({{"other", a.fd}}, {"registry", "portal"}), Contains("each of registry, portal"));
}

TEST_CASE("what is no listening TCP socket is refused, with what it is") {
    const open_socket udp(AF_INET, SOCK_DGRAM, false);
    const open_socket local(AF_UNIX, SOCK_STREAM, false);
    const open_socket idle(AF_INET, SOCK_STREAM, false);
    CHECK_THAT(problem({{"portal", udp.fd}}, {"portal"}), Contains("is no TCP socket"));
    CHECK_THAT(problem({{"portal", local.fd}}, {"portal"}), Contains("is no TCP socket"));
    CHECK_THAT(problem({{"portal", idle.fd}}, {"portal"}), Contains("does not listen"));
    CHECK_THAT(problem({{"portal", 9999}}, {"portal"}), Contains("is no socket"));
}
