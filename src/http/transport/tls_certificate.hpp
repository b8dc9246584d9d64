// A certificate chain with its key, as a server shows it: judged as soon as it is read, so that a pair that
// cannot work is never put in the place of one that does.
#pragma once

#include <distd/time.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "http/transport/tls_handles.hpp"

namespace distd::http {

// What is wrong with a pair, and what would be right.
class certificate_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// What a certificate says of itself.
struct certificate_facts {
    std::vector<std::string> names;  // lower case; `*.example.org` stands for one label; addresses, too
    wall_point from;
    wall_point until;
    std::string issuer;
    std::string sha256;           // of the certificate, in hex
    bool is_slow = false;         // its key makes a handshake many times as expensive
    bool has_issuer_here = true;  // the chain has the next certificate, or there is none
};

class tls_certificate {
public:
    // `chain`: PEM, the certificate first. `key`: PEM without a passphrase; it may be the same text. Throws
    // certificate_error when they do not belong together or cannot be used.
    tls_certificate(const std::string& chain, const std::string& key);

    // Why clients do not take it at that time; empty: they do, as far as the time goes.
    [[nodiscard]] const char* problem_at(wall_point now) const noexcept;
    [[nodiscard]] const certificate_facts& facts() const noexcept { return facts_; }
    // Whether it is for that name: lower case, without a dot at the end.
    [[nodiscard]] bool has_name(std::string_view name) const noexcept;
    [[nodiscard]] ssl_ctx_st* context() const noexcept { return context_.get(); }

private:
    tls_context_handle context_;
    certificate_facts facts_;
};

}  // namespace distd::http
