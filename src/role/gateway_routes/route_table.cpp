#include "role/gateway_routes/route_table.hpp"

#include <algorithm>
#include <array>
#include <distd/json.hpp>

#include "base/ascii.hpp"
#include "http/access/own_names.hpp"

namespace distd::gateway_routes {
namespace {

struct written_rules {
    std::vector<std::string> remove;
    std::map<std::string, std::string> set;
    std::map<std::string, std::string> add;
};
BOOST_DESCRIBE_STRUCT(written_rules, (), (remove, set, add))

struct written_route {
    std::string service;
    std::string host;
    std::string prefix;
    bool strip_prefix = false;
    std::string add_prefix;
    std::map<std::string, int> versions;
    std::string hash_header;
    std::string hash_cookie;
    written_rules request_headers;
    written_rules response_headers;
    bool allow_get_bodies = false;
    bool allow_cross_site = false;
};
BOOST_DESCRIBE_STRUCT(written_route, (),
                      (service, host, prefix, strip_prefix, add_prefix, versions, hash_header, hash_cookie,
                       request_headers, response_headers, allow_get_bodies, allow_cross_site))

// The portal's own pages and what every service has: a route there would never be reached whole.
constexpr std::array<std::string_view, 11> taken{"students",  "tests",   "import",   "export.csv",
                                                 "assets",    "status",  "services", "metrics",
                                                 "heartbeat", "gateway", "api"};
constexpr std::array<std::string_view, 9> not_to_be_ruled{"host",       "content-length", "transfer-encoding",
                                                          "connection", "upgrade",        "trailer",
                                                          "te",         "keep-alive",     "expect"};

bool is_token(std::string_view text) noexcept {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return ascii::is_alnum(c) || c == '-'; });
}

bool is_value(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= ' ' && byte != 0x7f;
    });
}

bool is_path(std::string_view path) noexcept {
    if (path.size() < 2 || path.front() != '/' || path.back() == '/') return false;
    if (path.find("..") != path.npos || path.find("//") != path.npos) return false;
    return std::all_of(path.begin(), path.end(), [](char c) {
        return is_token(std::string_view(&c, 1)) ||
               std::string_view("/._~").find(c) != std::string_view::npos;
    });
}

bool is_cookie_name(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c < 0x7f && std::string_view(";,=\"").find(c) == std::string_view::npos;
    });
}

// A misspelt field would be passed over, and the route lead somewhere else than its writer meant.
template <class T>
std::string stranger_in(const json::value& v, const std::string& where = {}) {
    if (!v.is_object()) return {};
    for (const auto& member : v.get_object()) {
        bool is_known = false;
        boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>(
            [&](auto d) { is_known = is_known || same_field_name(member.key(), d.name); });
        if (!is_known) return where + std::string(member.key()) + ": unknown field";
    }
    return {};
}

std::string stranger_in_route(const json::value& v) {
    auto fault = stranger_in<written_route>(v);
    for (const auto* rules : {"request_headers", "response_headers"}) {
        if (!fault.empty() || !v.is_object()) break;
        if (const auto* found = find_field(v.get_object(), rules))
            fault = stranger_in<written_rules>(*found, std::string(rules) + '.');
    }
    return fault;
}

std::string_view first_segment(std::string_view prefix) noexcept {
    return prefix.empty() ? prefix : prefix.substr(1, prefix.find('/', 1) - 1);
}

// A sentence on the first thing that is wrong, or nothing.
std::string fault_in(const written_rules& rules, const std::string& where) {
    auto names = rules.remove;
    for (const auto& [name, value] : rules.set) names.push_back(name);
    for (const auto& [name, value] : rules.add) names.push_back(name);
    for (const auto& name : names) {
        if (!is_token(name)) return where + ": '" + name + "' is no name of a header field";
        const bool is_ours = std::any_of(not_to_be_ruled.begin(), not_to_be_ruled.end(),
                                         [&](auto n) { return http::equal_ignoring_case(n, name); });
        if (is_ours) return where + ": " + name + " is a connection field that rules cannot change";
    }
    for (const auto* values : {&rules.set, &rules.add})
        for (const auto& [name, value] : *values)
            if (!is_value(value)) return where + ": the value of " + name + " contains a control character";
    return {};
}

std::string fault_in(const written_route& r) {
    if (r.service.empty()) return "service: expected the name of a service, found nothing";
    if (!is_path(r.prefix) && (!r.prefix.empty() || r.host.empty()))
        return "prefix: expected a path such as \"/shop\" without a slash at its end, found \"" + r.prefix +
               "\"";
    const auto first = first_segment(r.prefix);
    if (std::find(taken.begin(), taken.end(), first) != taken.end())
        return "prefix: /" + std::string(first) + " is the portal's own";
    if (!r.add_prefix.empty() && !is_path(r.add_prefix))
        return "add_prefix: expected a path such as \"/v1\", found \"" + r.add_prefix + "\"";
    if (!r.host.empty() && (!http::is_valid_host(r.host) || r.host.find_first_of(":*") != r.host.npos))
        return "host: expected a host name without a port or wildcard, found \"" + r.host + "\"";
    for (const auto& [version, share] : r.versions)
        if (share < 0 || share > 1'000'000)
            return "versions." + version + ": expected 0 to 1000000, found " + std::to_string(share);
    const auto is_for_some = [](const auto& share) { return share.second > 0; };
    if (!r.versions.empty() && std::none_of(r.versions.begin(), r.versions.end(), is_for_some))
        return "versions: expected at least one share above 0";
    if (!r.hash_header.empty() && !is_token(r.hash_header))
        return "hash_header: '" + r.hash_header + "' is no name of a header field";
    if (!is_cookie_name(r.hash_cookie)) return "hash_cookie: '" + r.hash_cookie + "' is no name of a cookie";
    if (!r.hash_header.empty() && !r.hash_cookie.empty())
        return "hash_header and hash_cookie: one of the two, not both";
    if (auto fault = fault_in(r.request_headers, "request_headers"); !fault.empty()) return fault;
    return fault_in(r.response_headers, "response_headers");
}

http::field_rules rules_of(const written_rules& w) {
    return {w.remove, {w.set.begin(), w.set.end()}, {w.add.begin(), w.add.end()}};
}

gateway_route route_of(const std::string& name, written_route w) {
    gateway_route r;
    r.name = name;
    r.service = std::move(w.service);
    r.host = ascii::lowered(std::move(w.host));
    r.prefix = std::move(w.prefix);
    r.strip_prefix = w.strip_prefix;
    r.add_prefix = std::move(w.add_prefix);
    r.versions = std::move(w.versions);
    r.hash_header = std::move(w.hash_header);
    r.hash_cookie = std::move(w.hash_cookie);
    r.request_headers = rules_of(w.request_headers);
    r.response_headers = rules_of(w.response_headers);
    r.allow_get_bodies = w.allow_get_bodies;
    r.allow_cross_site = w.allow_cross_site;
    return r;
}

std::optional<gateway_route> read_route(const std::string& name, const std::string& text,
                                        std::string& fault) {
    json_error error;
    const auto value = parse_json(text, error);
    auto written = value ? from_json<written_route>(*value, error) : std::nullopt;
    fault = error.text;
    if (written) fault = stranger_in_route(*value);
    if (written && fault.empty()) fault = fault_in(*written);
    return fault.empty() ? std::optional(route_of(name, *std::move(written))) : std::nullopt;
}

bool is_same_place(const gateway_route& a, const gateway_route& b) noexcept {
    return a.prefix == b.prefix && a.host == b.host;
}

constexpr std::string_view as_before = "; the previous version of the route stays in use";

bool is_below(std::string_view path, std::string_view prefix) noexcept {
    return path.starts_with(prefix) &&
           (prefix.empty() || path.size() == prefix.size() || path[prefix.size()] == '/');
}

// By its name in a registration, or one that every machine has for itself.
bool is_own_host(std::string_view host, std::string_view own_host) noexcept {
    return http::equal_ignoring_case(host, own_host) || host == "localhost" || host.starts_with("127.") ||
           host == "[::1]";
}

}  // namespace

const gateway_route* route_table::called(std::string_view name) const noexcept {
    const auto is_it = [name](const auto& r) { return r.name == name; };
    const auto it = std::find_if(routes_.begin(), routes_.end(), is_it);
    return it == routes_.end() ? nullptr : &*it;
}

const gateway_route* route_table::at_place_of(const gateway_route& r) const noexcept {
    const auto is_it = [&r](const auto& other) { return is_same_place(other, r); };
    const auto it = std::find_if(routes_.begin(), routes_.end(), is_it);
    return it == routes_.end() ? nullptr : &*it;
}

void route_table::note(const std::string& name, const std::string& fault) {
    errors_.push_back({"gateway/routes/" + name, fault});
}

// Takes the route, or says whose place it wants; then its former self stays, where that is still free.
void route_table::add(gateway_route r, const gateway_route* former) {
    const auto* holder = at_place_of(r);
    if (!holder) return routes_.push_back(std::move(r));
    auto fault = "prefix and host conflict with the route " + holder->name + ", which stays";
    const bool stays = former && !is_same_place(*former, r) && !at_place_of(*former);
    if (stays) fault += as_before;
    note(r.name, fault);
    if (stays) routes_.push_back(*former);
}

std::shared_ptr<const route_table> route_table::from(const std::map<std::string, std::string>& values,
                                                     const route_table& before, std::string_view own_host) {
    auto table = std::make_shared<route_table>();
    std::vector<gateway_route> newcomers;
    for (const auto& [name, text] : values) {
        std::string fault;
        auto r = read_route(name, text, fault);
        if (r && r->prefix.empty() && is_own_host(r->host, own_host)) {
            fault = "host: registries find the portal at " + r->host + "; a route there needs a prefix";
            r.reset();
        }
        const auto* former = before.called(name);
        if (!r && former) {
            r = *former;
            fault += as_before;
        }
        if (!fault.empty()) table->note(name, fault);
        // A route keeps its place, whatever the names of others that want the same.
        if (r) (former && is_same_place(*former, *r) ? table->routes_ : newcomers).push_back(*std::move(r));
    }
    for (auto& r : newcomers) {
        const auto* former = before.called(r.name);
        table->add(std::move(r), former);
    }
    std::sort(table->routes_.begin(), table->routes_.end(), [](const auto& a, const auto& b) {
        if (a.host.empty() != b.host.empty()) return b.host.empty();
        if (a.prefix.size() != b.prefix.size()) return a.prefix.size() > b.prefix.size();
        return a.name < b.name;
    });
    return table;
}

bool route_table::takes_host(std::string_view host) const noexcept {
    host = http::without_port(host);
    return std::ranges::any_of(routes_, [host](const auto& r) {
        return r.prefix.empty() && http::equal_ignoring_case(r.host, host);
    });
}

bool route_table::takes_hosts() const noexcept {
    return std::ranges::any_of(routes_, [](const auto& r) { return r.prefix.empty(); });
}

bool route_table::names_host(std::string_view host) const noexcept {
    host = http::without_port(host);
    return std::ranges::any_of(routes_,
                               [host](const auto& r) { return http::equal_ignoring_case(r.host, host); });
}

std::optional<matched_route> route_table::match(std::string_view host, std::string_view path,
                                                std::string_view target) const {
    host = http::without_port(host);
    for (const auto& r : routes_) {
        if (!is_below(path, r.prefix)) continue;
        if (!r.host.empty() && !http::equal_ignoring_case(r.host, host)) continue;
        matched_route found{&r, r.add_prefix};
        auto rest = target.substr(r.strip_prefix ? r.prefix.size() : 0);
        if (rest.empty() || rest.front() != '/') found.target += '/';
        found.target += rest;
        return found;
    }
    return std::nullopt;
}

}  // namespace distd::gateway_routes
