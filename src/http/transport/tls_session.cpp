#include "http/transport/tls_session.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <new>

#include "base/assert.hpp"
#include "http/transport/socket_io.hpp"

namespace distd::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

template <class T, void (*Free)(T*)>
struct freed_by {
    void operator()(T* one) const noexcept { Free(one); }
};
using context_ptr = std::unique_ptr<SSL_CTX, freed_by<SSL_CTX, &SSL_CTX_free>>;
using session_ptr = std::unique_ptr<SSL, freed_by<SSL, &SSL_free>>;

template <class T>
T* not_null(T* made) {
    if (!made) throw std::bad_alloc();
    return made;
}

// OpenSSL's own sockets would raise SIGPIPE where the peer has gone.
int take(BIO* bio, const char* bytes, int size) {
    error_code ec;
    auto& socket = *static_cast<stream_socket*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const auto n = write_now(socket, asio::const_buffer(bytes, static_cast<std::size_t>(size)), ec);
    if (ec == asio::error::would_block) BIO_set_retry_write(bio);
    return ec ? -1 : static_cast<int>(n);
}

int give(BIO* bio, char* bytes, int size) {
    error_code ec;
    auto& socket = *static_cast<stream_socket*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const auto n = read_now(socket, asio::mutable_buffer(bytes, static_cast<std::size_t>(size)), ec);
    if (ec == asio::error::would_block) BIO_set_retry_read(bio);
    if (ec == asio::error::eof) return 0;
    return ec ? -1 : static_cast<int>(n);
}

long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

int begin(BIO* bio) {
    BIO_set_init(bio, 1);
    return 1;
}

BIO_METHOD* over_sockets() {
    static BIO_METHOD* const method = [] {
        auto* m =
            not_null(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without SIGPIPE"));
        BIO_meth_set_write(m, &take);
        BIO_meth_set_read(m, &give);
        BIO_meth_set_ctrl(m, &control);
        BIO_meth_set_create(m, &begin);
        return m;
    }();
    return method;
}

context_ptr make_context(const std::filesystem::path& authorities) {
    context_ptr made(not_null(SSL_CTX_new(TLS_client_method())));
    auto* const c = made.get();
    SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
    SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(
        c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER, nullptr);
    // Where none can be read nobody is trusted: each handshake fails with that.
    if (authorities.empty())
        SSL_CTX_set_default_verify_paths(c);
    else
        SSL_CTX_load_verify_file(c, authorities.c_str());
    ERR_clear_error();
    return made;
}

}  // namespace

struct tls_trust::impl {
    std::filesystem::path authorities;
    context_ptr context;
};

tls_trust::tls_trust(std::filesystem::path authorities)
    : impl_(std::make_unique<impl>(std::move(authorities), nullptr)) {}
tls_trust::~tls_trust() = default;

struct tls_session::impl {
    session_ptr session;

    // Why the last call brought nothing.
    error_code reason(int returned) {
        switch (SSL_get_error(session.get(), returned)) {
            case SSL_ERROR_WANT_READ:
            case SSL_ERROR_WANT_WRITE: return asio::error::would_block;
            case SSL_ERROR_ZERO_RETURN: return asio::error::eof;
            default: return asio::error::connection_reset;
        }
    }
};

tls_session::tls_session(tls_trust& trust, stream_socket& socket, const std::string& host)
    : impl_(std::make_unique<impl>()) {
    auto& context = trust.impl_->context;
    if (!context) context = make_context(trust.impl_->authorities);
    impl_->session.reset(not_null(SSL_new(context.get())));
    auto* const s = impl_->session.get();
    auto* const bio = not_null(BIO_new(over_sockets()));
    BIO_set_data(bio, &socket);
    SSL_set_bio(s, bio, bio);
    error_code ec;
    static_cast<void>(asio::ip::make_address(host, ec));
    if (ec) SSL_set_tlsext_host_name(s, host.c_str());
    // Without a name that has to match, any certificate of a trusted authority would do.
    const bool is_set = ec ? SSL_set1_host(s, host.c_str()) == 1
                           : X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(s), host.c_str()) == 1;
    DISTD_ASSERT(is_set);
    SSL_set_connect_state(s);
}

tls_session::~tls_session() = default;

tls_session::state tls_session::shake_hands() {
    auto* const s = impl_->session.get();
    ERR_clear_error();
    const int done = SSL_do_handshake(s);
    if (done == 1) return state::ready;
    switch (SSL_get_error(s, done)) {
        case SSL_ERROR_WANT_READ: return state::wants_read;
        case SSL_ERROR_WANT_WRITE: return state::wants_write;
        default: break;
    }
    ERR_clear_error();
    return SSL_get_verify_result(s) == X509_V_OK ? state::failed : state::untrusted;
}

std::size_t tls_session::read_now(asio::mutable_buffer to, error_code& ec) {
    std::size_t n = 0;
    ec.clear();
    ERR_clear_error();
    const int done = SSL_read_ex(impl_->session.get(), to.data(), to.size(), &n);
    if (done != 1) ec = impl_->reason(done);
    ERR_clear_error();
    return n;
}

std::size_t tls_session::write_now(std::span<const asio::const_buffer> pieces, error_code& ec) {
    ec.clear();
    for (const auto& piece : pieces) {
        if (piece.size() == 0) continue;
        std::size_t n = 0;
        ERR_clear_error();
        const int done = SSL_write_ex(impl_->session.get(), piece.data(), piece.size(), &n);
        if (done != 1) ec = impl_->reason(done);
        ERR_clear_error();
        return n;
    }
    return 0;
}

}  // namespace distd::http
