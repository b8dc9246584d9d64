#include "http/transport/tls_context.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <utility>

#include "base/assert.hpp"
#include "base/ip_address.hpp"
#include "http/transport/tls_offer.hpp"
#include "http/transport/tls_options.hpp"

namespace distd::http {
namespace {

void trust(SSL_CTX* c, const std::string& roots) {
    BIO* from = BIO_new_mem_buf(roots.data(), static_cast<int>(roots.size()));
    int found = 0;
    while (X509* root = PEM_read_bio_X509(from, nullptr, nullptr, nullptr)) {
        if (X509_STORE_add_cert(SSL_CTX_get_cert_store(c), root) == 1) ++found;
        X509_free(root);
    }
    BIO_free(from);
    ERR_clear_error();
    if (found == 0) throw certificate_error("it holds no certificate (PEM)");
}

// A pinned certificate is judged by its digest alone, once the handshake is over: who vouches for it, for
// which name and until when does not matter.
int take_any(int, X509_STORE_CTX*) { return 1; }

// As a certificate has it: the zone of an address is this machine's own affair, and the dot behind a name
// only says that nothing follows it.
std::string bare(std::string host) {
    if (host.ends_with('.')) host.pop_back();
    return host.substr(0, host.find('%'));
}

// That a certificate is for `host`, a name or an address, and now.
void want(X509_VERIFY_PARAM* of, const std::string& host, wall_point now) {
    X509_VERIFY_PARAM_set_time(of, std::chrono::system_clock::to_time_t(now));
    // As browsers do: names stand in subjectAltName only, and * is for a whole label.
    X509_VERIFY_PARAM_set_hostflags(
        of, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    const bool is_set = parse_ip_address(host) ? X509_VERIFY_PARAM_set1_ip_asc(of, host.c_str()) == 1
                                               : X509_VERIFY_PARAM_set1_host(of, host.c_str(), 0) == 1;
    if (!is_set) throw std::bad_alloc();
}

tls_handle new_session(SSL_CTX* c) {
    tls_handle ssl(SSL_new(c));
    if (!ssl) throw std::bad_alloc();
    return ssl;
}

}  // namespace

tls_server::tls_server(std::shared_ptr<tls_counters> counters)
    : counters_(std::move(counters)),
      buffers_(std::make_shared<tls_buffers>()),
      offer_(std::make_shared<const tls_offer>()) {}

void tls_server::use(std::vector<std::shared_ptr<const tls_certificate>> preferred,
                     const std::vector<std::shared_ptr<const tls_certificate>>& others) {
    const auto first = preferred.size();
    auto certificates = std::move(preferred);
    certificates.insert(certificates.end(), others.begin(), others.end());
    DISTD_ASSERT(!certificates.empty());
    for (const auto& c : certificates) tls_offer::make_ask(c->context());
    offer_ = std::make_shared<const tls_offer>(
        tls_offer{std::move(certificates), first, offer_->keys, offer_->challenges});
}

void tls_server::use(ticket_keys keys) {
    offer_ = std::make_shared<const tls_offer>(
        tls_offer{offer_->certificates, offer_->preferred, std::move(keys), offer_->challenges});
}

void tls_server::show_challenges(tls_challenges challenges) {
    for (const auto& one : challenges) tls_offer::make_ask(one.second->context());
    offer_ = std::make_shared<const tls_offer>(
        tls_offer{offer_->certificates, offer_->preferred, offer_->keys, std::move(challenges)});
}

const std::vector<std::shared_ptr<const tls_certificate>>& tls_server::certificates() const noexcept {
    return offer_->certificates;
}

bool tls_server::shows_for(std::string_view host) const { return offer_->find(host) != nullptr; }

const tls_certificate& tls_server::shown_to(const std::string& host) const {
    // Clients name no host (SNI) where they call an address.
    const auto* by_name = parse_ip_address(host) ? nullptr : offer_->find(host);
    return by_name ? *by_name : *offer_->certificates.front();
}

std::unique_ptr<tls_session> tls_server::accept() const {
    DISTD_ASSERT(!offer_->certificates.empty());
    auto ssl = new_session(offer_->certificates.front()->context());
    SSL_set_accept_state(ssl.get());
    if (!offer_->keys.newest()) {
        SSL_set_options(ssl.get(), SSL_OP_NO_TICKET);
        SSL_set_num_tickets(ssl.get(), 0);
    }
    return std::make_unique<tls_session>(std::move(ssl), buffers_, offer_, counters_);
}

tls_client::tls_client(std::optional<std::string> roots, system_roots when)
    : wants_system_roots_(!roots || when == system_roots::always) {
    if (!roots) return;
    prepare();
    trust(context_.get(), *roots);
}

void tls_client::prepare() const {
    context_ = make_tls_context(tls_side::client);
    buffers_ = std::make_shared<tls_buffers>();
    resumable_ = std::make_shared<resumable_sessions>();
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    tls_session::watch_resumptions(context_.get());
}

ssl_ctx_st* tls_client::context() const {
    if (!context_) prepare();
    if (std::exchange(wants_system_roots_, false)) SSL_CTX_set_default_verify_paths(context_.get());
    return context_.get();
}

std::unique_ptr<tls_session> tls_client::connect(const std::string& to, std::uint16_t port, wall_point now,
                                                 const std::string& pin) const {
    const auto host = bare(to);
    auto ssl = new_session(context());
    auto* const s = ssl.get();
    SSL_set_connect_state(s);
    want(SSL_get0_param(s), host, now);
    if (!parse_ip_address(host) && SSL_set_tlsext_host_name(s, host.c_str()) != 1) throw std::bad_alloc();
    auto session = std::make_unique<tls_session>(std::move(ssl), buffers_, nullptr, nullptr);
    if (!pin.empty()) {
        SSL_set_verify(s, SSL_VERIFY_PEER, take_any);
        session->pin(pin);
    }
    const auto peer = to + ':' + std::to_string(port) + '#' + pin;  // the zone, too
    if (const auto before = resumable_->take(peer, now)) SSL_set_session(s, before.get());
    session->on_resumable(
        [all = resumable_, peer](const ssl_session_st& resumable) { all->keep(peer, resumable); });
    return session;
}

std::string tls_client::distrust(const tls_certificate& shown, const std::string& host,
                                 wall_point now) const {
    STACK_OF(X509)* chain = nullptr;
    SSL_CTX_get0_chain_certs(shown.context(), &chain);
    const std::unique_ptr<X509_STORE_CTX, decltype([](X509_STORE_CTX* c) { X509_STORE_CTX_free(c); })> check(
        X509_STORE_CTX_new());
    if (!check || X509_STORE_CTX_init(check.get(), SSL_CTX_get_cert_store(context()),
                                      SSL_CTX_get0_certificate(shown.context()), chain) != 1)
        throw std::bad_alloc();
    X509_STORE_CTX_set_default(check.get(), "ssl_server");
    want(X509_STORE_CTX_get0_param(check.get()), bare(host), now);
    const bool is_taken = X509_verify_cert(check.get()) == 1;
    ERR_clear_error();
    return is_taken ? std::string() : X509_verify_cert_error_string(X509_STORE_CTX_get_error(check.get()));
}

}  // namespace distd::http
