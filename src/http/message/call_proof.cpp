#include "http/message/call_proof.hpp"

#include <array>

#include "base/append_number.hpp"
#include "base/parse_number.hpp"
#include "http/message/auth_scheme.hpp"

namespace distd::http {
namespace {

constexpr std::string_view uncovered = "-";
constexpr std::string_view domain = "distd-proof-1";  // what it is signed for

std::string hex_of(std::uint64_t number) {
    std::string hex;
    append_number(hex, number, 16);
    return hex;
}

// Takes `name=value` off the front, with the comma behind it. Empty: it is not there.
std::string_view take_value(std::string_view& rest, std::string_view name) noexcept {
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    if (!rest.starts_with(name) || !rest.substr(name.size()).starts_with('=')) return {};
    rest.remove_prefix(name.size() + 1);
    const auto value = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(value.size() + 1, rest.size()));
    return value;
}

}  // namespace

std::optional<call_proof> call_proof::parse(std::string_view field) {
    if (!has_scheme(field, proof_scheme)) return std::nullopt;
    auto rest = field.substr(proof_scheme.size() + 1);
    call_proof p;
    p.key = take_value(rest, "key");
    const auto time = take_value(rest, "time");
    const auto nonce = take_value(rest, "nonce");
    const auto body = take_value(rest, "body");
    p.mac = take_value(rest, "mac");
    const auto dash = nonce.find('-');
    if (p.key.empty() || p.mac.empty() || dash == nonce.npos || !rest.empty()) return std::nullopt;
    const auto time_ms = parse_number<std::int64_t>(time);
    const auto sender = parse_number<std::uint64_t>(nonce.substr(0, dash), 16);
    const auto number = parse_number<std::uint64_t>(nonce.substr(dash + 1));
    if (!time_ms || !sender || !number) return std::nullopt;
    p.time_ms = *time_ms;
    p.sender = *sender;
    p.number = *number;
    if (body != uncovered && !from_hex(body, p.body.emplace())) return std::nullopt;
    return p;
}

std::string call_proof::text() const {
    std::string out(proof_scheme);
    out.append(" key=").append(key).append(", time=").append(std::to_string(time_ms));
    out.append(", nonce=").append(hex_of(sender)).append("-").append(std::to_string(number));
    out.append(", body=").append(body ? to_hex(*body) : std::string(uncovered));
    return out.append(", mac=").append(mac);
}

std::string call_proof::signed_text(const proven_call& c) const {
    std::string out(domain);
    for (const auto part : {c.method, c.target, c.authority}) out.append("\n").append(part);
    out.append("\n").append(std::to_string(time_ms));
    out.append("\n").append(hex_of(sender)).append("-").append(std::to_string(number));
    return out.append("\n").append(body ? to_hex(*body) : std::string(uncovered));
}

std::string key_id_of(std::string_view token) {
    return to_hex(sha256("distd key of " + std::string(token))).substr(0, 8);
}

}  // namespace distd::http
