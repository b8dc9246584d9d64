#include "role/portal/gateway/connect_permissions.hpp"

#include <algorithm>
#include <utility>

#include "sdk/process/service_addresses.hpp"
#include "sdk/role_services.hpp"

namespace distd::portal {
namespace {

constexpr std::size_t max_closed_urls = 256;  // with host names that have to be looked up

bool asks_another_machine(const std::vector<std::string>& registries) {
    const http::local_addresses here;
    return std::ranges::any_of(registries, [&](const auto& text) {
        const auto where = http::split_peer_url(text);
        return where && !here.is_own_host(where->host);
    });
}

}  // namespace

connect_permissions::connect_permissions(service& s, std::shared_ptr<http::client_core> core,
                                         std::optional<http::address_filter> allowed)
    : service_(s),
      core_(std::move(core)),
      allowed_setting_(std::move(allowed)),
      guarded_(core_),
      closed_(core_) {}

// Of the whole list: whoever did not opt in is not among the services that are exposed. Only the ports of
// those matter, as a URL of another port leads nowhere near.
void connect_permissions::take_opt_ins(const std::vector<listed_instance>& listed,
                                       const is_exposed_function& is_exposed) {
    machine_ = http::local_addresses();
    opt_ins_.clear();
    const auto split = [](const listed_instance& i) { return http::split_peer_url(i.facts.url); };
    std::set<std::uint16_t> ports;
    for (const auto& i : listed)
        if (is_exposed(i))
            if (const auto where = split(i)) ports.insert(where->port);
    std::vector<std::string> closed;
    for (const auto& i : listed) {
        const auto where = split(i);
        if (!where || !ports.contains(where->port)) continue;
        opt_ins_.add(machine_.place_of(*where), i.proof, is_exposed(i));
        boost::system::error_code is_name;
        static_cast<void>(boost::asio::ip::make_address(where->host, is_name));
        const bool stays_out = i.proof != wire::url_proof::none && !is_exposed(i);
        if (is_name && stays_out && closed.size() < max_closed_urls) closed.push_back(i.facts.url);
    }
    closed_.guard(closed);
}

// The registries, this process, and services that the portal needs for itself. One that is exposed as well is
// not guarded: its own name leads there already.
void connect_permissions::guard_own_places(const std::set<std::string>& exposed) {
    auto urls = registries_of(service_);
    registry_is_elsewhere_ = asks_another_machine(urls);
    for (auto& url : own_urls_of(service_)) urls.push_back(std::move(url));
    for (const auto& name : dependencies_of(service_)) {
        if (exposed.contains(name)) continue;
        const auto instances = service_.providers(name);
        urls.insert(urls.end(), instances.begin(), instances.end());
    }
    guarded_.guard(urls);
}

bool connect_permissions::may_connect(const boost::asio::ip::tcp::endpoint& where) const {
    if (!allowed().allows(where.address()) || guarded_.contains(where)) return false;
    // A name may lead where nobody opted in, and may lead there only by now.
    const auto said = opt_ins_.at(machine_.place_of(where));
    return said == opt_ins::state::open || (said == opt_ins::state::unknown && !closed_.contains(where));
}

std::string connect_permissions::problem_with(const http::url& where, wire::url_proof proof) const {
    if (guarded_.contains(where))
        return "the address of a registry, this portal or one of its dependencies that is not exposed";
    if (opt_ins_.at(machine_.place_of(resolved(where))) == opt_ins::state::closed)
        return "a service that is registered at this address and port did not opt in";
    if (proof == wire::url_proof::none)
        return "registered from another machine than it leads to; neither the instance nor an operator "
               "has confirmed it";
    boost::system::error_code is_name;
    const auto address = boost::asio::ip::make_address(where.host, is_name);
    if (is_name || allowed().allows(address)) return {};
    const auto text = address.to_string();
    return text + " is not an address that the gateway connects to; --" + gateway_allow_setting + "=" +
           allowed().text() + "," + text + " would allow it";
}

const http::address_filter& connect_permissions::allowed() const {
    if (allowed_setting_) return *allowed_setting_;
    return http::address_filter::usual(listens_beyond_loopback(service_) || registry_is_elsewhere_);
}

http::url connect_permissions::resolved(const http::url& where) const {
    const auto known = core_->names.known(where.host);
    if (!known || !*known || (**known).empty()) return where;
    auto found = where;
    found.host = (**known).front().to_string();
    return found;
}

}  // namespace distd::portal
