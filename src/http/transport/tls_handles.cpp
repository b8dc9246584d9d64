#include "http/transport/tls_handles.hpp"

#include <openssl/ssl.h>

namespace distd::http {

void tls_deleter::operator()(ssl_st* s) const noexcept { SSL_free(s); }
void tls_deleter::operator()(ssl_ctx_st* c) const noexcept { SSL_CTX_free(c); }
void tls_deleter::operator()(ssl_session_st* s) const noexcept { SSL_SESSION_free(s); }

}  // namespace distd::http
