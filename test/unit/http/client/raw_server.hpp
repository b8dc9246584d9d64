// A server for tests that says byte for byte what a test wants it to say, and nothing of its own.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <distd/task.hpp>
#include <functional>
#include <iterator>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/tls_peer.hpp"

namespace distd::test {

class raw_server {
public:
    struct action {
        std::string say;  // nothing: keeps silent
        bool close_after = false;
        bool reset = false;            // instead of an orderly end
        std::size_t piece_bytes = 0;   // sends so many bytes at a time, each in a packet of its own
        bool without_goodbye = false;  // with TLS: the close is a cut
    };
    // Asked for each complete request: its connection (0, 1, ...) and its text.
    using script = std::function<action(int connection, const std::string& request)>;

    raw_server(boost::asio::io_context& loop, script say, const char* address = "127.0.0.1",
               std::uint16_t port = 0)
        : state_(std::make_shared<state>(loop, endpoint(boost::asio::ip::make_address(address), port))) {
        state_->say = std::move(say);
        boost::asio::co_spawn(loop, accept_all(state_), [](std::exception_ptr) {});
    }
    ~raw_server() { close(); }
    raw_server(const raw_server&) = delete;
    raw_server& operator=(const raw_server&) = delete;

    void close() {
        boost::system::error_code ignored;
        state_->acceptor.close(ignored);
        close_connections();
    }
    void close_connections() {
        boost::system::error_code ignored;
        for (auto& s : state_->sockets) s.close(ignored);
    }
    void close(int connection) {
        boost::system::error_code ignored;
        at(connection).close(ignored);
    }
    // Besides what the script says; no more than a socket takes at once.
    void say(int connection, const std::string& text) {
        boost::asio::write(at(connection), boost::asio::buffer(text));
    }

    [[nodiscard]] std::uint16_t port() const { return state_->port; }
    [[nodiscard]] std::string url(const std::string& path = "/") const {
        return (state_->shown ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port()) + path;
    }
    [[nodiscard]] const std::vector<std::string>& requests() const { return state_->requests; }
    // From now on it does not read bodies, as many small servers do not: what is in one is the next request.
    void ignore_bodies() { state_->ignores_bodies = true; }
    // From now on in TLS, with that certificate (PEM) and key.
    void speak_tls(tls_peer::as_server shown) { state_->shown = std::move(shown); }
    void forget_requests() { state_->requests.clear(); }
    [[nodiscard]] int connections() const { return state_->connections; }
    [[nodiscard]] int open_connections() const { return state_->open; }

private:
    using tcp = boost::asio::ip::tcp;
    using endpoint = tcp::endpoint;
    using socket = boost::asio::basic_stream_socket<tcp, executor>;
    using acceptor = boost::asio::basic_socket_acceptor<tcp, executor>;

    struct state {
        state(boost::asio::io_context& loop, endpoint at)
            : acceptor(loop, at), port(acceptor.local_endpoint().port()) {}
        raw_server::acceptor acceptor;
        std::uint16_t port;
        script say;
        std::list<socket> sockets;
        std::vector<std::string> requests;
        int connections = 0;
        int open = 0;
        bool ignores_bodies = false;
        std::optional<tls_peer::as_server> shown;
    };

    [[nodiscard]] socket& at(int connection) { return *std::next(state_->sockets.begin(), connection); }

    static task<> accept_all(std::shared_ptr<state> self) {
        for (;;) {
            auto [ec, accepted] = co_await self->acceptor.async_accept(as_result);
            if (ec) co_return;
            self->sockets.push_back(std::move(accepted));
            ++self->open;
            auto& s = self->sockets.back();
            s.set_option(tcp::no_delay(true));
            boost::asio::co_spawn(s.get_executor(), serve(self, &s, self->connections++),
                                  [](std::exception_ptr) {});
        }
    }

    static std::size_t request_size(const std::string& text, bool ignores_bodies) {
        const auto head = text.find("\r\n\r\n");
        if (head == std::string::npos) return std::string::npos;
        const std::string name = "\r\nContent-Length: ";
        const auto at = text.find(name);
        std::size_t body = 0;
        if (at < head && !ignores_bodies)
            std::from_chars(text.data() + at + name.size(), text.data() + head, body);
        return text.size() >= head + 4 + body ? head + 4 + body : std::string::npos;
    }

    static task<> serve(std::shared_ptr<state> self, socket* s, int number) {
        std::string text;
        std::string chunk(64 * 1024, '\0');
        std::optional<tls_peer> tls;
        if (self->shown) tls.emplace(*self->shown);
        bool says_goodbye = tls.has_value();
        for (bool on = true; on;) {
            const auto size = request_size(text, self->ignores_bodies);
            if (size == std::string::npos) {
                auto [ec, n] = co_await s->async_read_some(boost::asio::buffer(chunk), as_result);
                if (ec) break;
                if (!tls) {
                    text.append(chunk, 0, n);
                    continue;
                }
                tls->take(std::string_view(chunk).substr(0, n));
                text += tls->heard();
                const auto out = tls->give();
                auto [failed, sent] =
                    co_await boost::asio::async_write(*s, boost::asio::buffer(out), as_result);
                if (failed || tls->has_failed()) break;
                continue;
            }
            self->requests.push_back(text.substr(0, size));
            text.erase(0, size);
            auto what = self->say(number, self->requests.back());
            if (tls) {
                tls->say(what.say);
                what.say = tls->give();
            }
            const auto step = what.piece_bytes == 0 ? what.say.size() : what.piece_bytes;
            for (std::size_t i = 0; on && i < what.say.size(); i += step) {
                const auto piece =
                    boost::asio::buffer(what.say.data() + i, std::min(step, what.say.size() - i));
                auto [ec, n] = co_await boost::asio::async_write(*s, piece, as_result);
                on = !ec;
            }
            if (what.reset) s->set_option(boost::asio::socket_base::linger(true, 0));
            says_goodbye = says_goodbye && !what.reset && !what.without_goodbye;
            if (what.close_after || what.reset) break;
        }
        if (says_goodbye) {
            tls->say_goodbye();
            const auto out = tls->give();
            static_cast<void>(co_await boost::asio::async_write(*s, boost::asio::buffer(out), as_result));
        }
        boost::system::error_code ignored;
        s->close(ignored);
        --self->open;
    }

    std::shared_ptr<state> state_;
};

}  // namespace distd::test
