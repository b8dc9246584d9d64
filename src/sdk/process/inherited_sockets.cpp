#include "sdk/process/inherited_sockets.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <distd/settings.hpp>

#include "base/settings/options_values.hpp"

namespace distd {
namespace {

constexpr const char* advice =
    "; a socket unit gives ListenStream= with an address, and FileDescriptorName= with the service's name";

std::string described(const std::string& name, int descriptor) {
    return "LISTEN_FDS: the inherited socket " + std::to_string(descriptor) +
           (name.empty() ? "" : " ('" + printable(name) + "')");
}

// Null, or why nobody can connect to it.
const char* problem_with_socket(int descriptor) {
    const auto option = [descriptor](int which) {
        int value = -1;
        socklen_t size = sizeof value;
        return ::getsockopt(descriptor, SOL_SOCKET, which, &value, &size) == 0 ? value : -1;
    };
    const int family = option(SO_DOMAIN);
    if (family < 0) return " is no socket";
    if (family != AF_INET && family != AF_INET6) return " is no TCP socket";
    const int protocol = option(SO_PROTOCOL);
    if (option(SO_TYPE) != SOCK_STREAM || (protocol != IPPROTO_TCP && protocol != IPPROTO_MPTCP))
        return " is no TCP socket";
    return option(SO_ACCEPTCONN) == 1 ? nullptr : " does not listen";
}

}  // namespace

std::map<std::string, int> assign_sockets(const std::multimap<std::string, int>& given,
                                          const std::vector<std::string>& services) {
    const auto is_known = [&](const std::string& name) {
        return std::ranges::any_of(
            services, [&](const auto& s) { return name == s || name == s + std::string(tls_socket_end); });
    };
    std::map<std::string, int> taken;
    for (const auto& [name, descriptor] : given) {
        if (const char* problem = problem_with_socket(descriptor))
            throw settings_error(described(name, descriptor) + problem + advice);
        const bool is_only_one = given.size() == 1 && services.size() == 1 && !is_known(name);
        const auto& service = is_only_one ? services.front() : name;
        if (!is_known(service) || !taken.emplace(service, descriptor).second)
            throw settings_error(described(name, descriptor) + " is for no service of this process: " +
                                 "each of " + joined(services, ", ") +
                                 " takes one socket of its name, and one with -tls behind it" + advice);
    }
    return taken;
}

boost::asio::ip::tcp::endpoint endpoint_of_socket(int descriptor) {
    boost::asio::ip::tcp::endpoint where;
    auto size = static_cast<socklen_t>(where.capacity());
    if (::getsockname(descriptor, where.data(), &size) != 0)
        throw boost::system::system_error(errno, boost::system::system_category(), "an inherited socket");
    where.resize(size);
    return where;
}

}  // namespace distd
