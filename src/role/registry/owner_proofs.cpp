#include "role/registry/owner_proofs.hpp"

#include "base/timestamp.hpp"
#include "http/access/access_control.hpp"
#include "http/message/call_proof.hpp"
#include "http/server/exchange.hpp"
#include "wire/owner_secret.hpp"

namespace distd::registry {
namespace {

constexpr auto max_clock_difference = http::access_control::max_clock_difference;

owner_refusal refused(int status, std::string sentence) {
    return {status, std::string(wire::owner_proof_header) + ": " + std::move(sentence)};
}

}  // namespace

owner_proofs::owner_proofs(time_source& time) : time_(time), order_(2 * max_clock_difference) {}

std::optional<owner_refusal> owner_proofs::judge(const http::request& q, claimant& who) {
    const auto secret = q.header(wire::owner_secret_header);
    const bool has_proof = !q.header(wire::owner_proof_header).empty();
    if (has_proof && !secret.empty())
        return refused(400, "send it or " + std::string(wire::owner_secret_header) + ", not both.");
    if (has_proof) return judge_proof(q, who);
    if (secret.empty()) return std::nullopt;
    if (auto problem = wire::problem_with_owner_secret(secret); !problem.empty())
        return owner_refusal{400, problem + "."};
    who.owner = wire::hash_of_owner_secret(secret);
    who.key = wire::owner_id_of(wire::owner_key_of(secret));
    return std::nullopt;
}

// What costs little comes first, and only what is genuine is remembered.
std::optional<owner_refusal> owner_proofs::judge_proof(const http::request& q, claimant& who) {
    const auto p = http::call_proof::parse(q.header(wire::owner_proof_header));
    public_key key{};
    signature signed_by{};
    if (!p || !p->body || !from_hex(p->key, key) || !from_hex(p->mac, signed_by))
        return refused(400, "that proof is not well-formed.");
    const auto now = unix_ms(time_.wall());
    const auto allowed = max_clock_difference.count();
    if (p->time_ms < now - allowed || p->time_ms > now + allowed)
        return refused(403, "the proof is more than a minute old or ahead: compare the clocks.");
    auto& x = http::exchange_of(q);
    const http::proven_call c{x.head.method_text, q.target(), q.header("Host")};
    if (!x.io->is_called(c.authority))
        return refused(403,
                       "the proof was made for another address than those this registry knows as its own; "
                       "--advertise tells it one.");
    if (*p->body != sha256(q.body())) return refused(403, "the proof was made for another body.");
    if (!is_signed_by(key, p->signed_text(c), signed_by))
        return refused(403, "the proof's signature does not match this request.");
    switch (order_.take(p->key, p->number, q.remote_address(), time_.now())) {
        case call_order::judgement::fresh: break;
        case call_order::judgement::overtaken:
            return refused(403, "that call, or a later one of the same owner, was taken before.");
        case call_order::judgement::full: return refused(503, "too many owners call now.");
    }
    who.owner = p->key;
    return std::nullopt;
}

}  // namespace distd::registry
