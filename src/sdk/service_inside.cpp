#include "sdk/service_inside.hpp"

#include "sdk/service_impl.hpp"

namespace distd {

bool listens_beyond_loopback(service& s) {
    const auto& server = s.internals().server;
    return server && !server->local().address().is_loopback();
}

disk& disk_of(service& s) { return s.internals().host().storage; }

const std::string& authorization_of(service& s) { return s.internals().host().authorization; }

}  // namespace distd
