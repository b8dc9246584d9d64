#include "http/client/peer_watch.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

#include "base/ascii.hpp"
#include "http/access/access_control.hpp"
#include "http/message/url.hpp"

namespace distd::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using peer_watch_socket = asio::basic_stream_socket<tcp, executor>;
using namespace asio::experimental::awaitable_operators;

constexpr std::size_t max_head = 16 * 1024;

// Whether the answer's head leaves the connection open.
bool is_kept(const std::string& head) {
    const auto text = ascii::lowered(head);
    const auto field = text.find("\r\nconnection:");
    const auto value =
        field == text.npos ? "" : text.substr(field + 2, text.find("\r\n", field + 2) - field - 2);
    if (text.starts_with("http/1.0")) return value.find("keep-alive") != value.npos;
    return value.find("close") == value.npos;
}

class peer_watch {
public:
    peer_watch(peer_watch_setup s, executor ex, time_source& time, resolver& names)
        : setup_(std::move(s)), names_(names), found_(ex, time), patience_(ex, time), socket_(ex) {}

    task<peer_watch_end> hold(std::function<void()> held) {
        const auto opened = co_await (open() || patience_.wait_for(setup_.patience));
        if (opened.index() == 1)
            co_return is_connected_ ? peer_watch_end::unanswered : peer_watch_end::unreachable;
        if (const auto failed = std::get<0>(opened)) co_return *failed;
        held();
        // Whatever else comes (the body of the answer, a notice before the end) is of no interest.
        for (;;) {
            auto [ec, n] = co_await socket_.async_read_some(asio::buffer(input_), as_result);
            if (ec == asio::error::operation_aborted)
                throw boost::system::system_error(ec);  // we let go, not they
            if (ec) co_return peer_watch_end::lost;
        }
    }

private:
    using failure = std::optional<peer_watch_end>;

    task<failure> open() {
        url_error why;
        const auto where = split_peer_url(setup_.url, why);
        if (!where) co_return peer_watch_end::unreachable;
        const auto addresses = co_await find(where->host);
        for (const auto& address : addresses) {
            boost::system::error_code ignored;
            socket_.close(ignored);
            const tcp::endpoint peer(address, where->port);
            auto [ec] = co_await socket_.async_connect(peer, as_result);
            if (ec || is_own_echo(peer)) continue;
            is_connected_ = true;
            keep_alive();
            co_return co_await exchange("GET " + where->target + " HTTP/1.1\r\nHost: " + where->authority() +
                                        "\r\nUser-Agent: " + setup_.user_agent + proof_for(*where) +
                                        "\r\nAccept: */*\r\n\r\n");
        }
        co_return peer_watch_end::unreachable;
    }

    // A line of the head, or nothing.
    std::string proof_for(const url& where) const {
        if (!setup_.credentials || !setup_.credentials->is_required()) return {};
        const auto authority = where.authority();
        return "\r\nAuthorization: " +
               setup_.credentials->prove({"GET", where.target, authority}, std::string_view());
    }

    task<address_list> find(std::string host) {
        for (;;) {
            if (auto known = names_.known(host))
                co_return known->has_value() ? std::move(**known) : address_list();
            resolver::question waiting([this] { found_.wake(); });
            if (!names_.ask(host, waiting)) co_return address_list();
            co_await found_.wait();
        }
    }

    task<failure> exchange(std::string request) {
        auto [ec, sent] = co_await asio::async_write(socket_, asio::buffer(request), as_result);
        if (ec) co_return peer_watch_end::unanswered;
        std::string head;
        while (head.find("\r\n\r\n") == head.npos) {
            auto [failed, n] = co_await socket_.async_read_some(asio::buffer(input_), as_result);
            if (failed || head.size() > max_head) co_return peer_watch_end::unanswered;
            head.append(input_.data(), n);
        }
        if (!head.starts_with("HTTP/1.")) co_return peer_watch_end::unanswered;
        if (!is_kept(head.substr(0, head.find("\r\n\r\n") + 2))) co_return peer_watch_end::not_kept;
        co_return std::nullopt;
    }

    // A port nobody listens on may be given to our own end, which then talks to itself.
    bool is_own_echo(const tcp::endpoint& peer) const {
        boost::system::error_code ec;
        return socket_.local_endpoint(ec) == peer || ec;
    }

    void keep_alive() {
        const auto set = [fd = socket_.native_handle()](int level, int option, int value) {
            ::setsockopt(fd, level, option, &value,
                         sizeof value);  // where it is not offered the tether is merely slower
        };
        set(SOL_SOCKET, SO_KEEPALIVE, 1);
        set(IPPROTO_TCP, TCP_KEEPIDLE,
            static_cast<int>(std::clamp<seconds::rep>(setup_.probe_after.count(), 1, 7200)));
        set(IPPROTO_TCP, TCP_KEEPINTVL, 1);
        set(IPPROTO_TCP, TCP_KEEPCNT, 3);
    }

    peer_watch_setup setup_;
    resolver& names_;
    alarm_clock found_;
    alarm_clock patience_;
    peer_watch_socket socket_;
    bool is_connected_ = false;
    std::array<char, 1024> input_;
};

}  // namespace

task<peer_watch_end> hold_peer_watch(peer_watch_setup setup, executor ex, time_source& time, resolver& names,
                                     std::function<void()> held) {
    peer_watch t(std::move(setup), ex, time, names);
    co_return co_await t.hold(std::move(held));
}

}  // namespace distd::http
