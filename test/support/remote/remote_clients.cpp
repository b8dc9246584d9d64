// Clients on other machines, for tests that have only this one: to a server a client at 127.0.77.N is
// 192.0.2.N. All of loopback is one source, so without this nobody but that source could come. Takes the
// place of accept(2): linked into tests whose server runs in their own process, preloaded (LD_PRELOAD) into
// processes that they start.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace {

constexpr std::uint32_t first_of_tests = (127U << 24) + (77U << 8);
constexpr std::uint32_t first_of_others = (192U << 24) + (2U << 8);

}  // namespace

extern "C" int accept(int listener, sockaddr* address, socklen_t* size) {
    const auto taken = static_cast<int>(::syscall(SYS_accept, listener, address, size));
    if (taken < 0 || address == nullptr || address->sa_family != AF_INET) return taken;
    auto& from = reinterpret_cast<sockaddr_in*>(address)->sin_addr.s_addr;
    const auto number = ntohl(from) - first_of_tests;
    if (number < 256) from = htonl(first_of_others + number);
    return taken;
}
