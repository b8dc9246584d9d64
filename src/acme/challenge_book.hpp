// What a CA finds while it asks whether a name is ours: at /.well-known/acme-challenge/TOKEN (HTTP-01), or in
// the handshake for that name (TLS-ALPN-01).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "http/transport/tls_offer.hpp"

namespace distd::acme {

class challenge_book {
public:
    static constexpr std::string_view place = "/.well-known/acme-challenge/";

    void put(std::string token, std::string key_authorization) {
        answers_[std::move(token)] = std::move(key_authorization);
    }
    void remove(const std::string& token) { answers_.erase(token); }
    // Null: nobody asks for that now.
    [[nodiscard]] const std::string* find(std::string_view token) const {
        const auto at = answers_.find(token);
        return at == answers_.end() ? nullptr : &at->second;
    }
    void put(std::string name, std::shared_ptr<const http::tls_certificate> shown) {
        shown_[std::move(name)] = std::move(shown);
    }
    void remove_shown(const std::string& name) { shown_.erase(name); }
    [[nodiscard]] const http::tls_challenges& shown() const noexcept { return shown_; }
    [[nodiscard]] bool empty() const noexcept { return answers_.empty(); }

private:
    std::map<std::string, std::string, std::less<>> answers_;
    http::tls_challenges shown_;
};

}  // namespace distd::acme
