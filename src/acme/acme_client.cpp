#include "acme/acme_client.hpp"

#include "acme/jose.hpp"
#include "base/ip_address.hpp"
#include "base/timestamp.hpp"
#include "http/message/base64.hpp"
#include "http/message/url.hpp"

namespace distd::acme {
namespace {

constexpr int max_tries = 5;  // of one request, when its nonce is rejected
constexpr seconds deadline{30};
constexpr std::size_t max_answer = 1 << 20;

std::string host_of(const std::string& url) {
    const auto u = http::split_url(url);
    return u ? u->host : url;
}

http::call call_of(const char* method, std::string url) {
    auto c = http::call(method, std::move(url)).within(deadline);
    c.connect_deadline = milliseconds(10'000);
    c.answer_limit = max_answer;
    return c;
}

std::string order_of(const std::vector<std::string>& names, const std::string& replaces) {
    json::array all;
    for (const auto& name : names)
        all.push_back(json::object{{"type", parse_ip_address(name) ? "ip" : "dns"}, {"value", name}});
    json::object o{{"identifiers", std::move(all)}};
    if (!replaces.empty()) o["replaces"] = replaces;
    return to_text(o);
}

template <class T>
outcome<T> parsed(const http::reply& r, const std::string& host) {
    json_error error;
    auto answer = from_json<T>(r.body, error);
    if (!answer)
        return failure{.sentence = host + " answered something that is not ACME: " + error.text,
                       .order_is_lost = false};
    if (const auto flaw = flaw_of(*answer); !flaw.empty())
        return failure{.sentence = host + " " + flaw, .order_is_lost = false};
    return *std::move(answer);
}

}  // namespace

acme_client::acme_client(http::client& c, time_source& time, std::string directory)
    : http_(c), time_(time), directory_(std::move(directory)), host_(host_of(directory_)) {}

// The client's metrics count which address failed and why; the sentence names the CA.
task<outcome<http::reply>> acme_client::send(http::call c) {
    auto sent = co_await http_.send(std::move(c));
    if (!sent)
        co_return failure{.sentence = host_ + " cannot be asked: " + sent.error().message(),
                          .order_is_lost = false};
    keep_nonce(*sent);
    co_return *std::move(sent);
}

// One that is none is not sent back (RFC 8555, 6.5.1).
void acme_client::keep_nonce(const http::reply& r) {
    const auto nonce = r.headers.find("Replay-Nonce");
    nonce_ = is_nonce(nonce) ? std::string(nonce) : std::string();
}

failure acme_client::refused(const http::reply& r) const {
    auto f = failure_of(r, host_);
    f.retry_after = retry_after_of(r, time_.wall());
    return f;
}

task<outcome<directory_answer>> acme_client::directory() {
    if (places_) co_return *places_;
    auto r = co_await send(call_of("GET", directory_));
    if (!r) co_return r.error();
    if (r->status != 200) co_return refused(*r);
    auto answer = parsed<directory_answer>(*r, directory_);
    if (answer) places_ = *answer;
    co_return answer;
}

task<outcome<std::string>> acme_client::take_nonce() {
    if (!nonce_.empty()) co_return std::exchange(nonce_, {});
    const auto places = co_await directory();
    if (!places) co_return places.error();
    nonce_.clear();
    const auto r = co_await send(call_of("HEAD", places->new_nonce));
    if (!r) co_return r.error();
    if (nonce_.empty()) co_return failure{.sentence = host_ + " gives out no nonces", .order_is_lost = false};
    co_return std::exchange(nonce_, {});
}

task<outcome<http::reply>> acme_client::post(signer who, std::string url, std::string payload) {
    for (int tries = 1;; ++tries) {
        const auto nonce = co_await take_nonce();
        if (!nonce) co_return nonce.error();
        const signed_header head{url, *nonce, who.url};
        auto c = call_of("POST", url).with_body(signed_body(who.key, head, payload), "application/jose+json");
        auto r = co_await send(std::move(c));
        if (!r || r->status < 400) co_return r;
        json_error error;
        const auto problem = from_json<problem_answer>(r->body, error).value_or(problem_answer());
        if (error_name(problem) != "badNonce" || tries == max_tries) co_return r;
    }
}

template <class T>
task<outcome<T>> acme_client::ask(signer who, std::string url, std::string payload) {
    const auto r = co_await post(std::move(who), std::move(url), std::move(payload));
    if (!r) co_return r.error();
    if (r->status >= 400) co_return refused(*r);
    co_return parsed<T>(*r, host_);
}

task<outcome<std::string>> acme_client::make_account(ec_key key, std::string email,
                                                     std::optional<known_account> known) {
    const auto places = co_await directory();
    if (!places) co_return places.error();
    json::object wish{{"termsOfServiceAgreed", true}};
    if (!email.empty()) wish["contact"] = json::array{json::value("mailto:" + email)};
    if (known) {
        const auto binding = external_binding(key, known->kid, known->mac_key, places->new_account);
        wish["externalAccountBinding"] = json::parse(binding);
    }
    const signer who{std::move(key)};
    const auto r = co_await post(who, places->new_account, to_text(wish));
    if (!r) co_return r.error();
    if (r->status >= 400) co_return refused(*r);
    std::string url(r->headers.find("Location"));
    if (!is_place(url))
        co_return failure{.sentence = host_ + " made an account and does not say which, by an https:// URL"};
    co_return url;
}

task<outcome<std::string>> acme_client::place_order(signer who, std::vector<std::string> names,
                                                    std::string replaces) {
    const auto places = co_await directory();
    if (!places) co_return places.error();
    auto r = co_await post(who, places->new_order, order_of(names, replaces));
    // Another order may have replaced it already.
    if (r && r->status >= 400 && r->status < 500 && r->status != 429 && !replaces.empty())
        r = co_await post(who, places->new_order, order_of(names, {}));
    if (!r) co_return r.error();
    if (r->status >= 400) co_return refused(*r);
    std::string url(r->headers.find("Location"));
    if (!is_place(url))
        co_return failure{.sentence = host_ + " took an order and does not say which, by an https:// URL"};
    co_return url;
}

task<outcome<order_answer>> acme_client::order(signer who, std::string url) {
    co_return co_await ask<order_answer>(std::move(who), std::move(url), {});
}

task<outcome<authorization_answer>> acme_client::authorization(signer who, std::string url) {
    co_return co_await ask<authorization_answer>(std::move(who), std::move(url), {});
}

task<outcome<>> acme_client::accept_challenge(signer who, std::string url) {
    const auto r = co_await post(std::move(who), std::move(url), "{}");
    if (!r) co_return r.error();
    if (r->status >= 400) co_return refused(*r);
    co_return outcome<>();
}

task<outcome<>> acme_client::finalize(signer who, std::string url, std::string request_der) {
    auto wish = to_text(json::object{{"csr", http::base64url_encode(request_der)}});
    const auto r = co_await ask<order_answer>(std::move(who), std::move(url), std::move(wish));
    if (!r) co_return r.error();
    co_return outcome<>();
}

task<outcome<std::string>> acme_client::download(signer who, std::string url) {
    auto r = co_await post(std::move(who), std::move(url), {});
    if (!r) co_return r.error();
    if (r->status >= 400) co_return refused(*r);
    if (!is_chain(r->body))
        co_return failure{.sentence = host_ + " answered something in the place of a certificate chain"};
    co_return std::move(r->body);
}

task<outcome<acme_client::window_answer>> acme_client::window(std::string renewal_id) {
    const auto places = co_await directory();
    if (!places) co_return places.error();
    auto url = places->renewal_info;
    if (!url.ends_with('/')) url += '/';
    const auto r = co_await send(call_of("GET", url + renewal_id));
    if (!r) co_return r.error();
    window_answer out;
    out.retry_after = retry_after_of(*r, time_.wall());
    if (r->status != 200) co_return out;
    json_error error;
    const auto answer = from_json<window_of_answer>(r->body, error);
    if (!answer) co_return out;
    const auto start = parse_rfc3339(answer->suggested_window.start);
    const auto end = parse_rfc3339(answer->suggested_window.end);
    if (start && end) out.window = renewal_window{*start, *end};
    co_return out;
}

}  // namespace distd::acme
