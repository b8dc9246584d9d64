#include "sim/peer_http.hpp"

#include <array>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <utility>

#include "http/message/chunked.hpp"
#include "http/message/request_head.hpp"
#include "http/transport/stream_socket.hpp"

namespace distd::sim {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace detail {

// A connection that came in. Alive while somebody reads from it.
class peer_session : public std::enable_shared_from_this<peer_session> {
public:
    peer_session(http::tcp_socket s, peer_server::heard heard)
        : socket_(std::move(s)), heard_(std::move(heard)) {}

    void read() {
        socket_.async_read_some(asio::buffer(piece_),
                                [self = shared_from_this()](error_code ec, std::size_t n) {
                                    if (ec) return self->close();
                                    self->pending_.append(self->piece_.data(), n);
                                    self->hear();
                                    if (self->socket_.is_open()) self->read();
                                });
    }

    void answer(int status, const std::string& text) {
        const auto head = "HTTP/1.1 " + std::to_string(status) +
                          " As drawn\r\nContent-Type: application/json\r\n" +
                          "Content-Length: " + std::to_string(text.size()) + "\r\n\r\n";
        error_code ec;
        asio::write(socket_, asio::buffer(head + text), ec);
        over();
        hear();
    }

    void close() {
        error_code ec;
        socket_.close(ec);
        over();
    }

    [[nodiscard]] bool answers(const heard_request* q) const noexcept { return asked_.get() == q; }

private:
    // One at a time: whoever sends more without waiting is heard out later.
    void hear() {
        if (asked_) return;
        const auto end = pending_.find("\r\n\r\n");
        if (end == pending_.npos) return;
        const auto at = pending_.find("Content-Length: ");
        const auto length = at < end ? std::strtoul(pending_.c_str() + at + 16, nullptr, 10) : 0;
        if (pending_.size() < end + 4 + length) return;
        asked_ = std::make_shared<heard_request>();
        const auto space = pending_.find(' ');
        asked_->method = pending_.substr(0, space);
        asked_->target = pending_.substr(space + 1, pending_.find(' ', space + 1) - space - 1);
        asked_->body = pending_.substr(end + 4, length);
        asked_->from_ = weak_from_this();
        pending_.erase(0, end + 4 + length);
        heard_(asked_);
    }

    void over() {
        const auto done = std::exchange(asked_, nullptr);
        if (done && done->on_over) std::exchange(done->on_over, {})();
    }

    http::tcp_socket socket_;
    peer_server::heard heard_;
    std::array<char, 16384> piece_{};
    std::string pending_;
    std::shared_ptr<heard_request> asked_;
};

}  // namespace detail

bool heard_request::is_open() const noexcept {
    const auto from = from_.lock();
    return from && from->answers(this);
}

void heard_request::answer(int status, const std::string& text) {
    if (is_open()) from_.lock()->answer(status, text);
}

void heard_request::cut() {
    if (is_open()) from_.lock()->close();
}

struct peer_server::impl : std::enable_shared_from_this<peer_server::impl> {
    impl(asio::io_context& l, heard h) : listener(l.get_executor()), on_request(std::move(h)) {}

    void accept() {
        listener.async_accept([self = shared_from_this()](error_code ec, http::tcp_socket s) {
            if (ec) return;
            s.non_blocking(true, ec);
            std::erase_if(self->sessions, [](const auto& one) { return one.expired(); });
            const auto made = std::make_shared<detail::peer_session>(std::move(s), self->on_request);
            self->sessions.push_back(made);
            made->read();
            self->accept();
        });
    }

    asio::basic_socket_acceptor<tcp, executor> listener;
    heard on_request;
    std::list<std::weak_ptr<detail::peer_session>> sessions;
};

peer_server::peer_server(asio::io_context& loop, const std::string& address, std::uint16_t port, heard h)
    : impl_(std::make_shared<impl>(loop, std::move(h))) {
    impl_->listener.open(tcp::v4());
    impl_->listener.bind(tcp::endpoint(asio::ip::make_address(address), port));
    impl_->listener.listen(1024);
    impl_->accept();
}

peer_server::~peer_server() {
    error_code ec;
    impl_->listener.close(ec);
    for (const auto& one : impl_->sessions)
        if (const auto s = one.lock()) s->close();
}

namespace {

class asked_call : public std::enable_shared_from_this<asked_call> {
public:
    asked_call(asio::io_context& loop, const peer_call& c, std::function<void(const peer_answer&)> done)
        : socket_(loop.get_executor()), done_(std::move(done)) {
        const auto slash = c.url.find('/', 7);
        const auto authority = c.url.substr(7, slash - 7);
        const auto colon = authority.rfind(':');
        where_ = tcp::endpoint(
            asio::ip::make_address(authority.substr(0, colon)),
            static_cast<std::uint16_t>(std::strtoul(authority.c_str() + colon + 1, nullptr, 10)));
        request_ = c.method + " " + (slash == c.url.npos ? "/" : c.url.substr(slash)) +
                   " HTTP/1.1\r\nHost: " + authority + "\r\nConnection: close\r\n" + c.headers;
        if (!c.body.empty() || c.method == "POST" || c.method == "PUT")
            request_ +=
                "Content-Type: application/json\r\nContent-Length: " + std::to_string(c.body.size()) + "\r\n";
        request_ += "\r\n" + c.body;
    }

    void start() {
        socket_.async_connect(where_, [self = shared_from_this()](error_code ec) {
            if (ec) return self->finish();
            self->answer_.was_sent = true;
            asio::write(self->socket_, asio::buffer(self->request_), ec);
            self->read();
        });
    }

    void give_up() {
        error_code ec;
        socket_.close(ec);
        finish();
    }

private:
    void read() {
        socket_.async_read_some(asio::buffer(piece_),
                                [self = shared_from_this()](error_code ec, std::size_t n) {
                                    self->all_.append(self->piece_.data(), n);
                                    if (ec) return self->finish();
                                    self->read();
                                });
    }

    void finish() {
        if (!done_) return;
        const auto done = std::exchange(done_, {});
        understand();
        error_code ec;
        socket_.close(ec);
        done(answer_);
    }

    void understand() {
        const auto end = all_.find("\r\n\r\n");
        if (end == all_.npos) return;
        answer_.head = all_.substr(0, end + 2);
        answer_.body = all_.substr(end + 4);
        if (answer_.header("Transfer-Encoding") == "chunked") {
            http::chunked_decoder decoder;
            std::string whole;
            std::string_view rest = answer_.body;
            auto now = http::chunked_decoder::state::need_more;
            while (!rest.empty() && now == http::chunked_decoder::state::need_more) {
                const auto fed = decoder.feed(rest);
                whole.append(fed.piece);
                rest.remove_prefix(fed.consumed);
                now = fed.now;
            }
            answer_.body = std::move(whole);
            if (now != http::chunked_decoder::state::done) return;  // cut off
        } else if (std::strtoul(answer_.header("Content-Length").c_str(), nullptr, 10) !=
                   answer_.body.size()) {
            return;  // cut off
        }
        answer_.status = std::atoi(answer_.head.c_str() + 9);
    }

    http::tcp_socket socket_;
    tcp::endpoint where_;
    std::string request_;
    std::string all_;
    std::array<char, 16384> piece_{};
    peer_answer answer_;
    std::function<void(const peer_answer&)> done_;
};

}  // namespace

std::string peer_answer::header(const std::string& name) const {
    for (std::size_t at = head.find("\r\n"); at + 2 < head.size(); at = head.find("\r\n", at + 2)) {
        const std::string_view line(head.data() + at + 2, head.find("\r\n", at + 2) - at - 2);
        const auto colon = line.find(':');
        if (colon != line.npos && http::equal_ignoring_case(line.substr(0, colon), name))
            return std::string(line.substr(colon + 2));
    }
    return {};
}

void ask(asio::io_context& loop, timeline& time, const peer_call& c,
         std::function<void(const peer_answer&)> done) {
    const auto one = std::make_shared<asked_call>(loop, c, std::move(done));
    one->start();
    time.after(c.patience, [late = std::weak_ptr(one)] {
        if (const auto call = late.lock()) call->give_up();
    });
}

}  // namespace distd::sim
