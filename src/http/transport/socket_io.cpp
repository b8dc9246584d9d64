#include "http/transport/socket_io.hpp"

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <tuple>

#include "base/assert.hpp"
#include "http/transport/record_walk.hpp"
#include "http/transport/tls_session.hpp"

namespace distd::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t max_pieces = 4;

// The system calls themselves: glibc's recv, send and sendmsg are points where a thread may be cancelled,
// which costs each call two atomic changes of the thread's state once the process has a second thread.
long receive(stream_socket& s, void* to, std::size_t size, int flags) noexcept {
    return ::syscall(SYS_recvfrom, s.native_handle(), to, size, flags, nullptr, nullptr);
}

enum class state { quiet, has_bytes, over };

state look_at(stream_socket& s) noexcept {
    char byte = 0;
    const auto n = receive(s, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (n > 0) return state::has_bytes;
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? state::quiet : state::over;
}

// The goodbye of TLS 1.2; that of 1.3 is shorter. No request is as short.
constexpr int goodbye_bytes = 31;

int bytes_to_read(stream_socket& s) noexcept {
    int n = 0;
    return ::ioctl(s.native_handle(), FIONREAD, &n) == 0 ? n : 0;
}

bool has_closed(stream_socket& s) noexcept {
    ::pollfd about{s.native_handle(), POLLRDHUP, 0};
    return ::poll(&about, 1, 0) > 0;
}

// `call` again for as long as a signal interrupts it; how many bytes it moved.
template <class Call>
std::size_t repeated(Call call, error_code& ec) {
    ec.clear();
    for (;;) {
        const long n = call();
        if (n >= 0) return static_cast<std::size_t>(n);
        if (errno == EINTR) continue;
        ec.assign(errno, asio::error::get_system_category());
        return 0;
    }
}

}  // namespace

detail::readable_when detail::when_readable(const tls_session& t) noexcept {
    if (t.holds_bytes()) return readable_when::it_is_now;
    return t.owes_bytes() ? readable_when::there_is_room : readable_when::bytes_come;
}

bool detail::writes_when_bytes_come(const tls_session& t) noexcept { return t.writes_when_bytes_come(); }

std::size_t read_now(stream_socket& s, asio::mutable_buffer to, error_code& ec) {
    DISTD_ASSERT(to.size() > 0);
    if (s.tls()) return s.tls()->read(s.native_handle(), to, ec);
    const auto n = repeated([&] { return receive(s, to.data(), to.size(), 0); }, ec);
    if (n == 0 && !ec) ec = asio::error::eof;
    return n;
}

bool is_drained(const stream_socket& s, std::size_t n, std::size_t room) noexcept {
    return s.tls() ? s.tls()->is_drained() : n < room;
}

namespace {

// For a session the wait and the read are two things: what comes need not be text.
task<io_end> read_some_text(stream_socket* s, asio::mutable_buffer to) {
    io_end end{asio::error::would_block};
    while (end.ec == asio::error::would_block) {
        std::tie(end.ec) = co_await wait_for_bytes(*s, as_result);
        if (!end.ec) end.size = read_now(*s, to, end.ec);
    }
    co_return end;
}

}  // namespace

task<io_end> read_some(stream_socket* s, asio::mutable_buffer to) {
    io_end end;
    end.size = read_now(*s, to, end.ec);
    if (end.ec == asio::error::would_block && s->tls())
        end = co_await read_some_text(s, to);
    else if (end.ec == asio::error::would_block)
        std::tie(end.ec, end.size) = co_await detail::socket_access::of(*s).async_read_some(to, as_result);
    else
        co_await asio::post(s->get_executor(), use_task);
    co_return end;
}

std::size_t write_now(stream_socket& s, asio::const_buffer piece, error_code& ec) {
    if (s.tls()) return s.tls()->write(s.native_handle(), {&piece, 1}, ec);
    const auto send = [&] {
        return ::syscall(SYS_sendto, s.native_handle(), piece.data(), piece.size(), MSG_NOSIGNAL, nullptr, 0);
    };
    return repeated(send, ec);
}

std::size_t write_now(stream_socket& s, std::span<const asio::const_buffer> pieces, error_code& ec) {
    if (s.tls()) return s.tls()->write(s.native_handle(), pieces, ec);
    const auto is_something = [](const auto& p) { return p.size() > 0; };
    if (std::ranges::count_if(pieces, is_something) == 1)
        return write_now(s, *std::ranges::find_if(pieces, is_something), ec);
    DISTD_ASSERT(pieces.size() <= max_pieces);
    std::array<::iovec, max_pieces> parts{};
    std::transform(pieces.begin(), pieces.end(), parts.begin(), [](const auto& p) {
        return ::iovec{const_cast<void*>(p.data()), p.size()};
    });
    ::msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = pieces.size();
    return repeated([&] { return ::syscall(SYS_sendmsg, s.native_handle(), &message, MSG_NOSIGNAL); }, ec);
}

task<io_end> write_some(stream_socket* s, std::span<const asio::const_buffer> pieces) {
    io_end end;
    if (!s->tls()) {
        std::tie(end.ec, end.size) =
            co_await detail::socket_access::of(*s).async_write_some(pieces, as_result);
        co_return end;
    }
    end.size = write_now(*s, pieces, end.ec);
    if (!end.ec) co_await asio::post(s->get_executor(), use_task);
    while (end.ec == asio::error::would_block) {
        std::tie(end.ec) = co_await wait_for_room(*s, as_result);
        if (!end.ec) end.size = write_now(*s, pieces, end.ec);
    }
    co_return end;
}

task<error_code> write_all(stream_socket* s, asio::const_buffer rest) {
    while (rest.size() > 0) {
        const auto [ec, n] = co_await write_some(s, {&rest, 1});
        if (ec) co_return ec;
        rest += n;
    }
    co_return error_code();
}

void shake_hands_now(stream_socket& s, error_code& ec) {
    ec.clear();
    if (s.tls()) s.tls()->shake_hands(s.native_handle(), ec);
}

void say_goodbye(stream_socket& s) noexcept {
    if (s.tls()) s.tls()->say_goodbye(s.native_handle());
}

void shut_down(stream_socket& s) noexcept {
    say_goodbye(s);
    ::shutdown(s.native_handle(), SHUT_WR);
}

// Where it is not offered, the end of a silent peer is merely noticed later.
void keep_alive(stream_socket& s, seconds idle, seconds between, int probes) noexcept {
    const auto set = [fd = s.native_handle()](int level, int option, int value) {
        ::setsockopt(fd, level, option, &value, sizeof value);
    };
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, static_cast<int>(idle.count()));
    set(IPPROTO_TCP, TCP_KEEPINTVL, static_cast<int>(between.count()));
    set(IPPROTO_TCP, TCP_KEEPCNT, probes);
}

void break_off(stream_socket& s) noexcept { ::shutdown(s.native_handle(), SHUT_RDWR); }

// What comes on an idle connection with TLS may be no text (a ticket, new keys). It is not looked into: it
// comes rarely, and the next connection is as good.
bool is_quiet(stream_socket& s) noexcept {
    return !(s.tls() && s.tls()->holds_bytes()) && look_at(s) == state::quiet;
}

bool has_news(stream_socket& s) {
    return s.tls() ? s.tls()->has_news(s.native_handle()) : look_at(s) != state::quiet;
}

bool has_said_goodbye(stream_socket& s) {
    if (!s.tls() || s.tls()->holds_bytes()) return false;
    std::array<char, goodbye_bytes + 1> there{};
    const auto n = receive(s, there.data(), there.size(), MSG_PEEK | MSG_DONTWAIT);
    if (n <= 0 || n > goodbye_bytes) return false;
    // A part of a record stays where it is: OpenSSL would keep a buffer for it that is charged to nobody.
    record_walk records;
    for (std::string_view rest(there.data(), static_cast<std::size_t>(n)); !rest.empty();)
        static_cast<void>(records.take(rest));
    if (records.is_within()) return false;
    return s.tls()->has_news(s.native_handle()) && s.tls()->end() != tls_end::none;
}

bool has_bytes(stream_socket& s) noexcept {
    return (s.tls() && s.tls()->holds_bytes()) || look_at(s) == state::has_bytes;
}

bool has_left(stream_socket& s) noexcept {
    if (!s.tls()) return look_at(s) == state::over;
    if (s.tls()->end() != tls_end::none) return true;
    return !s.tls()->holds_bytes() && bytes_to_read(s) <= goodbye_bytes && has_closed(s);
}

bool may_be_leaving(stream_socket& s) noexcept {
    return s.tls() && !s.tls()->holds_bytes() && bytes_to_read(s) <= goodbye_bytes;
}

}  // namespace distd::http
