#include "role/registry/alerts/alert_settings.hpp"

#include <algorithm>
#include <distd/json.hpp>
#include <map>

#include "base/ascii.hpp"
#include "base/settings/options_values.hpp"
#include "http/message/address_filter.hpp"
#include "http/message/client_request.hpp"
#include "role/registry/alerts/alert_text.hpp"
#include "wire/rules.hpp"

namespace distd::registry {
namespace {

constexpr std::size_t max_name = 64;
constexpr std::size_t max_services = 256;
constexpr std::size_t max_headers = 16;
constexpr std::size_t max_header_bytes = 4096;  // of all of them
constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t day_ms = 24 * 60 * minute_ms;

struct written_alert {
    std::string url;
    std::vector<std::string> on{"lost", "back", "missing", "guard"};
    std::vector<std::string> services{"*"};
    std::string after = "30s";
    std::string again = "1h";
    std::string method = "POST";
    std::map<std::string, std::string> headers;
};
BOOST_DESCRIBE_STRUCT(written_alert, (), (url, on, services, after, again, method, headers))

// A misspelt member would be passed over, and the alert do something else than its writer meant.
std::string stranger_in(const json::object& o) {
    for (const auto& member : o) {
        bool is_known = same_field_name(member.key(), "body");
        boost::mp11::mp_for_each<
            boost::describe::describe_members<written_alert, boost::describe::mod_public>>(
            [&](auto d) { is_known = is_known || same_field_name(member.key(), d.name); });
        if (!is_known)
            return printable(std::string(member.key())) +
                   ": unknown field; expected one of url, on, services, after, again, method, headers, body";
    }
    return {};
}

std::string fault_in_url(const std::string& text) {
    if (text.empty()) return "url: expected an address such as \"http://HOST:PORT/PATH\", found nothing";
    std::string error;
    const auto where = http::split_url(text, error);
    if (!where) return "url: " + error;
    boost::system::error_code ec;
    const auto literal = boost::asio::ip::make_address(where->host, ec);
    if (ec || may_be_sent_alerts(literal)) return {};
    return "url: " + literal.to_string() + " is an address that no alert is sent to; expected that of a host";
}

std::string read_kinds(const std::vector<std::string>& words, alert_settings& out) {
    out.on = {};
    for (const auto& word : words) {
        const auto kind = to_alert_kind(word);
        if (!kind || *kind == alert_kind::test)
            return "on: expected some of lost, back, missing, guard, found \"" + printable(word) + "\"";
        out.on[static_cast<std::size_t>(*kind)] = true;
    }
    return words.empty() ? "on: expected at least one of lost, back, missing, guard, found none" : "";
}

std::string fault_in_services(const std::vector<std::string>& names) {
    if (names.empty() || names.size() > max_services)
        return "services: expected 1 to " + std::to_string(max_services) +
               " names, or [\"*\"] for all, found " + std::to_string(names.size());
    for (const auto& name : names)
        if (name.empty() || name.size() > wire::max_name)
            return "services: expected names of 1 to " + std::to_string(wire::max_name) + " bytes, found " +
                   std::to_string(name.size()) + " bytes";
    return {};
}

std::string read_span(const char* member, const std::string& text, std::int64_t min, std::int64_t max,
                      milliseconds& out) {
    try {
        const auto ms = read_duration(text);
        out = milliseconds(ms);
        if (ms <= max && (ms >= min || ms == 0)) return {};
        return std::string(member) + ": expected " + (min > 0 ? "0s, or " : "") + duration_text(min) +
               " to " + duration_text(max) + ", found \"" + printable(text) + "\"";
    } catch (const settings_error& wrong) {
        return std::string(member) + ": it " + wrong.what() + ", found \"" + printable(text) + "\"";
    }
}

// Of a value, its name alone: it may be a secret.
std::string fault_in_headers(const std::map<std::string, std::string>& headers) {
    std::size_t bytes = 0;
    for (const auto& [name, value] : headers) {
        bytes += name.size() + value.size();
        http::call one("POST", "");
        one.headers.add(name, value);
        if (!http::chosen_fields_of(one))
            return "headers." + printable(name) +
                   ": expected a field that requests may choose, on one line, found another";
    }
    if (headers.size() <= max_headers && bytes <= max_header_bytes) return {};
    return "headers: expected at most " + std::to_string(max_headers) + " fields of together " +
           std::to_string(max_header_bytes) + " bytes, found " + std::to_string(headers.size()) + " of " +
           std::to_string(bytes);
}

std::string fault_in_method(const std::string& method) {
    if (method == "POST" || method == "PUT") return {};
    return "method: expected POST or PUT, found \"" + printable(method) + "\"";
}

// A string, or JSON in whose strings the placeholders stand.
std::string read_body(const json::object& o, alert_settings& out) {
    const auto* const found = find_field(o, "body");
    out.body = default_alert_body;
    if (found && found->is_string())
        out.body = std::string(found->get_string());
    else if (found && (found->is_object() || found->is_array()))
        out.body = to_text(*found);
    else if (found && !found->is_null())
        return "body: expected a string or an object, found neither";
    const auto type = std::ranges::find_if(
        out.headers, [](const auto& h) { return ascii::equal_ignoring_case(h.first, "Content-Type"); });
    if (type != out.headers.end())
        out.is_json = ascii::lowered(type->second).find("json") != std::string::npos;
    else
        out.is_json = (out.body.starts_with('{') && !out.body.starts_with("{{")) || out.body.starts_with('[');
    auto fault = fault_in_alert_body(out.body, out.is_json);
    return fault.empty() ? fault : "body: " + fault;
}

std::string read_members(written_alert w, alert_settings& out) {
    out.url = std::move(w.url);
    out.services = std::move(w.services);
    out.method = std::move(w.method);
    auto fault = fault_in_url(out.url);
    if (fault.empty()) fault = read_kinds(w.on, out);
    if (fault.empty()) fault = fault_in_services(out.services);
    if (fault.empty()) fault = read_span("after", w.after, 0, day_ms, out.after);
    if (fault.empty()) fault = read_span("again", w.again, minute_ms, 30 * day_ms, out.again);
    if (fault.empty()) fault = fault_in_method(out.method);
    if (fault.empty()) fault = fault_in_headers(w.headers);
    out.headers.assign(w.headers.begin(), w.headers.end());
    return fault;
}

// Whether `text` is what `pattern` stands for. A star gives back what it took, one byte at a time.
bool matches(std::string_view pattern, std::string_view text) noexcept {
    auto star = std::string_view::npos;
    std::size_t taken = 0;
    std::size_t p = 0;
    std::size_t t = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            taken = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++taken;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

}  // namespace

bool alert_settings::names(std::string_view service) const noexcept {
    return std::ranges::any_of(services, [service](const auto& p) { return matches(p, service); });
}

std::optional<alert_settings> read_alert(std::string_view value, std::string& fault) {
    json_error error;
    const auto parsed = parse_json(value, error);
    auto written = parsed ? from_json<written_alert>(*parsed, error) : std::nullopt;
    fault = error.text;
    if (!written) return std::nullopt;
    alert_settings out;
    fault = stranger_in(parsed->get_object());
    if (fault.empty()) fault = read_members(*std::move(written), out);
    if (fault.empty()) fault = read_body(parsed->get_object(), out);
    return fault.empty() ? std::optional(std::move(out)) : std::nullopt;
}

std::string fault_in_alert_name(std::string_view name) {
    const auto is_right = [](char c) { return ascii::is_alnum(c) || c == '-' || c == '_' || c == '.'; };
    if (!name.empty() && name.size() <= max_name && std::ranges::all_of(name, is_right)) return {};
    return "the name of an alert is one part of 1 to " + std::to_string(max_name) +
           " letters, digits, dots, dashes and underscores, as in alerts/ops";
}

bool may_be_sent_alerts(const boost::asio::ip::address& a) {
    static const auto anywhere = [] {
        std::string error;
        return *http::address_filter::parse({"any"}, error);
    }();
    return anywhere.allows(a);
}

std::string shown_url(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos) return "…";
    const auto end = url.find_first_of("/?#", scheme + 3);
    if (end == std::string_view::npos || end + 1 == url.size()) return std::string(url);
    return std::string(url.substr(0, end)) + "/…";
}

}  // namespace distd::registry
