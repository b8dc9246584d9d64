#include "sim/local_sockets.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>

// NOLINTBEGIN: names that the linker asks for
extern "C" {
int __real_socket(int, int, int);
int __real_bind(int, const sockaddr*, socklen_t);
int __real_connect(int, const sockaddr*, socklen_t);
int __real_accept4(int, sockaddr*, socklen_t*, int);
int __real_getsockname(int, sockaddr*, socklen_t*);
int __real_getpeername(int, sockaddr*, socklen_t*);
int __real_setsockopt(int, int, int, const void*, socklen_t);
int __real_close(int);
}
// NOLINTEND

namespace distd::sim::local_sockets {
namespace {

// In the byte order of this machine.
struct place {
    std::uint32_t address = INADDR_LOOPBACK;
    std::uint16_t port = 0;
    auto operator<=>(const place&) const = default;
};

struct entry {
    int owner = 0;
    bool listens = false;
    place local;
    place peer;
    std::deque<place> callers;  // of a listener: in the order in which they will be accepted
};

struct table {
    std::map<int, entry> sockets;
    std::map<place, int> listeners;
    std::set<int> dead;  // owners
    std::uint16_t next_port = 20'000;
    unsigned next_name = 0;
    std::map<int, std::string> names;  // of listeners, as the kernel knows them
    int owner = 0;
};

table& all() {
    static table t;
    return t;
}

entry* find(int fd) {
    const auto found = all().sockets.find(fd);
    return found == all().sockets.end() ? nullptr : &found->second;
}

int fail(int why) {
    errno = why;
    return -1;
}

place read(const sockaddr* from) {
    sockaddr_in in{};
    std::memcpy(&in, from, sizeof in);
    return {ntohl(in.sin_addr.s_addr), ntohs(in.sin_port)};
}

int show(place what, sockaddr* to, socklen_t* size) {
    if (!to || !size) return 0;
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_addr.s_addr = htonl(what.address);
    in.sin_port = htons(what.port);
    std::memcpy(to, &in, std::min<std::size_t>(*size, sizeof in));
    *size = sizeof in;
    return 0;
}

std::uint16_t free_port() {
    auto& t = all();
    if (++t.next_port < 20'000) t.next_port = 20'001;
    return t.next_port;
}

std::pair<sockaddr_un, socklen_t> local_name(const std::string& name) {
    sockaddr_un un{};
    un.sun_family = AF_UNIX;
    std::memcpy(un.sun_path + 1, name.data(), name.size());  // the first byte stays 0: no file
    return {un, static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size())};
}

bool is_dead(const entry& e) { return all().dead.contains(e.owner); }

int bind_at(int fd, entry& e, place where) {
    auto& t = all();
    if (where.address == INADDR_ANY) where.address = INADDR_LOOPBACK;
    if (where.port == 0) where.port = free_port();
    if (t.listeners.contains(where)) return fail(EADDRINUSE);
    auto& name = t.names[fd] =
        "distd-sim-" + std::to_string(::getpid()) + "-" + std::to_string(++t.next_name);
    const auto [un, size] = local_name(name);
    if (__real_bind(fd, reinterpret_cast<const sockaddr*>(&un), size) != 0) return -1;
    e.local = where;
    e.listens = true;
    t.listeners[where] = fd;
    return 0;
}

int connect_to(int fd, entry& e, place where) {
    auto& t = all();
    if (is_dead(e)) return fail(ECONNREFUSED);
    const auto listener = t.listeners.find(where);
    if (listener == t.listeners.end()) return fail(ECONNREFUSED);
    const auto [un, size] = local_name(t.names.at(listener->second));
    e.local = {INADDR_LOOPBACK, free_port()};
    e.peer = where;
    if (__real_connect(fd, reinterpret_cast<const sockaddr*>(&un), size) != 0) return -1;
    t.sockets.at(listener->second).callers.push_back(e.local);
    return 0;
}

int accept_from(int fd, sockaddr* who, socklen_t* size, int flags) {
    auto* const listener = find(fd);
    if (!listener) return __real_accept4(fd, who, size, flags);
    if (is_dead(*listener)) return fail(EINVAL);
    const int made = __real_accept4(fd, nullptr, nullptr, flags);
    if (made < 0) return made;
    entry e;
    e.owner = listener->owner;
    e.local = listener->local;
    e.peer = listener->callers.front();
    listener->callers.pop_front();
    show(e.peer, who, size);
    all().sockets[made] = e;
    return made;
}

void forget(int fd) {
    auto& t = all();
    const auto found = t.sockets.find(fd);
    if (found == t.sockets.end()) return;
    const auto& e = found->second;
    if (e.listens && t.listeners.contains(e.local) && t.listeners.at(e.local) == fd)
        t.listeners.erase(e.local);
    t.names.erase(fd);
    t.sockets.erase(found);
}

}  // namespace

owner::owner(int who) noexcept : before_(std::exchange(all().owner, who)) {}
owner::~owner() { all().owner = before_; }

void sever(int who) {
    auto& t = all();
    t.dead.insert(who);
    for (const auto& [fd, e] : t.sockets) {
        if (e.owner != who) continue;
        ::shutdown(fd, SHUT_RDWR);
        if (e.listens) t.listeners.erase(e.local);
    }
}

bool all_closed() { return all().sockets.empty(); }

}  // namespace distd::sim::local_sockets

// NOLINTBEGIN: names that the linker asks for
extern "C" {

namespace sockets = distd::sim::local_sockets;

int __wrap_socket(int domain, int type, int protocol) {
    constexpr int kind = 0xf;  // the rest are flags
    if (domain != AF_INET || (type & kind) != SOCK_STREAM) return __real_socket(domain, type, protocol);
    const int fd = __real_socket(AF_UNIX, type, 0);
    if (fd >= 0) sockets::all().sockets[fd].owner = sockets::all().owner;
    return fd;
}

int __wrap_bind(int fd, const sockaddr* where, socklen_t size) {
    auto* const e = sockets::find(fd);
    return e ? sockets::bind_at(fd, *e, sockets::read(where)) : __real_bind(fd, where, size);
}

int __wrap_connect(int fd, const sockaddr* where, socklen_t size) {
    auto* const e = sockets::find(fd);
    return e ? sockets::connect_to(fd, *e, sockets::read(where)) : __real_connect(fd, where, size);
}

int __wrap_accept4(int fd, sockaddr* who, socklen_t* size, int flags) {
    return sockets::accept_from(fd, who, size, flags);
}

int __wrap_accept(int fd, sockaddr* who, socklen_t* size) { return sockets::accept_from(fd, who, size, 0); }

int __wrap_getsockname(int fd, sockaddr* to, socklen_t* size) {
    const auto* const e = sockets::find(fd);
    return e ? sockets::show(e->local, to, size) : __real_getsockname(fd, to, size);
}

int __wrap_getpeername(int fd, sockaddr* to, socklen_t* size) {
    const auto* const e = sockets::find(fd);
    return e ? sockets::show(e->peer, to, size) : __real_getpeername(fd, to, size);
}

int __wrap_setsockopt(int fd, int level, int option, const void* value, socklen_t size) {
    if (level == IPPROTO_TCP && sockets::find(fd)) return 0;
    return __real_setsockopt(fd, level, option, value, size);
}

int __wrap_close(int fd) {
    sockets::forget(fd);
    return __real_close(fd);
}
}
// NOLINTEND
