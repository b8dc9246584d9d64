// Certificates that a test makes for itself.
#pragma once

#include <cstdint>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

namespace distd::test {

struct certificate_wish {
    std::vector<std::string> names{"localhost"};  // addresses, too
    std::string subject = "test";
    std::time_t from = 1'577'836'800;   // 2020
    std::time_t until = 4'102'444'800;  // 2100
    bool is_authority = false;
    int rsa_bits = 0;  // 0: a curve
    const char* curve = "P-256";
};

class test_certificate {
public:
    explicit test_certificate(const certificate_wish& wish = {}, const test_certificate* signed_by = nullptr);
    ~test_certificate();
    test_certificate(test_certificate&&) noexcept;

    [[nodiscard]] const std::string& certificate() const noexcept { return certificate_; }  // PEM
    [[nodiscard]] const std::string& key() const noexcept { return key_; }                  // PEM
    [[nodiscard]] std::string pair() const { return certificate_ + key_; }
    [[nodiscard]] const std::string& sha256() const noexcept { return sha256_; }

private:
    struct impl;
    std::unique_ptr<impl> impl_;
    std::string certificate_;
    std::string key_;
    std::string sha256_;
};

// One for localhost and 127.0.0.1, for all who do not care.
[[nodiscard]] const test_certificate& any_certificate();

}  // namespace distd::test
