#include "support/stub_ca.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <stdexcept>

#include "base/digest.hpp"
#include "base/timestamp.hpp"
#include "http/message/base64.hpp"

namespace distd::test {
namespace {

constexpr const char* base = "https://ca.example";

std::string decoded(const json::object& o, const char* name) {
    const auto bytes = http::base64url_decode(std::string_view(o.at(name).as_string()));
    if (!bytes) throw std::runtime_error("the stub CA was sent no base64url");
    return *bytes;
}

http::reply reply_of(int status, const json::value& body = nullptr) {
    http::reply r;
    r.status = status;
    if (!body.is_null()) r.body = to_text(body);
    return r;
}

http::reply problem(int status, const std::string& name, const std::string& detail) {
    return reply_of(status, json::object{{"type", "urn:ietf:params:acme:error:" + name}, {"detail", detail}});
}

std::string thumbprint_of(const json::object& jwk) {
    const auto hash = sha256(to_text(jwk));
    return http::base64url_encode({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

std::size_t number_behind(const std::string& place, std::size_t at) { return std::stoul(place.substr(at)); }

}  // namespace

stub_ca::stub_ca(time_source& time) : time_(time), root_{"", acme::ec_key::make()} {
    root_.certificate = acme::make_certificate({.subject = "stub CA",
                                                .from = time.wall() - std::chrono::hours(1),
                                                .until = time.wall() + std::chrono::hours(24 * 3650),
                                                .is_authority = true},
                                               root_.key);
}

task<result<http::reply>> stub_ca::send(http::call c) {
    const auto place = c.url.substr(c.url.find('/', 8));
    asked.push_back(place);
    if (disturb)
        if (auto instead = disturb(place)) co_return *std::move(instead);
    const auto number = asked.size();
    alarm_clock never(co_await boost::asio::this_coro::executor, time_);
    if (number == hangs_before) co_await never.wait();
    auto r = with_nonce(answer(c, place));
    if (number == hangs_after) co_await never.wait();
    co_return r;
}

http::reply stub_ca::with_nonce(http::reply r) {
    auto nonce = "n" + std::to_string(++next_nonce_);
    nonces_.insert(nonce);
    r.headers.add("Replay-Nonce", std::move(nonce));
    return r;
}

http::reply stub_ca::answer(const http::call& c, const std::string& place) {
    if (place.starts_with("/dir")) {
        json::object all{{"newNonce", std::string(base) + "/nonce"},
                         {"newAccount", std::string(base) + "/account"},
                         {"newOrder", std::string(base) + "/order"}};
        if (window) all["renewalInfo"] = std::string(base) + "/renewal";
        return reply_of(200, all);
    }
    if (place == "/nonce") return reply_of(200);
    if (place.starts_with("/renewal/"))
        return reply_of(200, json::object{{"suggestedWindow", json::object{{"start", rfc3339(window->start)},
                                                                           {"end", rfc3339(window->end)}}}});
    const auto outer = json::parse(c.body).as_object();
    signed_call s;
    s.head = json::parse(decoded(outer, "protected")).as_object();
    const auto payload = decoded(outer, "payload");
    if (!payload.empty()) s.payload = json::parse(payload);
    if (std::string_view(s.head.at("url").as_string()) != c.url)
        return problem(400, "malformed", "another URL was signed");
    const std::string nonce(s.head.at("nonce").as_string());
    if (nonces_.erase(nonce) == 0 || nonces_to_reject-- > 0) return problem(400, "badNonce", "no such nonce");
    if (const auto* jwk = s.head.if_contains("jwk")) {
        s.thumbprint = thumbprint_of(jwk->as_object());
    } else {
        const auto at = thumbprints_.find(std::string(s.head.at("kid").as_string()));
        if (at == thumbprints_.end() || !accounts.contains(at->second))
            return problem(400, "accountDoesNotExist", "no such account");
        s.thumbprint = at->second;
    }
    return answer_signed(place, s);
}

http::reply stub_ca::answer_signed(const std::string& place, const signed_call& s) {
    if (place == "/account") return make_account(s);
    if (place == "/order") return place_order(s);
    const auto which = [&](std::size_t at) { return number_behind(place, at); };
    if (place.starts_with("/order/")) return show_order(which(7));
    if (place.starts_with("/finalize/")) return finalize(which(10), s);
    if (place.starts_with("/certificate/")) {
        auto r = reply_of(200);
        r.body = orders_.at(which(13)).chain;
        return r;
    }
    const auto name = number_behind(place, place.rfind('/') + 1);
    if (place.starts_with("/authorization/")) return show_authorization(which(15), name);
    return validate(which(11), name);  // /challenge/
}

http::reply stub_ca::make_account(const signed_call& s) {
    const auto* bound = s.payload.as_object().if_contains("externalAccountBinding");
    if (wants_binding && !bound) return problem(403, "externalAccountRequired", "who are you?");
    accounts.insert(s.thumbprint);
    const auto url = std::string(base) + "/account/" + s.thumbprint;
    thumbprints_[url] = s.thumbprint;
    auto r = reply_of(201, json::object{{"status", "valid"}});
    r.headers.add("Location", url);
    return r;
}

http::reply stub_ca::place_order(const signed_call& s) {
    const auto& wish = s.payload.as_object();
    placed o;
    o.thumbprint = s.thumbprint;
    for (const auto& one : wish.at("identifiers").as_array())
        o.names.emplace_back(one.as_object().at("value").as_string());
    for (const auto& name : o.names)
        if (refused_names.contains(name)) return problem(400, "rejectedIdentifier", name + " is not for us");
    if (const auto* id = wish.if_contains("replaces")) {
        if (refuses_replacements) return problem(409, "alreadyReplaced", "it was replaced before");
        replaced.emplace_back(id->as_string());
    }
    o.proofs.assign(o.names.size(), "pending");
    orders_.push_back(std::move(o));
    auto r = show_order(orders_.size() - 1);
    r.status = 201;
    r.headers.add("Location", std::string(base) + "/order/" + std::to_string(orders_.size() - 1));
    return r;
}

http::reply stub_ca::show_order(std::size_t which) {
    if (which >= orders_.size()) return problem(404, "malformed", "no such order");
    const auto& o = orders_[which];
    const auto number = std::to_string(which);
    json::array authorizations;
    for (std::size_t i = 0; i < o.names.size(); ++i)
        authorizations.push_back(
            json::value(std::string(base) + "/authorization/" + number + "/" + std::to_string(i)));
    json::object out{{"status", o.status},
                     {"authorizations", std::move(authorizations)},
                     {"finalize", std::string(base) + "/finalize/" + number}};
    if (o.status == "valid") out["certificate"] = std::string(base) + "/certificate/" + number;
    return reply_of(200, out);
}

std::string stub_ca::token_of(std::size_t order, std::size_t name) const {
    return "token-" + std::to_string(order) + "-" + std::to_string(name);
}

http::reply stub_ca::show_authorization(std::size_t order, std::size_t name) {
    const auto& o = orders_.at(order);
    const auto& status = o.proofs.at(name);
    json::object http_01{
        {"type", "http-01"},
        {"url", std::string(base) + "/challenge/" + std::to_string(order) + "/" + std::to_string(name)},
        {"token", token_of(order, name)},
        {"status", status}};
    if (status == "invalid")
        http_01["error"] = json::object{{"type", "urn:ietf:params:acme:error:unauthorized"},
                                        {"detail", "the answer of another server"}};
    return reply_of(200, json::object{{"status", status},
                                      {"identifier", json::object{{"type", "dns"}, {"value", o.names[name]}}},
                                      {"challenges", json::array{std::move(http_01)}}});
}

http::reply stub_ca::validate(std::size_t order, std::size_t name) {
    auto& o = orders_.at(order);
    const auto token = token_of(order, name);
    const auto found = look ? look(o.names[name], token) : std::string();
    o.proofs[name] = found == token + "." + o.thumbprint ? "valid" : "invalid";
    if (o.proofs[name] == "invalid") o.status = "invalid";
    if (std::ranges::all_of(o.proofs, [](const auto& p) { return p == "valid"; })) o.status = "ready";
    return reply_of(200, json::object{{"type", "http-01"}, {"status", "processing"}, {"token", token}});
}

http::reply stub_ca::finalize(std::size_t which, const signed_call& s) {
    auto& o = orders_.at(which);
    if (o.status != "ready") return problem(403, "orderNotReady", "it is " + o.status);
    o.chain = issue(o, decoded(s.payload.as_object(), "csr"));
    o.status = is_slow ? "processing" : "valid";
    return show_order(which);
}

std::string stub_ca::issue(const placed& o, const std::string& request_der) {
    const auto* at = reinterpret_cast<const unsigned char*>(request_der.data());
    X509_REQ* request = d2i_X509_REQ(nullptr, &at, static_cast<long>(request_der.size()));
    EVP_PKEY* key = request ? X509_REQ_get0_pubkey(request) : nullptr;
    if (!key || X509_REQ_verify(request, key) != 1) throw std::runtime_error("the CSR is not signed");
    ++issued;
    const acme::ec_key borrowed = acme::ec_key::borrow(key);
    auto chain = acme::make_certificate({.names = o.names,
                                         .subject = o.names.front(),
                                         .from = time_.wall() - std::chrono::hours(1),
                                         .until = time_.wall() + life},
                                        borrowed, &root_);
    X509_REQ_free(request);
    return chain + root_.certificate;
}

}  // namespace distd::test
