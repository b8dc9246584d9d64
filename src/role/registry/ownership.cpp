#include "role/registry/ownership.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "base/random.hpp"
#include "http/message/local_addresses.hpp"
#include "http/message/url.hpp"
#include "wire/owner_secret.hpp"

namespace distd::registry {
namespace {

namespace ip = boost::asio::ip;

constexpr milliseconds patience_with_instance{400};
constexpr const char* exposing_tag = "gateway";

std::optional<ip::address> address_of(std::string_view text) {
    boost::system::error_code ec;
    auto a = ip::make_address(text, ec);
    if (ec) return std::nullopt;
    if (a.is_v6() && a.to_v6().is_v4_mapped()) a = ip::make_address_v4(ip::v4_mapped, a.to_v6());
    return a;
}

bool is_same_machine(const std::string& a, const std::string& b) {
    if (a == b) return true;
    const auto first = address_of(a);
    const auto second = address_of(b);
    if (!first || !second) return false;
    if (*first == *second || (first->is_loopback() && second->is_loopback())) return true;
    const http::local_addresses here;
    return here.is_own_host(a) && here.is_own_host(b);
}

// Names are not looked up, but for this machine's own: they may lead elsewhere the next time.
bool leads_to(const std::string& url, const std::string& source) {
    http::url_error ignored;
    const auto where = http::split_peer_url(url, ignored);
    if (!where) return true;  // nobody is led there
    if (address_of(where->host)) return is_same_machine(where->host, source);
    const http::local_addresses here;
    return here.is_own_host(where->host) && here.is_own_host(source);
}

bool is_tagged(const registration& r) {
    const auto& tags = r.more().tags;
    return std::ranges::find(tags, exposing_tag) != tags.end();
}

}  // namespace

ownership::ownership(service& s, outgoing_calls& calls, const catalog& instances)
    : service_(s),
      calls_(calls),
      instances_(instances),
      has_tokens_(!s.config().text("access-token-file").empty()) {}

std::optional<claimant> ownership::claimant_of(const http::request& q, std::string& problem) const {
    claimant who{q.remote_address()};
    who.has_token = has_tokens_;
    const auto secret = q.header(wire::owner_secret_header);
    if (secret.empty()) return who;
    problem = wire::problem_with_owner_secret(secret);
    if (!problem.empty()) return std::nullopt;
    who.secret_hash = wire::hash_of_owner_secret(secret);
    return who;
}

claim ownership::judge(std::string_view url, const claimant& who) const {
    const auto* i = instances_.find(url);
    if (!i) return claim::granted;
    return registry::judge(i->by, who, is_same_machine(i->by.source, who.source));
}

std::string ownership::refusal(std::string_view url) const {
    const auto* i = instances_.find(url);
    const std::string operators = " An operator shows an access token instead, and no secret.";
    if (i && !i->by.has_proven_secret)
        return "This instance was registered from " + i->by.source +
               ": only requests from that machine may change it." + operators;
    return "This instance has an owner, who has shown a secret for it: send that as " +
           std::string(wire::owner_secret_header) + "." + operators;
}

registrant ownership::registrant_of(const registration& r, const claimant& who) const {
    registrant by{who.source, who.secret_hash};
    const auto* i = by.secret_hash.empty() ? nullptr : instances_.find(r.url);
    by.has_proven_secret = i && i->by.has_proven_secret && i->by.secret_hash == by.secret_hash;
    // Nobody asks of others.
    by.is_vouched_for = !is_tagged(r) || who.has_token || leads_to(r.url, who.source);
    return by;
}

void ownership::challenge(const std::string& url, const std::string& secret_hash,
                          std::function<void(bool)> done) {
    http::url_error ignored;
    const auto where = http::split_peer_url(url, ignored);
    if (!where) return boost::asio::post(service_.loop(), [done = std::move(done)] { done(false); });
    const auto base = "http://" + where->authority() + std::string(wire::owner_path);
    const auto nobodys = wire::hash_of_owner_secret(random_hex(32));
    ask(base + secret_hash, 200, [this, base, nobodys, done = std::move(done)](bool is_its_own) {
        if (!is_its_own) return done(false);
        ask(base + nobodys, 404, done);
    });
}

void ownership::ask(const std::string& url, int expected, std::function<void(bool)> done) {
    status_call c;
    c.to = calls_.target_of_one_call(url);
    c.connect_deadline = c.deadline = patience_with_instance;
    calls_.send(std::move(c), [expected, done = std::move(done)](const result<http::reply>& answer) {
        done(answer && answer->status == expected);
    });
}

}  // namespace distd::registry
