#include "http/transport/resumable_sessions.hpp"

#include <openssl/ssl.h>

namespace distd::http {

// A copy: OpenSSL marks its own as not to be resumed where the connection ends without a goodbye.
void resumable_sessions::keep(const std::string& peer, const ssl_session_st& session) {
    tls_resumption_handle copy(SSL_SESSION_dup(&session));
    if (!copy) return;
    const auto [at, is_new] = by_peer_.try_emplace(peer);
    if (!is_new) by_age_.erase(at->second);
    by_age_.push_front({peer, std::move(copy)});
    at->second = by_age_.begin();
    if (by_age_.size() <= max_peers) return;
    by_peer_.erase(by_age_.back().peer);
    by_age_.pop_back();
}

tls_resumption_handle resumable_sessions::take(const std::string& peer, wall_point now) {
    const auto found = by_peer_.find(peer);
    if (found == by_peer_.end()) return nullptr;
    auto session = std::move(found->second->session);
    by_age_.erase(found->second);
    by_peer_.erase(found);
    // Who resumes it is not asked for a certificate again.
    auto seconds_since_1970 = std::chrono::system_clock::to_time_t(now);
    const auto* const shown = SSL_SESSION_get0_peer(session.get());
    const bool is_valid = shown && X509_cmp_time(X509_get0_notAfter(shown), &seconds_since_1970) > 0;
    return is_valid ? std::move(session) : nullptr;
}

}  // namespace distd::http
