#include "http/transport/tls_options.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <stdexcept>

#include "http/transport/tls_session.hpp"

namespace distd::http {

tls_context_handle make_tls_context(tls_side side) {
    const bool is_server = side == tls_side::server;
    tls_context_handle context(SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method()));
    auto* const c = context.get();
    const bool is_set = c && SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) == 1 &&
                        SSL_CTX_set1_groups_list(c, "X25519:P-256") == 1 &&
                        SSL_CTX_set_cipher_list(c, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1;
    if (!is_set) {
        ERR_clear_error();
        throw std::runtime_error("OpenSSL offers no TLS as it is spoken here");
    }
    SSL_CTX_set_mode(
        c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(c, 1);
    SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_early_data(c, 0);  // whoever sees it may send it again
    tls_session::watch_messages(c);
    return context;
}

}  // namespace distd::http
