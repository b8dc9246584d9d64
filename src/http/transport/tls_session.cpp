#include "http/transport/tls_session.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "base/assert.hpp"
#include "base/digest.hpp"

namespace distd::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t record_bytes = 16 * 1024;  // of text, in one record
constexpr std::size_t gathered_bytes = 64 * 1024;
constexpr std::size_t max_unsent = 2 * gathered_bytes;
constexpr std::size_t min_receive = 2 * 1024;  // a record is not fetched in crumbs, however little is wanted
// Peers renew their keys after gigabytes, and send tickets behind the handshake. Each costs as much as a
// small request, and OpenSSL works on all that are here in one go.
constexpr std::uint16_t max_late_messages = 100;

// `call` again for as long as a signal interrupts it; negative: errno.
template <class Call>
long repeated(Call call) noexcept {
    for (;;) {
        const long n = call();
        if (n >= 0) return n;
        if (errno != EINTR) return -errno;
    }
}

bool is_would_block(long n) noexcept { return n == -EAGAIN || n == -EWOULDBLOCK; }

error_code code_of(long n) { return {static_cast<int>(-n), asio::error::get_system_category()}; }

// Whether the alert is about the certificate that we showed.
bool is_about_certificate(int reason) noexcept {
    switch (reason) {
        case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
        case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
        case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
        case SSL_R_TLSV1_ALERT_ACCESS_DENIED: return true;
        default: return false;
    }
}

bool is_nothing_common(int reason) noexcept {
    switch (reason) {
        case SSL_R_NO_SHARED_CIPHER:
        case SSL_R_NO_SUITABLE_KEY_SHARE:
        case SSL_R_NO_SUITABLE_GROUPS:
        case SSL_R_NO_SHARED_GROUPS:
        case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
        case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
        case SSL_R_NO_APPLICATION_PROTOCOL:
        case SSL_R_UNSUPPORTED_PROTOCOL:
        case SSL_R_VERSION_TOO_LOW:
        case SSL_R_INAPPROPRIATE_FALLBACK:
        case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
        case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
        case SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY:
        case SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: return true;
        default: return false;
    }
}

// An entry that is left in the queue would make the next session's SSL_get_error lie.
tls_end take_reason() noexcept {
    auto why = tls_end::broken;
    for (auto e = ERR_get_error(); e != 0; e = ERR_get_error()) {
        const auto reason = ERR_GET_REASON(e);
        if (is_about_certificate(reason)) why = tls_end::refused_by_peer;
        if (is_nothing_common(reason)) why = tls_end::nothing_common;
        if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) why = tls_end::not_trusted;
    }
    return why;
}

const char* name_of(tls_end why) noexcept {
    switch (why) {
        case tls_end::plain_http: return "plain_http";
        case tls_end::nothing_common: return "nothing_common";
        case tls_end::refused_by_peer: return "certificate_refused";
        case tls_end::timed_out: return "timed_out";
        case tls_end::broken: return "broken";
        default: return "left";
    }
}

// The pieces as one row of bytes.
class piece_row {
public:
    explicit piece_row(std::span<const asio::const_buffer> pieces) : pieces_(pieces) { pass_over_empty(); }

    [[nodiscard]] bool is_empty() const noexcept { return pieces_.empty(); }
    void skip(std::size_t n) {
        while (n > 0) {
            const auto of_front = std::min(n, pieces_.front().size() - at_);
            at_ += of_front;
            n -= of_front;
            pass_over_empty();
        }
    }
    // The next bytes, as many as fit into a record: from where they lie, or joined where they lie apart.
    [[nodiscard]] asio::const_buffer next(std::span<char> room) const {
        const auto front = pieces_.front() + at_;
        if (front.size() >= room.size()) return asio::buffer(front, room.size());
        if (pieces_.size() == 1) return front;
        std::size_t n = 0;
        for (auto i = std::size_t{0}; i < pieces_.size() && n < room.size(); ++i)
            n += asio::buffer_copy(asio::buffer(room.data() + n, room.size() - n),
                                   i == 0 ? front : pieces_[i]);
        return {room.data(), n};
    }

private:
    void pass_over_empty() {
        while (!pieces_.empty() && at_ == pieces_.front().size()) {
            pieces_ = pieces_.subspan(1);
            at_ = 0;
        }
    }

    std::span<const asio::const_buffer> pieces_;
    std::size_t at_ = 0;  // in the first
};

}  // namespace

// What OpenSSL reads from and writes to. Its own for descriptors writes with `write`, which a connection that
// the peer has reset answers with SIGPIPE.
struct tls_bytes {
    static tls_session& of(BIO* bio) noexcept { return *static_cast<tls_session*>(BIO_get_data(bio)); }

    static int read(BIO* bio, char* to, std::size_t room, std::size_t* n) {
        BIO_clear_retry_flags(bio);
        auto& here = of(bio).here_;
        if (here.empty()) {
            BIO_set_retry_read(bio);
            return 0;
        }
        *n = here.copy(to, room);
        here.remove_prefix(*n);
        return 1;
    }

    static int write(BIO* bio, const char* from, std::size_t size, std::size_t* n) {
        BIO_clear_retry_flags(bio);
        of(bio).buffers_->out.append(from, size);
        *n = size;
        return 1;
    }

    static long control(BIO*, int what, long, void*) noexcept { return what == BIO_CTRL_FLUSH ? 1 : 0; }

    static BIO_METHOD* make_methods() {
        auto* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "distd");
        if (!m) throw std::bad_alloc();
        BIO_meth_set_read_ex(m, read);
        BIO_meth_set_write_ex(m, write);
        BIO_meth_set_ctrl(m, control);
        BIO_meth_set_create(m, [](BIO* bio) {
            BIO_set_init(bio, 1);
            return 1;
        });
        return m;
    }

    static BIO* over(tls_session& s) {
        static BIO_METHOD* const methods = make_methods();
        auto* bio = BIO_new(methods);
        if (!bio) throw std::bad_alloc();
        BIO_set_data(bio, &s);
        return bio;
    }
};

tls_counters::tls_counters(metrics& m)
    : opened(m.count("distd_tls_handshakes_total", "TLS handshakes that came to their end",
                     {{"session", "new"}})),
      resumed(m.count("distd_tls_handshakes_total", "TLS handshakes that came to their end",
                      {{"session", "resumed"}})) {
    for (std::size_t i = 0; i < failures.size(); ++i) {
        const auto why = static_cast<tls_end>(i);
        if (why == tls_end::not_trusted) continue;  // a server asks for no certificate
        failures[i] = &m.count("distd_tls_handshake_failures_total", "TLS handshakes that failed, by reason",
                               {{"reason", name_of(why)}});
    }
}

void tls_counters::failed(tls_end why) noexcept {
    if (auto* const reason = failures[static_cast<std::size_t>(why)]) reason->add();
}

tls_session::tls_session(tls_handle ssl, std::shared_ptr<tls_buffers> buffers, keep_alive kept,
                         std::shared_ptr<tls_counters> counters)
    : ssl_(std::move(ssl)),
      buffers_(std::move(buffers)),
      kept_alive_(std::move(kept)),
      counters_(std::move(counters)) {
    auto* bio = tls_bytes::over(*this);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_app_data(ssl_.get(), this);
}

tls_session::~tls_session() { give_up(tls_end::cut); }

const void* tls_session::kept_by(const ssl_st* ssl) noexcept {
    return static_cast<const tls_session*>(SSL_get_app_data(ssl))->kept_alive_.get();
}

void tls_session::watch_messages(ssl_ctx_st* c) noexcept { SSL_CTX_set_msg_callback(c, note_message); }

void tls_session::watch_resumptions(ssl_ctx_st* c) noexcept {
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(c, note_resumable);
}

// 0: OpenSSL's own reference stays its own. With TLS 1.2 this comes before the end of the handshake.
int tls_session::note_resumable(ssl_st* ssl, ssl_session_st* resumable) noexcept {
    const auto& s = *static_cast<tls_session*>(SSL_get_app_data(ssl));
    if (s.on_resumable_ && s.is_who_was_pinned()) s.on_resumable_(*resumable);
    return 0;
}

void tls_session::note_message(int is_sent, int, int type, const void*, std::size_t, ssl_st* ssl, void*) {
    auto& s = *static_cast<tls_session*>(SSL_get_app_data(ssl));
    // A hello with which a client of TLS 1.2 would begin anew is not shown here, the alert that refuses it
    // is.
    const bool counts = type == (is_sent ? SSL3_RT_ALERT : SSL3_RT_HANDSHAKE);
    if (!counts || !s.is_open_) return;
    if (++s.late_messages_ <= max_late_messages) return;
    s.end_ = tls_end::broken;
    s.here_ = {};  // nothing more of it is looked at
}

void tls_session::give_up(tls_end why) noexcept {
    if (is_open_ || !counters_) return;
    counters_->failed(end_ == tls_end::none ? why : end_);
    counters_.reset();
}

std::size_t tls_session::read(int fd, asio::mutable_buffer to, error_code& ec) {
    DISTD_ASSERT(to.size() > 0);
    const bool was_open = is_open_;
    std::string before;
    begin_read(fd, before);
    std::size_t got = decrypt(to);
    while (got == 0 && end_ == tls_end::none && !is_drained_ && receive(fd, to.size())) got = decrypt(to);
    // Where a request came with the end of the handshake, the ticket need not go alone: with TLS 1.3 it is
    // all that is left to be sent.
    const bool waits_for_ticket_only =
        !was_open && SSL_is_server(ssl_.get()) == 1 && SSL_version(ssl_.get()) >= TLS1_3_VERSION;
    end_read(fd, got == to.size(), got > 0 && waits_for_ticket_only);
    ec.clear();
    if (got == 0) ec = end_ == tls_end::none ? error_code(asio::error::would_block) : code_of_end();
    return got;
}

// What an earlier read left over is in `before` then, and `here_` shows it.
void tls_session::begin_read(int fd, std::string& before) {
    DISTD_ASSERT(buffers_->out.empty());
    error_code ignored;  // who does not take what we say may still have said something
    if (!unsent_.empty()) send_out(fd, ignored);
    if (ERR_peek_error() != 0) ERR_clear_error();  // somebody else's
    before = std::exchange(kept_, {});
    here_ = before;
    is_drained_ = false;
}

// `stopped_early`: before OpenSSL asked for more bytes. `is_answered_next`: what is to be sent may wait for
// the next write, at the latest for the next read.
void tls_session::end_read(int fd, bool stopped_early, bool is_answered_next) {
    kept_ = here_;
    here_ = {};
    note_progress();
    error_code ignored;
    waits_for_answer_ = is_answered_next && unsent_.empty() && end_ == tls_end::none;
    if (waits_for_answer_) {
        unsent_ = buffers_->out;  // a copy, as those have much more room than that
        buffers_->out.clear();
    } else if (!buffers_->out.empty()) {
        send_out(fd, ignored);
    }
    if (unsent_.size() > max_unsent) end_ = tls_end::broken;  // asks, and does not hear the answers
    const bool may_have_more = stopped_early && (SSL_has_pending(ssl_.get()) != 0 || !kept_.empty());
    holds_bytes_ = end_ != tls_end::none || may_have_more;
    keeps_record_ = end_ == tls_end::none && (may_have_more || received_.is_within());
}

// What is here, as text. Whatever OpenSSL does not turn into text yet it keeps.
std::size_t tls_session::decrypt(asio::mutable_buffer to) {
    if (end_ != tls_end::none) return 0;
    std::size_t got = 0;
    auto* const begin = static_cast<char*>(to.data());
    while (got < to.size()) {
        std::size_t n = 0;
        const int returned = SSL_read_ex(ssl_.get(), begin + got, to.size() - got, &n);
        if (returned != 1) {
            note_failure(returned);
            break;
        }
        got += n;
        // Nothing is left: another call would take a buffer for the next record, and give it back.
        if (here_.empty() && SSL_has_pending(ssl_.get()) == 0) break;
    }
    return got;
}

// Fetches what has come, no more of it than there is room for its text: false when that is nothing.
bool tls_session::receive(int fd, std::size_t room) {
    auto& in = buffers_->in;
    const auto wanted = std::clamp(room, min_receive, in.size());
    const auto n =
        repeated([&] { return ::syscall(SYS_recvfrom, fd, in.data(), wanted, 0, nullptr, nullptr); });
    is_drained_ = n < static_cast<long>(wanted) && n != 0;
    if (is_would_block(n)) return false;
    if (n <= 0) {
        end_ = tls_end::cut;
        return false;
    }
    here_ = {in.data(), static_cast<std::size_t>(n)};
    for (auto rest = here_; !rest.empty();) static_cast<void>(received_.take(rest));
    if (!std::exchange(has_received_, true) && in[0] >= 'A' && in[0] <= 'Z') {
        end_ = tls_end::plain_http;  // a record of a handshake begins with a byte of 22
        return false;
    }
    if (!is_open_ && SSL_is_server(ssl_.get()) == 1 && !hello_.take(here_)) {
        end_ = tls_end::broken;
        return false;
    }
    return true;
}

void tls_session::note_failure(int returned) {
    switch (SSL_get_error(ssl_.get(), returned)) {
        case SSL_ERROR_WANT_READ: return;
        case SSL_ERROR_ZERO_RETURN: end_ = tls_end::closed; return;
        default: break;
    }
    if (const auto verdict = SSL_get_verify_result(ssl_.get()); verdict != X509_V_OK)
        distrust_ = X509_verify_cert_error_string(verdict);
    end_ = take_reason();
}

// What has to be done once the handshake is over.
void tls_session::note_progress() {
    if (is_open_ || end_ != tls_end::none || SSL_is_init_finished(ssl_.get()) != 1) return;
    if (!is_who_was_pinned()) {
        distrust_ = "it is not the certificate that was named for it";
        end_ = tls_end::not_trusted;
        return;
    }
    is_open_ = true;
    kept_alive_.reset();
    if (!counters_) return;
    (SSL_session_reused(ssl_.get()) == 1 ? counters_->resumed : counters_->opened).add();
}

bool tls_session::is_who_was_pinned() const {
    if (pin_.empty()) return true;
    auto* const shown = SSL_get0_peer_certificate(ssl_.get());
    digest print{};
    unsigned int size = 0;
    return shown && X509_digest(shown, EVP_sha256(), print.data(), &size) == 1 && to_hex(print) == pin_;
}

error_code tls_session::code_of_end() const {
    if (end_ == tls_end::closed) return asio::error::eof;
    return end_ == tls_end::cut ? asio::error::connection_reset : asio::error::connection_aborted;
}

// What is to be sent, as far as the kernel takes it; would_block when that is not all.
void tls_session::send_out(int fd, error_code& ec) noexcept {
    ec.clear();
    waits_for_answer_ = false;
    auto& out = buffers_->out;
    const bool is_first = unsent_.empty();
    if (!is_first) unsent_.append(out);
    std::string_view rest = is_first ? out : unsent_;
    while (!rest.empty() && !ec) {
        const auto n = repeated(
            [&] { return ::syscall(SYS_sendto, fd, rest.data(), rest.size(), MSG_NOSIGNAL, nullptr, 0); });
        if (n < 0) ec = code_of(n);
        rest.remove_prefix(static_cast<std::size_t>(std::max(n, 0L)));
    }
    unsent_ = std::string(rest);
    out.clear();
}

// The kernel may take a part of a record, and nothing can be put in its place then: the rest stays here, and
// the last byte of the text counts as not written, so that whoever writes comes back for it.
std::size_t tls_session::write(int fd, std::span<const asio::const_buffer> pieces, error_code& ec) {
    if (std::exchange(writes_when_bytes_come_, false)) static_cast<void>(has_news(fd));
    DISTD_ASSERT(buffers_->out.empty());
    ec.clear();
    if (!unsent_.empty() && !waits_for_answer_) send_out(fd, ec);
    if (ec) return 0;
    piece_row row(pieces);
    std::size_t done = std::exchange(owed_, 0);
    row.skip(done);
    for (std::size_t taken = 0; taken < gathered_bytes && !row.is_empty();) {
        const auto record = row.next({buffers_->joined.data(), record_bytes});
        std::size_t n = 0;
        const int returned = SSL_write_ex(ssl_.get(), record.data(), record.size(), &n);
        writes_when_bytes_come_ = returned != 1 && SSL_get_error(ssl_.get(), returned) == SSL_ERROR_WANT_READ;
        if (writes_when_bytes_come_) break;
        if (returned != 1) {
            ERR_clear_error();
            buffers_->out.clear();
            ec = asio::error::connection_aborted;
            return 0;
        }
        row.skip(n);
        taken += n;
        done += n;
    }
    send_out(fd, ec);
    if (ec && ec != asio::error::would_block) return 0;
    ec.clear();
    if (done == 0 && writes_when_bytes_come_) ec = asio::error::would_block;
    if (unsent_.empty()) return done;
    owed_ = 1;
    if (done == owed_) ec = asio::error::would_block;
    return done - owed_;
}

bool tls_session::has_news(int fd) {
    std::string before;
    begin_read(fd, before);
    bool is_text = false;
    bool is_over = end_ != tls_end::none;
    while (!is_text && !is_over) {
        char byte = 0;
        std::size_t n = 0;
        const int returned = SSL_peek_ex(ssl_.get(), &byte, 1, &n);
        is_text = returned == 1;
        if (!is_text) note_failure(returned);
        is_over = is_text || end_ != tls_end::none || is_drained_ || !receive(fd, min_receive);
    }
    end_read(fd, is_text);
    return is_text || end_ != tls_end::none;
}

void tls_session::shake_hands(int fd, error_code& ec) {
    std::string before;
    begin_read(fd, before);
    bool is_over = end_ != tls_end::none;
    int returned = 0;
    while (!is_over) {
        returned = SSL_do_handshake(ssl_.get());
        if (returned != 1) note_failure(returned);
        is_over = returned == 1 || end_ != tls_end::none || is_drained_ || !receive(fd, min_receive);
    }
    // A part of a message is nothing to go on with: whoever took it for that would try again and again.
    end_read(fd, returned == 1);
    ec.clear();
    if (end_ != tls_end::none)
        ec = code_of_end();
    else if (!is_open_)
        ec = asio::error::would_block;
}

void tls_session::say_goodbye(int fd) noexcept {
    if (!is_open_ || (!unsent_.empty() && !waits_for_answer_) ||
        (end_ != tls_end::none && end_ != tls_end::closed))
        return;
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
    error_code ignored;
    send_out(fd, ignored);
}

}  // namespace distd::http
