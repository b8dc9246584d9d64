#include "role/registry/ownership.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "base/handler_scope.hpp"
#include "base/ip_address.hpp"
#include "base/random.hpp"
#include "http/message/url.hpp"
#include "sdk/role_services.hpp"
#include "sdk/secret_file.hpp"
#include "wire/owner_secret.hpp"

namespace distd::registry {
namespace {

namespace ip = boost::asio::ip;

constexpr milliseconds patience_with_instance{400};
constexpr seconds machine_known_for{10};

// An IPv4 address that is dressed as IPv6 is what it is.
ip::address plain(const ip::address& a) {
    if (a.is_v4() || !a.to_v6().is_v4_mapped()) return a;
    return ip::make_address_v4(ip::v4_mapped, a.to_v6());
}

std::optional<ip::address> address_of(const std::string& text) {
    const auto a = parse_ip_address(text);
    return a ? std::optional(plain(*a)) : std::nullopt;
}

std::optional<http::url> split(const std::string& url) { return http::split_peer_url(url); }

}  // namespace

ownership::ownership(service& s, outgoing_calls& calls, const catalog& instances,
                     std::size_t max_questions_per_host)
    : service_(s),
      calls_(calls),
      instances_(instances),
      proofs_(s.time()),
      questions_(max_questions_per_host),
      has_tokens_(!s.config().text("access-token-file").empty()) {
    if (has_tokens_) {
        disk_of(s).remove(s.data_dir() + "/operator.secret");
        return;
    }
    const auto secret = random_hex(64);
    operator_id_ = wire::owner_id_of(wire::owner_key_of(secret));
    keep_secret(disk_of(s), s.data_dir(), "operator", secret, s.log());
}

std::optional<claimant> ownership::claimant_of(const http::request& q, owner_refusal& problem) {
    claimant who{q.remote_address()};
    if (auto wrong = proofs_.judge(q, who)) {
        problem = *std::move(wrong);
        return std::nullopt;
    }
    const bool has_secret = who.is(operator_id_);
    if (has_secret) who = {who.source};
    who.is_operator = has_tokens_ || has_secret;
    return who;
}

claim ownership::judge(std::string_view url, const claimant& who) const {
    const auto* i = instances_.find(url);
    return i ? judge(i->by, who) : claim::granted;
}

claim ownership::judge(const registrant& by, const claimant& who) const {
    return registry::judge(by, who, is_same_machine(by.source, who.source));
}

claim ownership::judge_registration(const std::string& url, const claimant& who) const {
    const auto own = judge(url, who);
    const auto* other = strictest_at(url, who);
    return other ? std::max(own, judge(other->by, who)) : own;
}

// One that is lost does not listen there any more, or it is no better off than if its port had been taken.
const instance* ownership::strictest_at(const std::string& url, const claimant& who) const {
    if (places_.empty()) return nullptr;
    const instance* strictest = nullptr;
    auto [at, end] = places_.at(place_of(url));
    for (; at != end; ++at) {
        const auto* i = instances_.find(at->second);
        if (!i || !i->healthy) continue;
        if (!strictest || judge(i->by, who) > judge(strictest->by, who)) strictest = i;
    }
    return strictest;
}

std::string ownership::reason_to_refuse(const std::string& url) const {
    const std::string operators =
        has_tokens_
            ? " An operator shows an access token instead, and no secret."
            : " An operator shows the secret in operator.secret in the registry's data folder or, where "
              "there are access tokens, one of these.";
    const auto* i = instances_.find(url);
    if (i && !i->by.has_confirmed_owner && judge(i->by, {}) != claim::granted && !strictest_at(url, {}))
        return "This instance was registered from " + i->by.source +
               ": only requests from that machine may change it." + operators;
    const std::string which = i && i->by.has_confirmed_owner
                                  ? "This instance"
                                  : "The instance that is registered at this address and port";
    return which + " has an owner, who has shown a secret for it: send that as " +
           std::string(wire::owner_secret_header) + "." + operators;
}

registrant ownership::registrant_of(const std::string& url, const url_place& where,
                                    const claimant& who) const {
    registrant by{who.source, who.owner};
    const auto* i = who.owner.empty() ? nullptr : instances_.find(url);
    if (i && i->by.has_confirmed_owner && who.is(i->by.owner)) {
        by.owner = i->by.owner;
        by.has_confirmed_owner = true;
    }
    by.is_vouched_for = who.is_operator || leads_to(where, who.source);
    return by;
}

void ownership::changed(const std::string& url) {
    const auto* i = instances_.find(url);
    const bool is_owned = i && i->by.has_confirmed_owner;
    if (is_owned || !places_.empty()) places_.put(url, is_owned ? place_of(url) : std::string());
}

std::string ownership::place_of(const std::string& url) const {
    const auto where = split(url);
    return where ? machine().place_of(*where) : std::string();
}

bool ownership::is_same_machine(const std::string& a, const std::string& b) const {
    if (a == b) return true;
    const auto first = address_of(a);
    const auto second = address_of(b);
    return first && second && is_same_machine(*first, *second);
}

bool ownership::is_same_machine(const ip::address& a, const ip::address& b) const {
    return a == b || (machine().is_own(a) && machine().is_own(b));
}

// Names are not looked up, but for this machine's own: they may lead elsewhere the next time.
bool ownership::leads_to(const url_place& where, const std::string& source) const {
    if (where.host.empty()) return true;  // nobody is led there by us
    const auto from = address_of(source);
    if (!from) return where.host == source;
    if (where.address) return is_same_machine(plain(*where.address), *from);
    return machine().is_own(*from) && machine().is_own_host(where.host);
}

const http::local_addresses& ownership::machine() const {
    const auto now = service_.time().now();
    if (!machine_ || now >= machine_until_) {
        machine_.emplace();
        machine_until_ = now + machine_known_for;
    }
    return *machine_;
}

void ownership::challenge(const registration& r, const std::string& owner, std::function<void(bool)> done) {
    const auto where = split(r.url);
    const auto& pin = r.more().certificate_sha256;
    const auto root = where ? std::string(where->scheme()) + where->authority() : std::string();
    const auto to = where ? calls_.target_of_one_call(root, pin) : nullptr;
    if (!to || !questions_.take_one(r.url, calls_.addresses_of(*to), service_.time().now()))
        return boost::asio::post(service_.loop(), [done = std::move(done)] {
            const handler_scope scope("a question to an owner");
            done(false);
        });
    const auto base = root + std::string(wire::owner_path);
    ask(base + owner, pin, 200,
        [this, base, pin, size = owner.size(), done = std::move(done)](bool is_its_own) {
            if (!is_its_own) return done(false);
            ask(base + random_hex(size), pin, 404, done);
        });
}

void ownership::ask(const std::string& url, const std::string& pin, int expected,
                    std::function<void(bool)> done) {
    auto c = status_request(calls_.target_of_one_call(url, pin));
    c.connect_deadline = c.deadline = patience_with_instance;
    calls_.send(std::move(c), [expected, done = std::move(done)](const result<http::reply>& answer) {
        done(answer && answer->status == expected);
    });
}

}  // namespace distd::registry
