#include "sdk/process/systemd.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>

namespace distd::systemd {
namespace {

constexpr int first_inherited = 3;

std::optional<long> number_in(const char* variable) {
    const char* text = std::getenv(variable);
    if (!text || !*text) return std::nullopt;
    return std::strtol(text, nullptr, 10);
}

}  // namespace

void notify(std::string_view state) {
    const char* path = std::getenv("NOTIFY_SOCKET");
    if (!path) return;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string_view name(path);
    if (name.size() < 2 || name.size() >= sizeof address.sun_path) return;
    name.copy(address.sun_path, name.size());
    if (name.front() == '@') address.sun_path[0] = '\0';  // an abstract name
    const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    // A failure is not reported: systemd then acts by its own timeout.
    static_cast<void>(
        ::sendto(fd, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<sockaddr*>(&address), size));
    ::close(fd);
}

std::optional<milliseconds> watchdog_interval() {
    const auto pid = number_in("WATCHDOG_PID");
    const auto microseconds = number_in("WATCHDOG_USEC");
    if (!microseconds || *microseconds <= 0 || (pid && *pid != ::getpid())) return std::nullopt;
    return milliseconds(*microseconds / 2000);
}

std::multimap<std::string, int> inherited_sockets() {
    std::multimap<std::string, int> sockets;
    const auto pid = number_in("LISTEN_PID");
    const auto count = number_in("LISTEN_FDS");
    if (!count || !pid || *pid != ::getpid()) return sockets;
    const char* names = std::getenv("LISTEN_FDNAMES");
    std::string_view rest = names ? names : "";
    for (int i = 0; i < *count; ++i) {
        const auto colon = rest.find(':');
        const int fd = first_inherited + i;
        ::fcntl(fd, F_SETFD, FD_CLOEXEC);
        sockets.emplace(std::string(rest.substr(0, colon)), fd);
        rest.remove_prefix(colon == std::string_view::npos ? rest.size() : colon + 1);
    }
    return sockets;
}

std::string credentials_dir() {
    const char* path = std::getenv("CREDENTIALS_DIRECTORY");
    return path ? path : "";
}

}  // namespace distd::systemd
