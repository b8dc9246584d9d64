// Sessions that peers let us resume: who comes back to a peer with one is spared the check of its
// certificate, the most expensive part of a handshake on our side. Each is used once, as RFC 8446 advises
// (C.4): whoever resumes a session is given the next one.
#pragma once

#include <cstddef>
#include <distd/time.hpp>
#include <list>
#include <string>
#include <unordered_map>

#include "http/transport/tls_handles.hpp"

namespace distd::http {

class resumable_sessions {
public:
    static constexpr std::size_t max_peers = 1024;  // some kilobytes each, with the peer's certificate

    // `peer`: all that decided whom the session was agreed with. The one that was used longest ago goes when
    // there are too many.
    void keep(const std::string& peer, const ssl_session_st&);
    // Null where there is none whose certificate is still valid.
    [[nodiscard]] tls_resumption_handle take(const std::string& peer, wall_point now);
    [[nodiscard]] std::size_t size() const noexcept { return by_age_.size(); }

private:
    struct entry {
        std::string peer;
        tls_resumption_handle session;
    };
    std::list<entry> by_age_;  // the newest in front
    std::unordered_map<std::string, std::list<entry>::iterator> by_peer_;
};

}  // namespace distd::http
