// Host names for tests that have no name server: NAME.answers.test is 127.0.0.1, and the look-up of
// NAME.hangs.test never ends, as with a zone whose servers are away (there it takes the resolver's patience,
// again and again). Takes the place of getaddrinfo(3) in processes that tests start: see remote_clients.cpp.
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <unistd.h>

#include <cstring>

namespace {

bool ends_with(const char* name, const char* end) {
    const auto size = std::strlen(name);
    const auto tail = std::strlen(end);
    return size >= tail && std::strcmp(name + size - tail, end) == 0;
}

}  // namespace

extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** found) {
    using function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    static const auto next = reinterpret_cast<function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    while (name && ends_with(name, ".hangs.test")) ::pause();
    return next(name && ends_with(name, ".answers.test") ? "127.0.0.1" : name, service, hints, found);
}
