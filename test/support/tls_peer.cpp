#include "support/tls_peer.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <array>
#include <cstdlib>
#include <set>
#include <stdexcept>
#include <utility>

#include "base/digest.hpp"

namespace distd::test {

struct tls_peer::impl {
    SSL_CTX* context = nullptr;
    SSL* ssl = nullptr;
    BIO* in = BIO_new(BIO_s_mem());
    BIO* out = BIO_new(BIO_s_mem());
    std::string text;
    std::string problem;
    std::string unsaid;  // until the handshake is over
    bool says_goodbye = false;
    bool has_failed = false;
    std::shared_ptr<void> session;  // the newest that it was given

    explicit impl(const SSL_METHOD* how) : context(SSL_CTX_new(how)) {
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(context, [](SSL* s, SSL_SESSION* made) {
            static_cast<impl*>(SSL_get_app_data(s))->session = {
                made, [](void* p) { SSL_SESSION_free(static_cast<SSL_SESSION*>(p)); }};
            return 1;
        });
    }
    void begin() {
        ssl = SSL_new(context);
        SSL_set_bio(ssl, in, out);
        SSL_set_app_data(ssl, this);
    }
    ~impl() {
        session.reset();
        SSL_free(ssl);
        SSL_CTX_free(context);
    }
    void fail() {
        has_failed = true;
        for (auto e = ERR_get_error(); e != 0; e = ERR_get_error()) {
            const char* why = ERR_reason_error_string(e);
            problem = problem + (problem.empty() ? "" : "; ") + (why ? why : "?");
        }
        const auto verdict = SSL_get_verify_result(ssl);
        if (verdict != X509_V_OK) problem += std::string("; ") + X509_verify_cert_error_string(verdict);
    }
    void expect(bool well, const char* what) const {
        if (!well) throw std::runtime_error(std::string("the test's TLS cannot have ") + what);
    }
};

tls_peer::tls_peer(const tls_wish& wish) : impl_(std::make_unique<impl>(TLS_client_method())) {
    auto& i = *impl_;
    if (!wish.roots.empty()) {
        BIO* from = BIO_new_mem_buf(wish.roots.data(), static_cast<int>(wish.roots.size()));
        while (X509* root = PEM_read_bio_X509(from, nullptr, nullptr, nullptr)) {
            X509_STORE_add_cert(SSL_CTX_get_cert_store(i.context), root);
            X509_free(root);
        }
        BIO_free(from);
        ERR_clear_error();
        SSL_CTX_set_verify(i.context, SSL_VERIFY_PEER, nullptr);
    }
    i.expect(SSL_CTX_set_min_proto_version(i.context, wish.min_version) == 1, "that version");
    i.expect(SSL_CTX_set_max_proto_version(i.context, wish.max_version) == 1, "that version");
    if (!wish.groups.empty())
        i.expect(SSL_CTX_set1_groups_list(i.context, wish.groups.c_str()) == 1, "these groups");
    if (!wish.suites.empty())
        i.expect(SSL_CTX_set_ciphersuites(i.context, wish.suites.c_str()) == 1, "these suites");
    if (!wish.ciphers.empty())
        i.expect(SSL_CTX_set_cipher_list(i.context, wish.ciphers.c_str()) == 1, "these ciphers");
    i.begin();
    if (!wish.server_name.empty()) {
        SSL_set_tlsext_host_name(i.ssl, wish.server_name.c_str());
        if (!wish.roots.empty()) SSL_set1_host(i.ssl, wish.server_name.c_str());
    }
    if (!wish.protocols.empty())
        SSL_set_alpn_protos(i.ssl, reinterpret_cast<const unsigned char*>(wish.protocols.data()),
                            static_cast<unsigned>(wish.protocols.size()));
    if (wish.session) {  // a copy: one that was used is not used again
        auto* const again = SSL_SESSION_dup(static_cast<SSL_SESSION*>(wish.session.get()));
        SSL_set_session(i.ssl, again);
        SSL_SESSION_free(again);
    }
    SSL_set_connect_state(i.ssl);
    go_on();
}

tls_peer::tls_peer(const as_server& shown) : impl_(std::make_unique<impl>(TLS_server_method())) {
    auto& i = *impl_;
    i.expect(SSL_CTX_set_max_proto_version(i.context, shown.max_version) == 1, "that version");
    if (shown.has_long_tickets) {
        SSL_CTX_set_max_send_fragment(i.context, 512);
        SSL_CTX_set_session_ticket_cb(
            i.context,
            [](SSL* s, void*) {
                const std::string more(2000, 'x');
                return SSL_SESSION_set1_ticket_appdata(SSL_get_session(s), more.data(), more.size());
            },
            nullptr, nullptr);
    }
    i.begin();
    BIO* from = BIO_new_mem_buf(shown.certificate.data(), static_cast<int>(shown.certificate.size()));
    X509* own = PEM_read_bio_X509(from, nullptr, nullptr, nullptr);
    i.expect(SSL_use_certificate(i.ssl, own) == 1, "that certificate");
    X509_free(own);
    BIO_free(from);
    from = BIO_new_mem_buf(shown.key.data(), static_cast<int>(shown.key.size()));
    EVP_PKEY* key = PEM_read_bio_PrivateKey(from, nullptr, nullptr, nullptr);
    i.expect(SSL_use_PrivateKey(i.ssl, key) == 1, "that key");
    EVP_PKEY_free(key);
    BIO_free(from);
    SSL_set_accept_state(i.ssl);
}

tls_peer::~tls_peer() = default;
tls_peer::tls_peer(tls_peer&&) noexcept = default;

void tls_peer::take(std::string_view bytes) {
    BIO_write(impl_->in, bytes.data(), static_cast<int>(bytes.size()));
    go_on();
}

void tls_peer::go_on() {
    auto& i = *impl_;
    std::array<char, 16384> piece{};
    while (!i.has_failed) {
        std::size_t n = 0;
        const int got = SSL_read_ex(i.ssl, piece.data(), piece.size(), &n);
        if (got == 1) {
            i.text.append(piece.data(), n);
            continue;
        }
        const int why = SSL_get_error(i.ssl, got);
        if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_ZERO_RETURN) i.fail();
        break;
    }
    if (i.has_failed || SSL_is_init_finished(i.ssl) != 1) return;
    if (!i.unsaid.empty()) {
        std::size_t n = 0;
        if (SSL_write_ex(i.ssl, i.unsaid.data(), i.unsaid.size(), &n) != 1) i.fail();
        i.unsaid.clear();
    }
    if (std::exchange(i.says_goodbye, false)) SSL_shutdown(i.ssl);
}

std::string tls_peer::give() {
    std::string all;
    std::array<char, 16384> piece{};
    for (int n = 0; (n = BIO_read(impl_->out, piece.data(), piece.size())) > 0;)
        all.append(piece.data(), static_cast<std::size_t>(n));
    return all;
}

void tls_peer::say(std::string_view text) {
    impl_->unsaid += text;
    go_on();
}

void tls_peer::say_goodbye() {
    impl_->says_goodbye = true;
    go_on();
}

void tls_peer::shake_hands_again() {
    SSL_renegotiate(impl_->ssl);
    SSL_do_handshake(impl_->ssl);
}

void tls_peer::renew_keys() {
    SSL_key_update(impl_->ssl, SSL_KEY_UPDATE_REQUESTED);
    SSL_do_handshake(impl_->ssl);
}

std::string tls_peer::heard() { return std::exchange(impl_->text, {}); }
bool tls_peer::is_open() const { return !impl_->has_failed && SSL_is_init_finished(impl_->ssl) == 1; }
bool tls_peer::was_told_goodbye() const {
    return (SSL_get_shutdown(impl_->ssl) & SSL_RECEIVED_SHUTDOWN) != 0 && !impl_->has_failed;
}
bool tls_peer::has_failed() const noexcept { return impl_->has_failed; }
std::string tls_peer::problem() const { return impl_->problem; }
bool tls_peer::is_resumed() const { return SSL_session_reused(impl_->ssl) == 1; }
std::string tls_peer::version() const { return SSL_get_version(impl_->ssl); }
std::string tls_peer::cipher() const { return SSL_get_cipher_name(impl_->ssl); }

std::string tls_peer::protocol() const {
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(impl_->ssl, &chosen, &size);
    return {reinterpret_cast<const char*>(chosen), size};
}

std::string tls_peer::certificate_sha256() const {
    digest print{};
    auto* const shown = SSL_get0_peer_certificate(impl_->ssl);
    if (!shown) return {};
    X509_digest(shown, EVP_sha256(), print.data(), nullptr);
    return to_hex(print);
}

std::shared_ptr<void> tls_peer::session() const { return impl_->session; }

namespace {
std::set<std::uint16_t> tls_ports;
}  // namespace

void speak_tls_at(std::uint16_t port) { tls_ports.insert(port); }
void forget_tls_at(std::uint16_t port) { tls_ports.erase(port); }
bool is_tls_port(std::uint16_t port) { return tls_ports.contains(port); }
bool runs_over_tls() { return std::getenv("DISTD_TEST_TLS") != nullptr; }

}  // namespace distd::test
