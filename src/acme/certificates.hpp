// Certificates and requests for them, made here: a request for a CA, one that only says who we are until the
// first real one has come, and those of an authority of one's own.
#pragma once

#include <distd/time.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "acme/ec_key.hpp"

namespace distd::acme {

// Lower case, as certificates and Host fields have it: no wildcard, no address.
[[nodiscard]] bool is_host_name(std::string_view) noexcept;

// A CSR in DER. `names`: host names and addresses.
[[nodiscard]] std::string certificate_request(const std::vector<std::string>& names, const ec_key&);

// Throws std::runtime_error where a PEM text begins with none.
void expect_certificate(const std::string& pem);

struct certificate_wish {
    std::vector<std::string> names{};  // host names and addresses
    std::string subject;               // for people, of 64 bytes at most
    wall_point from;
    wall_point until;
    bool is_authority = false;    // vouches for others, though not for further authorities
    std::string acme_proof = {};  // of TLS-ALPN-01 (RFC 8737): a digest of 32 bytes
};
struct authority {
    std::string certificate;  // PEM
    ec_key key;
};
// PEM, without whoever vouches for it. Null: it vouches for itself.
[[nodiscard]] std::string make_certificate(const certificate_wish&, const ec_key&,
                                           const authority* = nullptr);

// What a CA calls the first certificate of a chain when it is asked about its renewal (RFC 9773, section
// 4.1). Empty: it does not say who issued it.
[[nodiscard]] std::string renewal_id_of(const std::string& chain);

}  // namespace distd::acme
