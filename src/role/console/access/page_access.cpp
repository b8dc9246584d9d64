#include "role/console/access/page_access.hpp"

#include <utility>

#include "base/random.hpp"
#include "http/access/access_control.hpp"
#include "http/message/auth_scheme.hpp"
#include "http/message/cookie.hpp"
#include "http/message/request_origin.hpp"
#include "http/message/url.hpp"
#include "ops/model/words.hpp"
#include "sdk/role_services.hpp"

namespace distd::ops::console {
namespace {

constexpr std::size_t max_name = 64;  // characters

}  // namespace

page_access::page_access(service& s) : service_(s), csrf_token_(random_hex(32)) {}

bool page_access::asks_for_tokens() const {
    const auto& tokens = credentials_of(service_);
    return tokens && tokens->is_required();
}

// Proofs are for calls from process to process: what people and tools show is a token itself.
bool page_access::is_token(std::string_view authorization) const {
    if (!http::has_scheme(authorization, "Bearer") && !http::has_scheme(authorization, "Basic")) return false;
    const auto& tokens = credentials_of(service_);
    return tokens->judge(authorization, {}, {}, {}, {}).is_granted;
}

bool page_access::admits(const http::request& q) {
    if (!asks_for_tokens()) return true;
    if (sessions_.name_of(http::cookie_value(q.header("Cookie"), session_cookie), service_.time().now()))
        return true;
    return is_token(q.header("Authorization"));
}

std::string page_access::csrf_fault(const http::request& q) const {
    if (!asks_for_tokens() && http::is_through_gateway(q))
        return "This came through a gateway, so nothing was changed: that needs an access token.";
    if (!http::is_from_same_origin(q))
        return "This was not sent by a page of the console, so nothing was changed.";
    if (q.form("form") != csrf_token_)
        return "The page that this was sent from is too old: the console has been restarted since. "
               "Nothing was changed; load the page again.";
    return {};
}

std::string page_access::name_of(const http::request& q) {
    const auto cookies = q.header("Cookie");
    const auto* const signed_in =
        sessions_.name_of(http::cookie_value(cookies, session_cookie), service_.time().now());
    if (signed_in && !signed_in->empty()) return *signed_in;
    return one_line(http::percent_decode(http::cookie_value(cookies, name_cookie)).value_or(""), max_name);
}

std::string page_access::actor(const http::request& q) {
    auto name = one_line(q.form("who").value_or(""), max_name);
    if (name.empty()) name = name_of(q);
    return name.empty() ? "console at " + q.remote_address() : name;
}

std::string page_access::remember_name(const std::string& name) {
    return std::string(name_cookie) + "=" + http::percent_encode(one_line(name, max_name)) +
           "; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000";
}

std::string page_access::begin_session(std::string name) {
    const auto id = sessions_.begin(one_line(name, max_name), service_.time().now());
    return std::string(session_cookie) + "=" + id + "; Path=/; HttpOnly; SameSite=Strict";
}

std::optional<std::string> page_access::sign_in(const std::string& token, std::string name) {
    if (!is_token("Bearer " + token)) return std::nullopt;
    return begin_session(std::move(name));
}

std::optional<std::string> page_access::sign_in_by_link(std::string_view secret) {
    auto name = sessions_.take_link(secret, service_.time().now());
    if (!name) return std::nullopt;
    return begin_session(*std::move(name));
}

std::string page_access::make_link(std::string name, milliseconds age) {
    return "/?t=" + sessions_.make_link(std::move(name), age, service_.time().now());
}

}  // namespace distd::ops::console
