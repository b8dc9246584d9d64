#include "http/access/access_control.hpp"

#include <algorithm>

#include "base/random.hpp"
#include "base/timestamp.hpp"
#include "http/access/authorization.hpp"
#include "http/message/auth_scheme.hpp"

namespace distd::http {
namespace {

using tcp = boost::asio::ip::tcp;

constexpr const char* no_token =
    "This needs an access token: Authorization: Bearer TOKEN, or the token as a password.";
constexpr const char* wrong_token = "That is none of the access tokens of this service.";
constexpr const char* wrong_form = "That proof is not well-formed.";
constexpr const char* unknown_key =
    "The proof was made with an access token that this service does not know.";
constexpr const char* wrong_time = "The proof is more than a minute old or ahead: compare the clocks.";
constexpr const char* from_before =
    "The proof was made before this process started: make another one, or compare the clocks.";
constexpr const char* wrong_place =
    "The proof was made for another address than those this service knows as its own; --advertise tells it "
    "one.";
constexpr const char* wrong_mac = "The proof's signature does not match this request.";
constexpr const char* seen_before = "This proof was already used (replay).";
constexpr const char* too_many = "Too many senders of proofs; try again.";

}  // namespace

struct access_control::key {
    explicit key(std::string token) : secret(std::move(token)), id(key_id_of(secret)), signer(secret) {}

    std::string secret;
    std::string id;
    hmac_key signer;
};

access_control::access_control(time_source& time)
    : time_(time), started_(time.wall()), began_(time.now()), sender_(random_u64()) {}

access_control::~access_control() = default;

void access_control::use_tokens(std::vector<std::string> tokens) {
    keys_.clear();
    for (auto& token : tokens) keys_.emplace_back(std::move(token));
}

std::string access_control::prove(const proven_call& c, std::optional<std::string_view> body) {
    if (keys_.empty()) return {};
    const auto& k = keys_.front();
    call_proof p;
    p.key = k.id;
    p.time_ms = unix_ms(time_.wall());
    p.sender = sender_;
    p.number = ++sent_;
    if (body) p.body = sha256(*body);
    p.mac = to_hex(k.signer.sign(p.signed_text(c)));
    return p.text();
}

access_control::verdict access_control::judge(std::string_view field, const proven_call& c,
                                              const own_names& own, const tcp::endpoint& called,
                                              std::string_view address) {
    if (field.empty()) return {.reason = no_token};
    if (has_scheme(field, proof_scheme)) {
        const auto proof = call_proof::parse(field);
        return proof ? judge_proof(*proof, c, own, called, address) : verdict{.reason = wrong_form};
    }
    if (is_known(secret_in(field))) return {.is_granted = true};
    return {.reason = wrong_token};
}

bool access_control::is_known(std::string_view secret) const noexcept {
    bool known = false;
    for (const auto& k : keys_) known |= is_same(k.secret, secret);
    return known;
}

bool access_control::is_from_before_start(const call_proof& p) const {
    return p.time_ms < unix_ms(started_ - clock_tolerance) && time_.now() - began_ <= max_clock_difference;
}

// What costs little comes first, and only what is genuine is remembered.
access_control::verdict access_control::judge_proof(const call_proof& p, const proven_call& c,
                                                    const own_names& own, const tcp::endpoint& called,
                                                    std::string_view address) {
    const auto k = std::ranges::find(keys_, p.key, &key::id);
    if (k == keys_.end()) return {.reason = unknown_key};
    const auto now = unix_ms(time_.wall());
    const auto allowed = max_clock_difference.count();
    if (p.time_ms < now - allowed || p.time_ms > now + allowed) return {.reason = wrong_time};
    if (is_from_before_start(p)) return {.reason = from_before};
    if (!own.is_called(c.authority, called)) return {.reason = wrong_place};
    digest mac{};
    if (!from_hex(p.mac, mac)) return {.reason = wrong_form};
    if (!is_same(k->signer.sign(p.signed_text(c)), mac)) return {.reason = wrong_mac};
    switch (taken_.take(p.sender, p.number, address, time_.now())) {
        case replay_guard::judgement::fresh: break;
        case replay_guard::judgement::seen: return {.reason = seen_before};
        case replay_guard::judgement::full: return {.reason = too_many};
    }
    return {.is_granted = true, .body = p.body};
}

}  // namespace distd::http
