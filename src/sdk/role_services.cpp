#include "sdk/role_services.hpp"

#include <utility>

#include "sdk/service_impl.hpp"

namespace distd {

http::router& routes_of(service& s) { return s.internals().routes; }

bool listens_beyond_loopback(service& s) {
    const auto& server = s.internals().server;
    if (!server) return false;
    const auto& tls = server->local_tls();
    return !server->local().address().is_loopback() || (tls && !tls->address().is_loopback());
}

std::vector<certificate_state> certificates_of(service& s) { return s.internals().host().certificates(); }

void show_certificate(service& s, certificate_source source) {
    s.internals().host().show_certificate(std::move(source));
}

void certificate_changed(service& s) { s.internals().host().certificate_changed(); }

std::vector<std::string> own_urls_of(service& s) {
    auto all = s.internals().listens_at;
    all.push_back(s.url());
    return all;
}

const std::vector<std::string>& registries_of(service& s) { return s.internals().registries; }

const std::vector<std::string>& dependencies_of(service& s) { return s.internals().depends_on; }

announcer& provider_changes_of(service& s) { return s.internals().provider_changes; }

std::string data_folder_of(service& s) { return s.internals().own_folder(); }

disk& disk_of(service& s) { return s.internals().host().storage; }

const http::resolver::lookup& lookup_of(service& s) { return s.internals().host().look_up; }

const std::shared_ptr<http::access_control>& credentials_of(service& s) {
    return s.internals().host().admission;
}

log_sink* reader_of(service& s) {
    const auto& log = s.internals().host().log;
    return log && log->has_reader() ? log.get() : nullptr;
}

const std::shared_ptr<const http::tls_client>& trust_of(service& s) { return s.internals().host().trust; }

const std::shared_ptr<const http::tls_client>& trust_outside_of(service& s) {
    return s.internals().host().trust_outside;
}

void ship_lines(service& s, std::function<std::optional<std::string>()> pick,
                std::function<bool(const boost::asio::ip::tcp::endpoint&)> may_connect) {
    s.internals().ships_by_itself.emplace(std::move(pick), std::move(may_connect));
}

void log_services_changed(service& s) {
    if (auto& shipper = s.internals().shipper) shipper->provider_changed();
}

}  // namespace distd
