#include "role/portal/gateway/upstream_services.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/ip_address.hpp"
#include "base/random.hpp"
#include "base/source_name.hpp"
#include "role/portal/gateway/instance_bound.hpp"
#include "sdk/role_services.hpp"
#include "sdk/secret_file.hpp"

namespace distd::portal {
namespace {

// What decides which instance a key belongs to, over restarts, too. Without a folder, or with one that is
// another process', it is another one each time.
std::string sticky_secret(service& s) {
    const auto folder = data_folder_of(s);
    const auto known = folder.empty() ? std::nullopt : read_secret(disk_of(s), folder + "/sticky.secret");
    if (known) return *known;
    auto secret = random_hex(64);
    if (!folder.empty()) keep_secret(disk_of(s), folder, "sticky", secret, s.log());
    return secret;
}

}  // namespace

upstream_services::upstream_services(service& s, std::shared_ptr<http::client_core> core,
                                     upstream_setup setup)
    : service_(s),
      core_(std::move(core)),
      setup_(std::move(setup)),
      secret_(sticky_secret(s)),
      list_(s,
            [this] {
                opt_ins_are_old_ = true;
                rebuild();
            }),
      permissions_(s, core_, setup_.allowed) {}

task<> upstream_services::watch_patches() {
    announcer::listener news(provider_changes_of(service_), service_.loop(), service_.time());
    for (;;) {
        rebuild();
        co_await news.bell.wait();
    }
}

void upstream_services::expose(std::set<std::string> names) {
    configured_ = std::move(names);
    opt_ins_are_old_ = true;
    rebuild();
}

std::shared_ptr<exposed_service> upstream_services::find_or_make(const std::string& name) {
    if (const auto known = services_.find(name); known != services_.end()) return known->second;
    if (const auto left = leaving_.find(name); left != leaving_.end())
        if (auto back = left->second.lock()) return back;
    return std::make_shared<exposed_service>(
        name, core_, balancer_setup{setup_.own_zone, setup_.zone_addresses.has_value(), secret_},
        service_.metrics());
}

bool upstream_services::is_exposed(const listed_instance& i) const {
    return i.is_tagged || configured_.contains(i.name) ||
           std::ranges::find(setup_.named, i.name) != setup_.named.end();
}

// Membership: by patches for services that were named at the start, as soon as these know anybody; else by
// the list. Facts beyond name and URL come from the list. A service that is exposed is known by its name also
// while none of its instances can be used.
std::map<std::string, std::map<std::string, upstream_services::member>> upstream_services::members() const {
    std::map<std::string, std::map<std::string, member>> wanted;
    for (const auto& name : configured_) wanted[name];
    for (const auto& name : setup_.named) wanted[name];
    for (const auto& i : list_.instances()) {
        if (!is_exposed(i)) continue;
        auto& instances = wanted[i.name];
        if (i.is_offered) instances[i.facts.url] = {i.facts, i.proof};
    }
    for (const auto& name : setup_.named) {
        const auto pushed = service_.providers(name);
        if (pushed.empty()) continue;
        std::map<std::string, member> members;
        for (const auto& url : pushed) {
            const auto known = wanted[name].find(url);
            members[url] = known != wanted[name].end() ? known->second : member{{url, 1, {}, {}}};
        }
        wanted[name] = std::move(members);
    }
    return wanted;
}

void upstream_services::place(instance_facts& facts, const http::url& where) const {
    const auto& machine = permissions_.machine();
    facts.place = machine.place_of(where);
    const auto host = machine.host_of(where.host);
    facts.machine = source_name(host).text();
    if (!setup_.zone_addresses || facts.zone != setup_.own_zone) return;
    const auto address = parse_ip_address(where.host);
    if (!address || !setup_.zone_addresses->allows(*address)) facts.zone.clear();
}

void upstream_services::rebuild() {
    if (std::exchange(opt_ins_are_old_, false))
        permissions_.take_opt_ins(list_.instances(), [this](const auto& i) { return is_exposed(i); });
    auto wanted = members();
    std::set<std::string> exposed;
    for (const auto& [name, instances] : wanted) exposed.insert(name);
    permissions_.guard_own_places(exposed);
    const auto now = service_.time().now();
    std::map<std::string, std::shared_ptr<exposed_service>, std::less<>> next;
    for (auto& [name, instances] : wanted) {
        auto s = find_or_make(name);
        std::vector<instance_facts> usable;
        s->addresses.clear();
        s->left_out.clear();
        for (auto& [url, i] : instances) {
            std::string why;
            const auto where = http::split_peer_url(url, why);
            auto problem = where ? permissions_.problem_with(*where, i.proof) : why;
            if (!problem.empty()) {
                s->left_out[url] = std::move(problem);
                continue;
            }
            s->addresses[url] =
                std::make_shared<const http::call_target>(core_->pool, *where, i.facts.certificate_sha256);
            place(i.facts, permissions_.resolved(*where));
            usable.push_back(std::move(i.facts));
        }
        leave_surplus_out(*s, usable);
        if (s->balance.update(std::move(usable), now))
            service_.log().info("gateway_instances", {{"name", name}, {"count", s->balance.all().size()}});
        share_places(*s);
        next[name] = std::move(s);
    }
    for (const auto& [name, s] : services_) leaving_[name] = s;
    services_ = std::move(next);
    std::erase_if(leaving_, [&](const auto& s) { return services_.contains(s.first) || s.second.expired(); });
}

void upstream_services::leave_surplus_out(exposed_service& s, std::vector<instance_facts>& usable) {
    std::set<std::string_view> in_use;
    for (const auto& i : s.balance.all()) in_use.insert(i->facts.url);
    for (auto& url : cut_to_bound(usable, in_use)) {
        s.addresses.erase(url);
        s.left_out[std::move(url)] =
            "the gateway uses " + std::to_string(balancing::max_instances) + " instances of a service";
    }
}

void upstream_services::share_places(exposed_service& s) const {
    constexpr auto no_bound = std::numeric_limits<std::uint64_t>::max();
    const auto percent = static_cast<unsigned>(service_.config().integer("source-share"));
    const bool only_loopback_comes = !listens_beyond_loopback(service_);
    const std::uint64_t instances = std::max<std::size_t>(1, s.balance.all().size());
    auto requests = http::source_shares::bounds::of(
        instances * (balancing::max_in_flight + balancing::max_waiting_jobs), percent, only_loopback_comes);
    requests.in_all = no_bound;  // each instance has its own
    s.requests_by_source.change_bounds(requests);
    s.streams.change_bounds(
        http::source_shares::bounds::of(instances * balancing::max_streams, percent, only_loopback_comes));
}

std::shared_ptr<exposed_service> upstream_services::find(std::string_view name) const {
    const auto place = services_.find(name);
    return place == services_.end() ? nullptr : place->second;
}

}  // namespace distd::portal
