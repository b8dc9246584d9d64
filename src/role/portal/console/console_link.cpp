#include "role/portal/console/console_link.hpp"

#include <algorithm>

#include "base/settings/options.hpp"
#include "http/message/url.hpp"
#include "sdk/process/service_addresses.hpp"

namespace distd::portal {
namespace {

constexpr auto setting_name = "portal-console-url";

// A proxy on this machine says by one of these that its client may be elsewhere.
constexpr const char* proxy_fields[]{"Via", "Forwarded", "X-Forwarded-For"};

template <class Find>
bool is_direct(const Find& field) {
    return std::ranges::all_of(proxy_fields, [&](const char* name) { return field(name).empty(); });
}

}  // namespace

request_reference console_link::of(const http::exchange& x) const {
    const auto field = [&](const char* name) { return x.head.find(name); };
    return make(x.request_id(), is_loopback(std::string(x.remote)) && is_direct(field));
}

request_reference console_link::of(const http::request& q) const {
    const auto field = [&](const char* name) { return q.header(name); };
    return make(q.id(), is_loopback(std::string(q.remote_address())) && is_direct(field));
}

request_reference console_link::make(std::string_view id, bool is_on_this_machine) const {
    request_reference r{std::string(id)};
    auto base = set_by_operator_;
    if (base.empty() && is_on_this_machine) base = on_this_machine_();
    if (!base.empty() && !id.empty()) r.console_href = base + "/requests/" + http::percent_encode(id);
    return r;
}

setting console_url_setting() {
    return {
        .name = setting_name,
        .fallback = "",
        .help =
            "The console's address as visitors reach it: error pages lead there; without it only those of "
            "visitors on this machine do, to a console on it",
        .placeholder = "URL"};
}

std::string console_url_in(const settings& s) {
    const auto& text = s.text(setting_name);
    if (text.empty()) return {};
    try {
        return parse_url(text);
    } catch (const settings_error& e) {
        throw settings_error("--" + std::string(setting_name) + "=" + text + ": " + e.what());
    }
}

}  // namespace distd::portal
