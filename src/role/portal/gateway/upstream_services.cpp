#include "role/portal/gateway/upstream_services.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/ip_address.hpp"
#include "base/random.hpp"
#include "base/source_name.hpp"
#include "http/message/registered_url.hpp"
#include "role/portal/gateway/instance_bound.hpp"
#include "sdk/process/service_addresses.hpp"
#include "sdk/role_services.hpp"
#include "sdk/secret_file.hpp"
#include "wire/header_names.hpp"
#include "wire/service_names.hpp"

namespace distd::portal {
namespace {

constexpr seconds wait_at_registry{30};
constexpr seconds pause_after_failure{2};
constexpr seconds pause_without_index{3};  // a registry that does not offer to wait
constexpr milliseconds answer_deadline{5'000};
constexpr std::size_t max_list_bytes = 64 << 20;
constexpr auto needed_fields =
    "ServiceName,ServiceURL,Tags,Weight,Zone,Version,Health,Guarded,Drained,"
    "Proven,Unproven,CertificateSha256";
constexpr std::size_t max_closed_urls = 256;  // with host names that have to be looked up

struct written_instance {
    std::string ServiceName;
    std::string ServiceURL;
    std::vector<std::string> Tags;
    std::optional<int> Weight;
    std::string Zone;
    std::string Version;
    std::string Health;
    std::string CertificateSha256;
    bool Guarded = false;
    bool Drained = false;
    bool Proven = false;
    bool Unproven = false;
};
BOOST_DESCRIBE_STRUCT(written_instance, (),
                      (ServiceName, ServiceURL, Tags, Weight, Zone, Version, Health, CertificateSha256,
                       Guarded, Drained, Proven, Unproven))

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

bool asks_another_machine(const std::vector<std::string>& registries) {
    const http::local_addresses here;
    return std::ranges::any_of(registries, [&](const auto& text) {
        http::url_error ignored;
        const auto where = http::split_peer_url(text, ignored);
        return where && !here.is_own_host(where->host);
    });
}

std::string find_console(const std::vector<listed_instance>& all) {
    const auto is_console = [](const listed_instance& i) { return i.name == wire::console_service; };
    const auto found = std::ranges::find_if(all, is_console);
    if (found == all.end() || std::ranges::count_if(all, is_console) > 1) return {};
    http::url_error ignored;
    const auto where = http::split_peer_url(found->facts.url, ignored);
    const bool is_reliable = found->is_offered && found->proof == wire::url_proof::confirmed;
    return is_reliable && where && is_loopback(where->host) ? http::base_url_of(found->facts.url)
                                                            : std::string();
}

}  // namespace

std::optional<std::vector<listed_instance>> parse_listed(std::string_view text, std::string& error) {
    json_error why;
    const auto written = from_json<std::vector<written_instance>>(text, why);
    if (!written) {
        error = why.text;
        return std::nullopt;
    }
    std::vector<listed_instance> list;
    for (const auto& w : *written) {
        if (w.ServiceName.empty()) continue;
        const bool is_offered = !w.Drained && (w.Health != "lost" || w.Guarded);
        // Somebody else may have tagged a URL that is not its own.
        const bool tagged =
            !w.Unproven && std::find(w.Tags.begin(), w.Tags.end(), exposing_tag) != w.Tags.end();
        const auto proof = w.Proven     ? wire::url_proof::confirmed
                           : w.Unproven ? wire::url_proof::none
                                        : wire::url_proof::vouched_for;
        const auto weight = static_cast<double>(w.Weight.value_or(1));
        list.push_back({w.ServiceName, {w.ServiceURL, weight, w.Zone, w.Version}, proof, tagged, is_offered});
        list.back().facts.certificate_sha256 = w.CertificateSha256;
    }
    return list;
}

upstream_services::upstream_services(service& s, std::shared_ptr<http::client_core> core,
                                     upstream_setup setup)
    : service_(s),
      core_(std::move(core)),
      setup_(std::move(setup)),
      secret_(sticky_secret(s)),
      guarded_(core_),
      closed_(core_) {}

task<> upstream_services::watch_patches() {
    announcer::listener news(provider_changes_of(service_), service_.loop(), service_.time());
    for (;;) {
        rebuild();
        co_await news.bell.wait();
    }
}

task<> upstream_services::watch_registry() {
    for (;;) {
        if (registries_of(service_).empty()) {
            co_await sleep_for(service_.time(), wait_at_registry);
            continue;
        }
        const auto pause = co_await ask_once();
        if (pause.count() > 0) co_await sleep_for(service_.time(), pause);
    }
}

task<seconds> upstream_services::ask_once() {
    const auto& registries = registries_of(service_);
    const auto base = registries[registry_ % registries.size()];
    http::call c("GET", base + "/services");
    c.answer_limit = max_list_bytes;
    c.deadline = answer_deadline;
    c.url += list_query();
    if (index_ != 0) c.deadline += wait_at_registry + wait_at_registry / 8;
    const auto answer = co_await service_.http().send(std::move(c));
    // One of an earlier version shows all fields.
    if (answer && answer->status == 400 && std::exchange(asks_for_fields_, false)) co_return seconds(0);
    std::string error;
    std::optional<std::vector<listed_instance>> list;
    if (!answer)
        error = "it does not answer: " + answer.error().message();
    else if (answer->status != 200)
        error = "it answers with " + std::to_string(answer->status);
    else
        list = parse_listed(answer->body, error);
    if (!list) {
        note_trouble("the registry at " + base + ": " + error);
        index_ = 0;
        asks_for_fields_ = true;
        ++registry_;
        co_return pause_after_failure;
    }
    if (away_since_) service_.log().info("gateway_registry_back", {{"registry", base}});
    away_since_.reset();
    trouble_.clear();
    const auto index = wire::read_index(answer->headers.find(wire::index_header));
    const bool waited = index_ != 0 && index != 0;
    index_ = index;
    take_list(std::move(*list), answer->headers.find(wire::registry_id_header));
    co_return waited ? seconds(0) : index != 0 ? seconds(0) : pause_without_index;
}

// Only what is used here: what others put into their registrations beside it is no concern of the gateway.
std::string upstream_services::list_query() const {
    std::string query;
    const auto add = [&query](const std::string& parameter) {
        query.append(query.empty() ? "?" : "&").append(parameter);
    };
    if (asks_for_fields_) add(std::string("fields=") + needed_fields);
    if (index_ != 0) {
        add("index=" + std::to_string(index_));
        add("wait=" + std::to_string(wait_at_registry.count()) + "s");
    }
    return query;
}

void upstream_services::note_trouble(std::string why) {
    if (!away_since_) {
        away_since_ = service_.time().wall();
        service_.log().warn("gateway_registry_away",
                            {{"reason", why}, {"consequence", "known instances stay in use"}});
    }
    trouble_ = std::move(why);
}

// A registry that came up without its data knows nobody yet; who registers by itself will do so again, and
// others never. So of its list only those names count that are in it; for all others what was known before.
void upstream_services::take_list(std::vector<listed_instance> list, std::string_view data_id) {
    const bool is_same_data = !data_id.empty() && data_id == data_id_;
    if (list.empty() && has_list_ && !is_same_data) return;
    if (!data_id_.empty() && !data_id.empty() && data_id != data_id_) {
        service_.log().warn("gateway_registry_forgot", {{"consequence", "known instances stay in use"}});
        before_loss_ = std::move(listed_);
    }
    if (!data_id.empty()) data_id_ = data_id;
    has_list_ = has_list_ || !list.empty();
    listed_ = std::move(list);
    std::set<std::string, std::less<>> known;
    for (const auto& i : listed_) known.insert(i.name);
    std::erase_if(before_loss_, [&](const auto& i) { return known.contains(i.name); });
    listed_.insert(listed_.end(), before_loss_.begin(), before_loss_.end());
    console_ = find_console(listed_);
    opt_ins_are_old_ = true;
    rebuild();
}

void upstream_services::expose(std::set<std::string> names) {
    configured_ = std::move(names);
    opt_ins_are_old_ = true;
    rebuild();
}

// The registries, this process, and services that the portal needs for itself. One that is exposed as well is
// not guarded: its own name leads there already.
std::vector<std::string> upstream_services::urls_to_guard(const std::set<std::string>& exposed) const {
    auto urls = registries_of(service_);
    for (auto& url : own_urls_of(service_)) urls.push_back(std::move(url));
    for (const auto& name : dependencies_of(service_)) {
        if (exposed.contains(name)) continue;
        const auto instances = service_.providers(name);
        urls.insert(urls.end(), instances.begin(), instances.end());
    }
    return urls;
}

const http::address_filter& upstream_services::allowed() const {
    if (setup_.allowed) return *setup_.allowed;
    return http::address_filter::usual(listens_beyond_loopback(service_) || registry_is_elsewhere_);
}

bool upstream_services::may_connect(const boost::asio::ip::tcp::endpoint& where) const {
    if (!allowed().allows(where.address()) || guarded_.contains(where)) return false;
    // A name may lead where nobody opted in, and may lead there only by now.
    const auto said = opt_ins_.at(machine_.place_of(where));
    return said == opt_ins::state::open || (said == opt_ins::state::unknown && !closed_.contains(where));
}

std::string upstream_services::problem_with(const http::url& where, wire::url_proof proof) const {
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

http::url upstream_services::resolved(const http::url& where) const {
    const auto known = core_->names.known(where.host);
    if (!known || !*known || (**known).empty()) return where;
    auto found = where;
    found.host = (**known).front().to_string();
    return found;
}

// Of the whole list: whoever did not opt in is not among the services that are exposed. Only the ports of
// those matter, as a URL of another port leads nowhere near.
void upstream_services::collect_opt_ins() {
    if (!std::exchange(opt_ins_are_old_, false)) return;
    machine_ = http::local_addresses();
    opt_ins_.clear();
    const auto split = [](const listed_instance& i) {
        http::url_error ignored;
        return http::split_peer_url(i.facts.url, ignored);
    };
    std::set<std::uint16_t> ports;
    for (const auto& i : listed_)
        if (is_exposed(i))
            if (const auto where = split(i)) ports.insert(where->port);
    std::vector<std::string> closed;
    for (const auto& i : listed_) {
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

// Membership: by patches for services that were named at the start, as soon as these know anybody; else by
// the list. Facts beyond name and URL come from the list. A service that is exposed is known by its name also
// while none of its instances can be used.
std::map<std::string, std::map<std::string, upstream_services::member>> upstream_services::members() const {
    std::map<std::string, std::map<std::string, member>> wanted;
    for (const auto& name : configured_) wanted[name];
    for (const auto& name : setup_.named) wanted[name];
    for (const auto& i : listed_) {
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
    facts.place = machine_.place_of(where);
    const auto host = machine_.host_of(where.host);
    facts.machine = source_name(host).text();
    if (!setup_.zone_addresses || facts.zone != setup_.own_zone) return;
    const auto address = parse_ip_address(where.host);
    if (!address || !setup_.zone_addresses->allows(*address)) facts.zone.clear();
}

void upstream_services::rebuild() {
    collect_opt_ins();
    auto wanted = members();
    std::set<std::string> exposed;
    for (const auto& [name, instances] : wanted) exposed.insert(name);
    guarded_.guard(urls_to_guard(exposed));
    registry_is_elsewhere_ = asks_another_machine(registries_of(service_));
    const auto now = service_.time().now();
    std::map<std::string, std::shared_ptr<exposed_service>, std::less<>> next;
    for (auto& [name, instances] : wanted) {
        auto s = find_or_make(name);
        std::vector<instance_facts> usable;
        s->addresses.clear();
        s->left_out.clear();
        for (auto& [url, i] : instances) {
            http::url_error why;
            const auto where = http::split_peer_url(url, why);
            auto problem = where ? problem_with(*where, i.proof) : why.text;
            if (!problem.empty()) {
                s->left_out[url] = std::move(problem);
                continue;
            }
            s->addresses[url] =
                std::make_shared<const http::call_target>(core_->pool, *where, i.facts.certificate_sha256);
            place(i.facts, resolved(*where));
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
    auto requests = http::share_bounds::of(
        instances * (balancing::max_in_flight + balancing::max_waiting_jobs), percent, only_loopback_comes);
    requests.in_all = no_bound;  // each instance has its own
    s.requests_by_source.change_bounds(requests);
    s.streams.change_bounds(
        http::share_bounds::of(instances * balancing::max_streams, percent, only_loopback_comes));
}

std::shared_ptr<exposed_service> upstream_services::find(std::string_view name) const {
    const auto place = services_.find(name);
    return place == services_.end() ? nullptr : place->second;
}

}  // namespace distd::portal
