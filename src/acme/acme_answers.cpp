#include "acme/acme_answers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

namespace distd::acme {
namespace {

constexpr std::string_view error_prefix = "urn:ietf:params:acme:error:";
constexpr std::size_t max_detail = 400;  // of somebody else's text in our sentences

// What the CA would answer to the same request tomorrow, too.
constexpr std::array refusals{"rejectedIdentifier",
                              "caa",
                              "unauthorized",
                              "externalAccountRequired",
                              "userActionRequired",
                              "invalidContact",
                              "unsupportedContact",
                              "unsupportedIdentifier",
                              "badCSR",
                              "badPublicKey",
                              "badSignatureAlgorithm"};

// A line for people: bytes that are not for a terminal become blanks.
std::string said(std::string_view text) {
    std::string out(text.substr(0, max_detail));
    for (auto& c : out)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    while (!out.empty() && (out.back() == ' ' || out.back() == '.')) out.pop_back();
    return out;
}

std::string detail_of(const problem_answer& p) {
    std::string out = said(p.detail.empty() ? p.type : p.detail);
    for (const auto& one : p.subproblems) {
        out += "; ";
        if (one.identifier) out += said(one.identifier->value) + ": ";
        out += said(one.detail);
    }
    return out;
}

failure::remedy remedy_of(const problem_answer& p) {
    const bool is_refusal = std::ranges::find(refusals, error_name(p)) != refusals.end();
    return is_refusal ? failure::remedy::configuration : failure::remedy::time;
}

}  // namespace

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
    if (!o.error) return {.sentence = "the CA declared the order invalid, and does not say why"};
    return {.helped_by = remedy_of(*o.error),
            .sentence = "the CA declared the order invalid: " + detail_of(*o.error)};
}

failure failure_of_authorization(const authorization_answer& a) {
    const auto& name = a.identifier.value;
    const auto failed = std::ranges::find_if(a.challenges, [](const auto& c) { return c.error.has_value(); });
    if (failed == a.challenges.end())
        return {.sentence = "the CA does not believe that " + said(name) + " is ours (" + said(a.status) +
                            "), and does not say why"};
    failure f{.sentence =
                  "the CA does not believe that " + said(name) + " is ours: " + detail_of(*failed->error)};
    const auto why = error_name(*failed->error);
    // Not `unauthorized`, which says that somebody else answered at that address: that passes, when a DNS
    // record or another server has been changed.
    if (why == "caa" || why == "rejectedIdentifier") f.helped_by = failure::remedy::configuration;
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
    std::tm parts{};
    if (!::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts)) return std::nullopt;
    const auto at = wall_point(seconds(::timegm(&parts)));
    return std::max(std::chrono::duration_cast<seconds>(at - now), seconds(0));
}

}  // namespace distd::acme
