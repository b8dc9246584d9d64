#include "acme/acme_answers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "base/ascii.hpp"
#include "http/message/http_date.hpp"
#include "http/message/url.hpp"

namespace distd::acme {
namespace {

constexpr std::string_view error_prefix = "urn:ietf:params:acme:error:";
constexpr std::size_t max_detail = 400;     // of somebody else's text in our sentences
constexpr std::size_t max_subproblems = 5;  // that are named in them
constexpr std::size_t max_url = 2048;
constexpr std::size_t max_token = 256;  // of a challenge; it and its proof stand in paths and answers
constexpr std::size_t max_nonce = 1024;
constexpr std::size_t max_chain = 64 * 1024;     // every handshake carries it
constexpr std::size_t max_authorizations = 100;  // as many names as one certificate is asked for
constexpr std::size_t max_challenges = 20;

// What the CA would answer to the same request tomorrow, too. Not `userActionRequired`: new terms are agreed
// to at the CA's own place, and no setting here changes with it.
constexpr std::array refusals{"rejectedIdentifier",    "caa",
                              "unauthorized",          "externalAccountRequired",
                              "invalidContact",        "unsupportedContact",
                              "unsupportedIdentifier", "badCSR",
                              "badPublicKey",          "badSignatureAlgorithm"};

// A line for people: bytes that are not for a terminal become blanks.
std::string printable(std::string_view text) {
    std::string out(text.substr(0, max_detail));
    for (auto& c : out)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    while (!out.empty() && (out.back() == ' ' || out.back() == '.')) out.pop_back();
    return out;
}

std::string detail_of(const problem_answer& p) {
    std::string out = printable(p.detail.empty() ? p.type : p.detail);
    const auto shown = std::min(p.subproblems.size(), max_subproblems);
    for (const auto& one : std::span(p.subproblems).first(shown)) {
        out += "; ";
        if (one.identifier) out += printable(one.identifier->value) + ": ";
        out += printable(one.detail);
    }
    if (shown < p.subproblems.size())
        out += "; and " + std::to_string(p.subproblems.size() - shown) + " more";
    return out;
}

// RFC 4648, section 5, without padding: what RFC 8555 allows in tokens and nonces.
bool is_base64url(std::string_view text, std::size_t max) noexcept {
    return !text.empty() && text.size() <= max &&
           std::ranges::all_of(text, [](char c) { return ascii::is_alnum(c) || c == '-' || c == '_'; });
}

// Of those that we can answer; a kind that comes later may be anything.
std::string flaw_of_challenge(const challenge_answer& c) {
    if (c.type != "http-01" && c.type != "tls-alpn-01") return {};
    if (!is_place(c.url)) return "has a challenge that is no https:// URL";
    if (!is_base64url(c.token, max_token)) return "has a challenge with a token that is not base64url";
    return {};
}

failure::remedy remedy_of(const problem_answer& p) {
    const bool is_refusal = std::ranges::find(refusals, error_name(p)) != refusals.end();
    return is_refusal ? failure::remedy::configuration : failure::remedy::time;
}

// Of a name that could not be validated, the CA's policy stays. `unauthorized` passes, which says that
// somebody else answered at that address: when a DNS record or another server has been changed.
failure::remedy remedy_of_validation(const problem_answer& p) {
    const auto why = error_name(p);
    return why == "caa" || why == "rejectedIdentifier" ? failure::remedy::configuration
                                                       : failure::remedy::time;
}

}  // namespace

bool is_place(std::string_view url) {
    if (url.size() > max_url) return false;
    const auto u = http::split_url(url);
    return u && u->is_secure;
}

bool is_nonce(std::string_view text) noexcept { return is_base64url(text, max_nonce); }

bool is_chain(std::string_view pem) noexcept {
    constexpr std::string_view begin = "-----BEGIN ";
    constexpr std::string_view certificate = "-----BEGIN CERTIFICATE-----";
    if (pem.size() > max_chain || pem.find(begin) == pem.npos) return false;
    for (auto at = pem.find(begin); at != pem.npos; at = pem.find(begin, at + 1))
        if (!pem.substr(at).starts_with(certificate)) return false;
    return true;
}

std::string flaw_of(const directory_answer& d) {
    for (const auto* place : {&d.new_nonce, &d.new_account, &d.new_order})
        if (!is_place(*place)) return "is not the directory of an ACME server";
    if (!d.renewal_info.empty() && !is_place(d.renewal_info))
        return "has a renewalInfo that is no https:// URL";
    return {};
}

std::string flaw_of(const order_answer& o) {
    constexpr std::array states{"pending", "ready", "processing", "valid", "invalid"};
    if (std::ranges::find(states, o.status) == states.end())
        return "has an order in a state that ACME does not know: " + printable(o.status);
    if (o.authorizations.size() > max_authorizations) return "has an order with too many authorizations";
    if (!std::ranges::all_of(o.authorizations, is_place))
        return "has an order with an authorization that is no https:// URL";
    if (o.status == "ready" && !is_place(o.finalize)) return "has an order whose finalize is no https:// URL";
    if (o.status == "valid" && !is_place(o.certificate))
        return "has an order whose certificate is no https:// URL";
    return {};
}

std::string flaw_of(const authorization_answer& a) {
    if (a.challenges.size() > max_challenges) return "has an authorization with too many challenges";
    for (const auto& c : a.challenges)
        if (auto flaw = flaw_of_challenge(c); !flaw.empty()) return flaw;
    return {};
}

const challenge_answer* authorization_answer::find(std::string_view type) const noexcept {
    const auto at = std::ranges::find(challenges, type, &challenge_answer::type);
    return at == challenges.end() ? nullptr : &*at;
}

std::string_view error_name(const problem_answer& p) noexcept {
    std::string_view type = p.type;
    if (!type.starts_with(error_prefix)) return {};
    return type.substr(error_prefix.size());
}

failure failure_of(const http::reply& r, const std::string& host) {
    json_error error;
    const auto problem = from_json<problem_answer>(r.body, error).value_or(problem_answer());
    const auto status = std::to_string(r.status);
    if (problem.type.empty() && problem.detail.empty())
        return {.sentence = host + " answered " + status, .order_is_lost = r.status == 404};
    failure f{.helped_by = remedy_of(problem), .sentence = host + " refused: " + detail_of(problem)};
    // What the CA cannot do now it may do later with the same order.
    const auto name = error_name(problem);
    f.order_is_lost = r.status < 500 && name != "rateLimited" && name != "badNonce";
    f.account_is_lost = name == "accountDoesNotExist";
    return f;
}

failure failure_of_order(const order_answer& o) {
    if (!o.error)
        return {.sentence = "the CA declared the order invalid, and does not say why", .is_of_name = true};
    return {.helped_by = remedy_of_validation(*o.error),
            .sentence = "the CA declared the order invalid: " + detail_of(*o.error),
            .is_of_name = true};
}

failure failure_of_authorization(const authorization_answer& a) {
    const auto& name = a.identifier.value;
    const auto failed = std::ranges::find_if(a.challenges, [](const auto& c) { return c.error.has_value(); });
    if (failed == a.challenges.end())
        return {.sentence = "the CA does not believe that " + printable(name) + " is ours (" +
                            printable(a.status) + "), and does not say why",
                .is_of_name = true};
    failure f{.helped_by = remedy_of_validation(*failed->error),
              .sentence = "the CA does not believe that " + printable(name) +
                          " is ours: " + detail_of(*failed->error),
              .is_of_name = true};
    const auto why = error_name(*failed->error);
    if (why == "connection" || why == "dns" || why == "unauthorized" || why == "incorrectResponse")
        f.sentence +=
            ". Usually the name leads to another machine (DNS), port 80 is closed or leads elsewhere, or "
            "another server answers there";
    return f;
}

std::optional<seconds> retry_after_of(const http::reply& r, wall_point now) {
    const std::string text(r.headers.find("Retry-After"));
    if (text.empty()) return std::nullopt;
    std::int32_t number = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (ec == std::errc() && end == text.data() + text.size()) return seconds(std::max(number, 0));
    const auto at = http::parse_http_date(text);
    if (!at) return std::nullopt;
    return *at > now ? std::chrono::duration_cast<seconds>(*at - now) : seconds(0);
}

}  // namespace distd::acme
