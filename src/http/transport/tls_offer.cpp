#include "http/transport/tls_offer.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/ascii.hpp"

namespace distd::http {
namespace {

constexpr std::array<unsigned char, 9> http_1_1{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};  // for ALPN
constexpr std::array<unsigned char, 11> acme_tls_1{10, 'a', 'c', 'm', 'e', '-', 't', 'l', 's', '/', '1'};
constexpr std::string_view session_context = "distd";

// Null once the handshake is over.
const tls_offer* offer_of(const SSL* ssl) noexcept {
    return static_cast<const tls_offer*>(tls_session::kept_by(ssl));
}

std::string_view extension_of(SSL* ssl, unsigned int which) noexcept {
    const unsigned char* bytes = nullptr;
    std::size_t size = 0;
    if (SSL_client_hello_get0_ext(ssl, which, &bytes, &size) != 1) return {};
    return {reinterpret_cast<const char*>(bytes), size};
}

// Behind the sizes of the list (2 bytes) and of the first name (2), and its kind, which is 0: a host.
std::string_view named_host(std::string_view server_name) noexcept {
    constexpr std::size_t head = 5;
    if (server_name.size() <= head || server_name[2] != 0) return {};
    return server_name.substr(head);
}

// A CA that validates a name offers one protocol alone, by which it is known before anything is chosen.
int look_for_challenge(SSL* ssl, int*, void*) {
    const auto* offer = offer_of(ssl);
    if (!offer || offer->challenges.empty()) return SSL_CLIENT_HELLO_SUCCESS;
    const auto protocols = extension_of(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation);
    const std::string_view wanted(reinterpret_cast<const char*>(acme_tls_1.data()), acme_tls_1.size());
    if (protocols.size() != 2 + wanted.size() || !protocols.ends_with(wanted))
        return SSL_CLIENT_HELLO_SUCCESS;
    const auto found = offer->challenges.find(named_host(extension_of(ssl, TLSEXT_TYPE_server_name)));
    if (found != offer->challenges.end()) SSL_set_SSL_CTX(ssl, found->second->context());
    return SSL_CLIENT_HELLO_SUCCESS;
}

// A client that speaks other protocols only is told so, and not answered in one that it does not expect.
int choose_protocol(SSL* ssl, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned int size, void*) {
    unsigned char* chosen = nullptr;
    const auto* offer = offer_of(ssl);
    const bool is_challenge = offer && offer->challenge_of(SSL_get_SSL_CTX(ssl));
    const auto* spoken = is_challenge ? acme_tls_1.data() : http_1_1.data();
    const auto spoken_size = static_cast<unsigned int>(is_challenge ? acme_tls_1.size() : http_1_1.size());
    if (SSL_select_next_proto(&chosen, out_size, spoken, spoken_size, offered, size) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

int choose_certificate(SSL* ssl, int*, void*) {
    const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    const auto* offer = offer_of(ssl);
    if (!name || !offer) return SSL_TLSEXT_ERR_NOACK;
    if (offer->challenge_of(SSL_get_SSL_CTX(ssl))) return SSL_TLSEXT_ERR_OK;
    const auto* chosen = offer->find(name);
    if (!chosen) return SSL_TLSEXT_ERR_NOACK;
    SSL_set_SSL_CTX(ssl, chosen->context());
    return SSL_TLSEXT_ERR_OK;
}

// Makes a ticket, or opens one: 2 asks for a new ticket in its place, 0 for a whole handshake. With TLS 1.3
// clients use each ticket once (RFC 8446, C.4), and would shake hands anew each second time.
int use_ticket_key(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                   EVP_MAC_CTX* seal, int is_making) {
    const auto* offer = offer_of(ssl);
    if (!offer) return -1;
    const auto& keys = offer->keys;
    const auto* key = keys.newest();
    if (!is_making) key = keys.find(std::span<const unsigned char, 16>(name, 16));
    if (!key) return is_making ? -1 : 0;
    const auto* aes = EVP_aes_256_cbc();
    if (is_making) {
        std::copy(key->name.begin(), key->name.end(), name);
        if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(aes)) != 1) return -1;
    }
    auto* const secret = const_cast<unsigned char*>(key->seal.data());
    char sha256[] = "SHA256";
    std::array<OSSL_PARAM, 3> how{
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, secret, key->seal.size()),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, sha256, 0), OSSL_PARAM_construct_end()};
    if (EVP_MAC_CTX_set_params(seal, how.data()) != 1) return -1;
    if (EVP_CipherInit_ex(cipher, aes, nullptr, key->cipher.data(), iv, is_making) != 1) return -1;
    const bool is_for_once = SSL_version(ssl) >= TLS1_3_VERSION;
    return is_making || (key == keys.newest() && !is_for_once) ? 1 : 2;
}

const tls_certificate* find_among(std::span<const std::shared_ptr<const tls_certificate>> some,
                                  const std::string& name) {
    const tls_certificate* by_wildcard = nullptr;
    for (const auto& c : some) {
        const auto& names = c->facts().names;
        if (std::ranges::find(names, name) != names.end()) return c.get();
        if (!by_wildcard && c->has_name(name)) by_wildcard = c.get();
    }
    return by_wildcard;
}

}  // namespace

const tls_certificate* tls_offer::find(std::string_view host) const {
    if (host.ends_with('.')) host.remove_suffix(1);
    std::string name(host);
    std::ranges::transform(name, name.begin(), ascii::lower);
    const std::span all(certificates);
    const auto* best = find_among(all.first(preferred), name);
    return best ? best : find_among(all.subspan(preferred), name);
}

const tls_certificate* tls_offer::challenge_of(const ssl_ctx_st* context) const noexcept {
    for (const auto& one : challenges)
        if (one.second->context() == context) return one.second.get();
    return nullptr;
}

void tls_offer::make_ask(ssl_ctx_st* c) {
    SSL_CTX_set_client_hello_cb(c, look_for_challenge, nullptr);
    SSL_CTX_set_alpn_select_cb(c, choose_protocol, nullptr);
    SSL_CTX_set_tlsext_servername_callback(c, choose_certificate);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(c, use_ticket_key);
    // OpenSSL makes two by itself. The second is seldom used, and takes about half of what a client saves
    // that comes back with one.
    SSL_CTX_set_num_tickets(c, 1);
    SSL_CTX_set_timeout(c,
                        std::chrono::duration_cast<std::chrono::seconds>(ticket_keys::ticket_life).count());
    SSL_CTX_set_session_id_context(c, reinterpret_cast<const unsigned char*>(session_context.data()),
                                   session_context.size());
    SSL_CTX_set_options(c, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
}

}  // namespace distd::http
