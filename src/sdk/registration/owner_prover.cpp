#include "sdk/registration/owner_prover.hpp"

#include <algorithm>
#include <string>

#include "base/digest.hpp"
#include "base/random.hpp"
#include "base/timestamp.hpp"
#include "http/message/call_proof.hpp"
#include "http/message/url.hpp"
#include "wire/owner_secret.hpp"

namespace distd {

owner_prover::owner_prover(std::string_view secret, time_source& t)
    : time_(t), key_(wire::owner_key_of(secret)), sender_(random_u64()) {}

void owner_prover::prove(http::call& c) {
    const auto where = http::split_peer_url(c.url);
    if (!where) return;
    const auto authority = where->authority();
    const auto now = time_.wall().time_since_epoch();
    number_ = std::max(
        number_ + 1, static_cast<std::uint64_t>(std::chrono::floor<std::chrono::microseconds>(now).count()));
    http::call_proof p;
    p.key = wire::owner_id_of(key_);
    p.time_ms = unix_ms(time_.wall());
    p.sender = sender_;
    p.number = number_;
    p.body = sha256(c.body);
    p.mac = to_hex(key_.sign(p.signed_text({c.method, where->target, authority})));
    c.headers.add(std::string(wire::owner_proof_header), p.text());
}

}  // namespace distd
