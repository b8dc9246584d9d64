#include "sdk/role_services.hpp"

#include "sdk/service_impl.hpp"

namespace distd {

http::router& routes_of(service& s) { return s.internals().routes; }

bool listens_beyond_loopback(service& s) {
    const auto& server = s.internals().server;
    return server && !server->local().address().is_loopback();
}

const std::vector<std::string>& registries_of(service& s) { return s.internals().registries; }

const std::vector<std::string>& dependencies_of(service& s) { return s.internals().depends_on; }

announcer& provider_changes_of(service& s) { return s.internals().provider_changes; }

disk& disk_of(service& s) { return s.internals().host().storage; }

const http::resolver::lookup& lookup_of(service& s) { return s.internals().host().look_up; }

const std::shared_ptr<http::access_control>& credentials_of(service& s) {
    return s.internals().host().admission;
}

}  // namespace distd
