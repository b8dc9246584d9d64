// OpenSSL's objects, owned.
#pragma once

#include <memory>

struct ssl_st;
struct ssl_ctx_st;
struct ssl_session_st;

namespace distd::http {

struct tls_deleter {
    void operator()(ssl_st*) const noexcept;
    void operator()(ssl_ctx_st*) const noexcept;
    void operator()(ssl_session_st*) const noexcept;
};
using tls_handle = std::unique_ptr<ssl_st, tls_deleter>;                     // one connection's
using tls_resumption_handle = std::unique_ptr<ssl_session_st, tls_deleter>;  // what a later one resumes
using tls_context_handle = std::unique_ptr<ssl_ctx_st, tls_deleter>;  // what connections have in common

}  // namespace distd::http
