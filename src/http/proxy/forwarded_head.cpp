#include "http/proxy/forwarded_head.hpp"

#include <algorithm>
#include <array>

#include "http/message/cookie.hpp"
#include "http/message/field_text.hpp"
#include "http/message/joined_header.hpp"
#include "http/message/request_origin.hpp"

namespace distd::http {
namespace {

enum class kind : std::uint8_t {
    end_to_end,
    of_connection,  // never passed on
    framing,        // ours to write
    guarded,        // passed on, whatever Connection says
    of_forwarding,  // ours, or a trusted proxy's
    ours,           // written by us from what we know
    location,       // of an answer: may lead to an address that only we can reach
    set_cookie,     // of an answer: may set a cookie of ours
};

struct known_field {
    std::string_view name;
    kind what;
};

constexpr std::array<known_field, 34> known_fields{{
    {"connection", kind::of_connection},
    {"keep-alive", kind::of_connection},
    {"te", kind::of_connection},
    {"trailer", kind::of_connection},
    {"upgrade", kind::of_connection},
    {"http2-settings", kind::of_connection},
    {"expect", kind::of_connection},
    {"transfer-encoding", kind::framing},
    {"content-length", kind::framing},
    {"host", kind::ours},
    {"via", kind::ours},
    {"x-request-id", kind::ours},
    {"traceparent", kind::ours},
    {"authorization", kind::guarded},
    {"cookie", kind::guarded},
    {"tracestate", kind::guarded},
    {"forwarded", kind::of_forwarding},
    {"x-forwarded", kind::of_forwarding},
    {"x-forwarded-for", kind::of_forwarding},
    {"x-forwarded-host", kind::of_forwarding},
    {"x-forwarded-proto", kind::of_forwarding},
    {"x-forwarded-port", kind::of_forwarding},
    {"x-forwarded-prefix", kind::of_forwarding},
    // Names that makers of proxies gave; more are known by their ends, see says_who_asks.
    {"cf-connecting-ipv6", kind::of_forwarding},
    {"front-end-https", kind::of_forwarding},
    {"x-azure-clientip", kind::of_forwarding},
    {"x-azure-socketip", kind::of_forwarding},
    {"x-envoy-external-address", kind::of_forwarding},
    {"x-host", kind::of_forwarding},
    {"x-original-host", kind::of_forwarding},
    {"x-scheme", kind::of_forwarding},
    {"x-url-scheme", kind::of_forwarding},
    {"location", kind::location},
    {"set-cookie", kind::set_cookie},
}};

constexpr std::string_view forwarded_prefix = "x-forwarded-";
constexpr std::string_view prefix_name = "X-Forwarded-Prefix";

// `Proxy` itself is no field of HTTP at all, but scripts take it for the setting HTTP_PROXY.
bool is_for_proxies(std::string_view name) noexcept {
    constexpr std::string_view word = "proxy";
    return name.size() >= word.size() && (name.size() == word.size() || name[word.size()] == '-') &&
           equal_ignoring_case(name.substr(0, word.size()), word);
}

// X-Real-IP, True-Client-IP, CF-Connecting-IP, Fastly-Client-IP, X-Original-Forwarded-For and whatever else
// proxies call the address, or the name, of who asks: makers put names of their own in front.
constexpr std::array<std::string_view, 9> ends_of_claims{
    "client-ip", "connecting-ip", "originating-ip", "real-ip",     "remote-ip",
    "user-ip",   "forwarded-for", "remote-addr",    "remote-user",
};

bool says_who_asks(std::string_view name) noexcept {
    const auto last = name.empty() ? ' ' : static_cast<char>(name.back() | 0x20);
    if (last != 'p' && last != 'r') return false;  // as most
    return std::ranges::any_of(ends_of_claims, [&](std::string_view end) {
        return name.size() >= end.size() && equal_ignoring_case(name.substr(name.size() - end.size()), end);
    });
}

// The first letters of the known fields of each length, a bit for each: most fields of most heads are none.
constexpr auto first_letters = [] {
    std::array<std::uint32_t, 32> by_length{};
    for (const auto& f : known_fields) by_length[f.name.size()] |= 1U << (f.name.front() - 'a');
    return by_length;
}();

bool may_be_known(std::string_view name) noexcept {
    if (name.size() >= first_letters.size() || first_letters[name.size()] == 0) return false;
    const auto letter = static_cast<unsigned>((name.front() | 0x20) - 'a');
    return letter < 26 && (first_letters[name.size()] >> letter & 1U) != 0;
}

kind kind_of(std::string_view name) noexcept {
    if (may_be_known(name))
        for (const auto& f : known_fields)
            if (equal_ignoring_case(f.name, name)) return f.what;
    if (name.size() > forwarded_prefix.size() &&
        equal_ignoring_case(name.substr(0, forwarded_prefix.size()), forwarded_prefix))
        return kind::of_forwarding;
    if (says_who_asks(name)) return kind::of_forwarding;
    return is_for_proxies(name) ? kind::of_connection : kind::end_to_end;
}

// What a head says that decides about its other fields.
struct connection_options {
    std::string connection;
    std::string via;
    bool names_none = true;  // of the fields

    explicit connection_options(const std::vector<head_field>& fields)
        : connection(joined_header(fields, "connection").value_or("")),
          via(joined_header(fields, "via").value_or("")) {
        names_none = connection.empty() || equal_ignoring_case(connection, "keep-alive") ||
                     equal_ignoring_case(connection, "close");
    }
    [[nodiscard]] bool names(std::string_view field) const noexcept {
        return !names_none && list_has_token(connection, field);
    }
};

void append_rules(std::string& out, const field_rules* rules) {
    if (!rules) return;
    for (const auto& [name, value] : rules->set) append_field(out, name, value);
    for (const auto& [name, value] : rules->add) append_field(out, name, value);
}

// What we write by ourselves, unless the route's rules have a word about it.
bool is_set_by_gateway(const field_rules* rules, std::string_view name) noexcept {
    return !rules || !rules->drops(name);
}

void append_via(std::string& out, std::string_view before, const field_rules* rules) {
    if (!is_set_by_gateway(rules, "Via")) return;
    out.append("Via: ");
    if (!before.empty()) out.append(before).append(", ");
    out.append("1.1 ").append(via_name).append("\r\n");
}

// Whether what a Set-Cookie field holds becomes a cookie by such a name. Browsers skip blanks, and of one
// without a name, `=distd_x=1`, they send the value alone.
bool sets_own(std::string_view value, std::string_view own_cookies) noexcept {
    value.remove_prefix(std::min(value.find_first_not_of(" \t="), value.size()));
    return !own_cookies.empty() && value.starts_with(own_cookies);
}

// The cookies of a field without those whose names begin with `but`.
void append_cookies(std::string& out, std::string_view name, std::string_view cookies, std::string_view but) {
    const auto begin = out.size();
    out.append(name).append(": ");
    const auto empty = out.size();
    while (const auto one = take_cookie(cookies)) {
        if (one->text.starts_with(but)) continue;
        if (out.size() > empty) out.append("; ");
        out.append(one->text);
    }
    if (out.size() == empty)
        out.resize(begin);
    else
        out.append("\r\n");
}

// What was taken off the path, behind what a proxy in front took off.
void append_prefix(std::string& out, const exchange& x, const request_forwarding& how) {
    if (how.prefix.empty() || !is_set_by_gateway(how.rules, prefix_name)) return;
    out.append(prefix_name).append(": ");
    if (how.trusts_peer) {
        auto before = x.head.find(prefix_name);
        while (before.ends_with('/')) before.remove_suffix(1);
        out.append(before);
    }
    out.append(how.prefix).append("\r\n");
}

// X-Forwarded-For, -Host and -Proto, and the same as RFC 7239 has it.
void append_who_asked(std::string& out, const exchange& x, const request_forwarding& how) {
    const auto& fields = x.head.fields;
    const auto host = x.head.find("Host");
    const auto is_ours = [&](std::string_view name) {
        return is_set_by_gateway(how.rules, name) && !(how.trusts_peer && !x.head.find(name).empty());
    };
    const auto begin_list = [&](std::string_view name) {
        out.append(name).append(": ");
        if (!how.trusts_peer) return;
        const auto before = joined_header(fields, name).value_or("");
        if (!before.empty()) out.append(before).append(", ");
    };
    if (is_set_by_gateway(how.rules, "X-Forwarded-For")) {
        begin_list("X-Forwarded-For");
        out.append(x.remote).append("\r\n");
    }
    if (!host.empty() && is_ours("X-Forwarded-Host")) append_field(out, "X-Forwarded-Host", host);
    const std::string_view scheme = x.is_encrypted ? "https" : "http";
    if (is_ours("X-Forwarded-Proto")) append_field(out, "X-Forwarded-Proto", scheme);
    append_prefix(out, x, how);
    if (!is_set_by_gateway(how.rules, "Forwarded")) return;
    begin_list("Forwarded");
    const bool is_v6 = x.remote.find(':') != std::string_view::npos;
    out.append(is_v6 ? "for=\"[" : "for=").append(x.remote).append(is_v6 ? "]\"" : "");
    if (!host.empty()) out.append(";host=\"").append(host).append("\"");
    out.append(";proto=").append(scheme).append("\r\n");
}

// Whether the client's trace goes on here; what it says of a trace that we began ourselves means nothing.
bool is_same_trace(const exchange& x) noexcept {
    const auto parent = x.head.find("traceparent");
    return parent.size() > 35 && parent.substr(3, 32) == x.trace();
}

void append_identity(std::string& out, const exchange& x, const field_rules* rules) {
    if (is_set_by_gateway(rules, "X-Request-Id")) append_field(out, "X-Request-Id", x.request_id());
    if (!is_set_by_gateway(rules, "traceparent")) return;
    out.append("traceparent: ");
    append_traceparent(out, x.trace(), x.span(), x.sampled);
    out.append("\r\n");
}

void append_framing(std::string& out, const exchange& x) {
    if (x.head.chunked) {
        out.append("Transfer-Encoding: chunked\r\n");
    } else if (x.head.content_length) {
        append_field(out, "Content-Length", std::to_string(*x.head.content_length));
    }
}

// What follows the front in text, if it begins with that.
bool take_front(std::string_view& text, std::string_view front) noexcept {
    if (!text.starts_with(front)) return false;
    text.remove_prefix(front.size());
    return true;
}

// An absolute URL of the instance that its clients can reach through us becomes the path that they know it
// by; everything else stays as it is.
void append_location(std::string& out, std::string_view name, std::string_view url,
                     const location_mapping& at) {
    const auto scheme = at.scheme;
    auto rest = url;
    const bool is_at_instance =
        equal_ignoring_case(rest.substr(0, scheme.size()), scheme) &&
        equal_ignoring_case(rest.substr(scheme.size()).substr(0, at.authority.size()), at.authority);
    if (is_at_instance) rest.remove_prefix(scheme.size() + at.authority.size());
    const bool is_inside =
        is_at_instance && std::ranges::all_of(at.inside, [&](auto part) { return take_front(rest, part); });
    if (!is_inside || !(rest.empty() || std::string_view("/?#").find(rest.front()) != rest.npos))
        return append_field(out, name, url);
    const bool is_bare = at.outside.empty() && !rest.starts_with('/');
    out.append(name).append(": ").append(at.outside).append(is_bare ? "/" : "").append(rest).append("\r\n");
}

}  // namespace

bool field_rules::drops(std::string_view name) const noexcept {
    return std::any_of(remove.begin(), remove.end(),
                       [&](const auto& n) { return equal_ignoring_case(n, name); }) ||
           std::any_of(set.begin(), set.end(),
                       [&](const auto& rule) { return equal_ignoring_case(rule.first, name); });
}

bool wants_websocket(const request_head& head) noexcept {
    return head.method == verb::get && !head.http_1_0 && !head.has_body() &&
           equal_ignoring_case(head.find("Upgrade"), "websocket") &&
           list_has_token(joined_header(head.fields, "connection").value_or(""), "upgrade");
}

void append_forwarded_request(std::string& out, const exchange& x, const request_forwarding& how) {
    const connection_options options(x.head.fields);
    out.append(x.head.method_text).append(" ").append(how.target).append(" HTTP/1.1\r\n");
    append_field(out, "Host", how.authority);
    for (const auto& f : x.head.fields) {
        const auto what = kind_of(f.name);
        if (what == kind::of_connection || what == kind::framing || what == kind::ours) continue;
        if (what == kind::of_forwarding) {
            // A trusted proxy's word stays, unless we write that field ourselves.
            if (!how.trusts_peer || equal_ignoring_case(f.name, "forwarded") ||
                equal_ignoring_case(f.name, "x-forwarded-for") ||
                (!how.prefix.empty() && equal_ignoring_case(f.name, prefix_name)))
                continue;
        }
        if (what == kind::end_to_end && options.names(f.name)) continue;
        if (how.rules && how.rules->drops(f.name)) continue;
        if (what == kind::guarded && how.keeps_authorization && equal_ignoring_case(f.name, "authorization"))
            continue;
        if (what == kind::guarded && equal_ignoring_case(f.name, "tracestate") && !is_same_trace(x)) continue;
        const bool is_cookie = what == kind::guarded && equal_ignoring_case(f.name, "cookie");
        if (is_cookie && !how.own_cookies.empty() && f.value.find(how.own_cookies) != f.value.npos)
            append_cookies(out, f.name, f.value, how.own_cookies);
        else
            append_field(out, f.name, f.value);
    }
    if (!how.authorization.empty()) append_field(out, "Authorization", how.authorization);
    append_framing(out, x);
    append_who_asked(out, x, how);
    append_via(out, options.via, how.rules);
    append_identity(out, x, how.rules);
    append_rules(out, how.rules);
    if (how.is_upgrade) out.append("Connection: upgrade\r\nUpgrade: websocket\r\n");
    out.append("\r\n");
}

void append_forwarded_answer(std::string& out, const std::vector<head_field>& fields,
                             const field_rules* rules, const answer_forwarding& ours) {
    const connection_options options(fields);
    bool is_dated = ours.is_upgrade || !is_set_by_gateway(rules, "Date");
    for (const auto& f : fields) {
        const auto what = kind_of(f.name);
        is_dated = is_dated || equal_ignoring_case(f.name, "Date");
        if (what == kind::of_connection || what == kind::framing) continue;
        if (what == kind::ours && !equal_ignoring_case(f.name, "traceparent")) continue;
        const bool may_be_named = what == kind::end_to_end || what == kind::set_cookie;
        if (may_be_named && options.names(f.name)) continue;
        if (rules && rules->drops(f.name)) continue;
        if (what == kind::set_cookie && sets_own(f.value, ours.own_cookies)) continue;
        if (what == kind::location && ours.place)
            append_location(out, f.name, f.value, *ours.place);
        else
            append_field(out, f.name, f.value);
    }
    append_via(out, options.via, rules);
    if (is_set_by_gateway(rules, "X-Request-Id")) append_field(out, "X-Request-Id", ours.request_id);
    if (!is_dated) append_field(out, "Date", ours.date);
    append_rules(out, rules);
    if (ours.is_upgrade) out.append("Upgrade: websocket\r\n");
}

}  // namespace distd::http
