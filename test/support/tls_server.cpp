#include "support/tls_server.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <cstdio>
#include <distd/task.hpp>
#include <list>
#include <stdexcept>

namespace distd::test {
namespace {

namespace ssl = boost::asio::ssl;
using tcp = boost::asio::ip::tcp;
using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using certificate_ptr = std::unique_ptr<X509, decltype(&X509_free)>;

constexpr long day = 24 * 3600;

struct identity {
    key_ptr key{nullptr, &EVP_PKEY_free};
    certificate_ptr certificate{nullptr, &X509_free};
};

void add_extension(X509* to, X509* issuer, int which, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
    auto* const made = X509V3_EXT_conf_nid(nullptr, &context, which, value.c_str());
    if (!made) throw std::runtime_error("no such extension: " + value);
    X509_add_ext(to, made, -1);
    X509_EXTENSION_free(made);
}

// Without an issuer it signs itself.
identity make(const std::string& name, const identity* issuer, int which, const std::string& value) {
    identity made;
    made.key.reset(EVP_EC_gen("P-256"));
    made.certificate.reset(X509_new());
    auto* const c = made.certificate.get();
    static long serial = 0;
    X509_set_version(c, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(c), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(c), -day);
    X509_gmtime_adj(X509_getm_notAfter(c), day);
    X509_set_pubkey(c, made.key.get());
    auto* const subject = X509_get_subject_name(c);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    const auto& by = issuer ? *issuer : made;
    X509_set_issuer_name(c, X509_get_subject_name(by.certificate.get()));
    add_extension(c, by.certificate.get(), which, value);
    X509_sign(c, by.key.get(), EVP_sha256());
    return made;
}

std::string pem_of(const std::function<void(BIO*)>& write) {
    std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), [](BIO* b) { return BIO_free(b); });
    write(bio.get());
    char* text = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

std::size_t request_size(const std::string& text) {
    const auto head = text.find("\r\n\r\n");
    if (head == std::string::npos) return std::string::npos;
    const std::string name = "\r\nContent-Length: ";
    const auto at = text.find(name);
    std::size_t body = 0;
    if (at < head) std::from_chars(text.data() + at + name.size(), text.data() + head, body);
    return text.size() >= head + 4 + body ? head + 4 + body : std::string::npos;
}

}  // namespace

struct tls_authority::impl {
    identity own = make("an authority of a test", nullptr, NID_basic_constraints, "critical,CA:TRUE");
};

tls_authority::tls_authority() : impl_(std::make_unique<impl>()) {}
tls_authority::~tls_authority() = default;

void tls_authority::write(const std::filesystem::path& file) const {
    std::unique_ptr<FILE, int (*)(FILE*)> out(std::fopen(file.c_str(), "w"), &std::fclose);
    PEM_write_X509(out.get(), impl_->own.certificate.get());
}

struct tls_server::state {
    using stream = ssl::stream<boost::asio::basic_stream_socket<tcp, executor>>;
    using acceptor_type = boost::asio::basic_socket_acceptor<tcp, executor>;

    state(boost::asio::io_context& loop, script s)
        : context(ssl::context::tls_server),
          acceptor(loop, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)),
          port(acceptor.local_endpoint().port()),
          say(std::move(s)) {}

    static task<> accept_all(std::shared_ptr<state> self) {
        for (;;) {
            auto [ec, accepted] = co_await self->acceptor.async_accept(as_result);
            if (ec) co_return;
            auto& s = self->streams.emplace_back(std::move(accepted), self->context);
            boost::asio::co_spawn(self->acceptor.get_executor(), serve(self, &s), [](std::exception_ptr) {});
        }
    }

    static task<> serve(std::shared_ptr<state> self, stream* s) {
        auto [refused] = co_await s->async_handshake(ssl::stream_base::server, as_result);
        if (refused) co_return;
        ++self->connections;
        std::string text;
        std::string chunk(4096, '\0');
        while (request_size(text) == std::string::npos) {
            auto [ec, n] = co_await s->async_read_some(boost::asio::buffer(chunk), as_result);
            if (ec) co_return;
            text.append(chunk, 0, n);
        }
        self->requests.push_back(text);
        const auto what = self->say(text);
        if (what.say.empty()) co_return;
        auto [failed, n] = co_await boost::asio::async_write(*s, boost::asio::buffer(what.say), as_result);
        static_cast<void>(failed);
        static_cast<void>(n);
        if (what.has_farewell) {
            auto [ignored] = co_await s->async_shutdown(as_result);
            static_cast<void>(ignored);
        }
        boost::system::error_code ignored;
        s->next_layer().close(ignored);
    }

    ssl::context context;
    acceptor_type acceptor;
    std::uint16_t port;
    script say;
    std::list<stream> streams;
    std::vector<std::string> requests;
    int connections = 0;
};

tls_server::tls_server(boost::asio::io_context& loop, const tls_authority& by, const std::string& names,
                       script say)
    : state_(std::make_shared<state>(loop, std::move(say))) {
    const auto own = make("a server of a test", &by.impl_->own, NID_subject_alt_name, names);
    const auto certificate = pem_of([&](BIO* b) { PEM_write_bio_X509(b, own.certificate.get()); });
    const auto key = pem_of(
        [&](BIO* b) { PEM_write_bio_PrivateKey(b, own.key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
    state_->context.use_certificate_chain(boost::asio::buffer(certificate));
    state_->context.use_private_key(boost::asio::buffer(key), ssl::context::pem);
    boost::asio::co_spawn(loop, state::accept_all(state_), [](std::exception_ptr) {});
}

tls_server::~tls_server() {
    boost::system::error_code ignored;
    state_->acceptor.close(ignored);
    for (auto& s : state_->streams) s.next_layer().close(ignored);
}

std::uint16_t tls_server::port() const { return state_->port; }
const std::vector<std::string>& tls_server::requests() const { return state_->requests; }
int tls_server::connections() const { return state_->connections; }

}  // namespace distd::test
