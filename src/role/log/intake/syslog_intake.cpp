#include "role/log/intake/syslog_intake.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <boost/system/system_error.hpp>
#include <cstring>
#include <utility>
#include <vector>

#include "base/settings/options.hpp"
#include "role/log/intake/record.hpp"
#include "sdk/process/service_addresses.hpp"

namespace distd::logs {
namespace {

namespace asio = boost::asio;

constexpr std::size_t read_bytes = 64 << 10;
constexpr std::size_t max_connections = 1024;
constexpr std::size_t max_batch_bytes = 1 << 20;                            // stored at once, and one line
constexpr std::size_t room_per_batch = 2 * (max_batch_bytes + max_stored);  // one copy is kept until then
constexpr std::size_t read_at_once_bytes = 8 << 10;  // of a message; longer ones are read on another thread
constexpr std::size_t datagrams_at_once = 32;
constexpr std::size_t max_datagram = 64 << 10;
constexpr int receive_buffer_bytes = 8 << 20;  // the system may give less
constexpr milliseconds pause_after_failed_accept{100};
constexpr milliseconds pause_after_failed_store{1000};

// Senders of syslog show no access token: beyond this machine it is open to everyone.
host_port allowed_place(service& s, const std::string& name) {
    const auto& text = s.config().text(name);
    const auto place = parse_host_port(text);
    const auto where = value_place(name, text, s.config().origin(name));
    if (place.port < 0) throw settings_error(where + ": the port is missing; write HOST:PORT");
    if (!is_loopback(place.host) && !s.config().on("insecure"))
        throw settings_error(where +
                             ": other machines could send lines there, and syslog knows no access "
                             "tokens; listen on 127.0.0.1, or insist with --insecure");
    return place;
}

void read_message(batch& b, std::string_view message, const arrival& came) {
    const auto start = b.lines.size();
    auto refusal = append_syslog_record(b.lines, message, came);
    if (!refusal) refusal = b.keep(0, start);
    if (!refusal->empty()) b.refuse(0, *std::move(refusal));
}

batch empty_batch() { return batch(max_batch); }

asio::ip::address address_of(const host_port& place) {
    return asio::ip::make_address(place.host == "localhost" ? "127.0.0.1" : place.host);
}

}  // namespace

// Room for what is received at once, and how many datagrams the system had no room for.
struct syslog_intake::datagrams {
    datagrams() : text(datagrams_at_once * max_datagram) {
        for (std::size_t i = 0; i < datagrams_at_once; ++i) {
            parts[i] = {text.data() + i * max_datagram, max_datagram};
            headers[i].msg_hdr.msg_iov = &parts[i];
            headers[i].msg_hdr.msg_iovlen = 1;
            headers[i].msg_hdr.msg_name = senders[i].data();
        }
    }

    // The number received; 0: there are none.
    std::size_t receive(int socket) {
        for (std::size_t i = 0; i < datagrams_at_once; ++i) {
            headers[i].msg_hdr.msg_control = control[i].data();
            headers[i].msg_hdr.msg_controllen = control[i].size();
            headers[i].msg_hdr.msg_namelen = static_cast<socklen_t>(senders[i].capacity());
        }
        const int n = ::recvmmsg(socket, headers.data(), datagrams_at_once, MSG_DONTWAIT, nullptr);
        return n < 0 ? 0 : static_cast<std::size_t>(n);
    }
    [[nodiscard]] std::string_view one(std::size_t i) const {
        return {text.data() + i * max_datagram, headers[i].msg_len};
    }
    [[nodiscard]] asio::ip::address sender(std::size_t i) const { return senders[i].address(); }
    // Of this socket, since it was opened, as of datagram `i`.
    [[nodiscard]] std::uint32_t lost(std::size_t i) {
        auto& header = headers[i].msg_hdr;
        for (auto* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
            if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_RXQ_OVFL) continue;
            std::uint32_t count = 0;
            std::memcpy(&count, CMSG_DATA(c), sizeof count);
            return count;
        }
        return lost_so_far;
    }

    std::vector<char> text;
    std::array<iovec, datagrams_at_once> parts{};
    std::array<mmsghdr, datagrams_at_once> headers{};
    std::array<asio::ip::udp::endpoint, datagrams_at_once> senders;
    struct alignas(cmsghdr) control_room : std::array<char, CMSG_SPACE(sizeof(std::uint32_t))> {};
    std::array<control_room, datagrams_at_once> control{};
    std::uint32_t lost_so_far = 0;
};

syslog_intake::syslog_intake(service& s, intake_control& control)
    : service_(s),
      control_(control),
      tcp_counters_(s.metrics(), "syslog-tcp"),
      udp_counters_(s.metrics(), "syslog-udp"),
      lost_datagrams_(s.metrics().count("distd_log_lost_datagrams_total",
                                        "Syslog datagrams that came faster than they could be stored")),
      http_requests_(s.metrics().count("distd_log_http_on_syslog_total",
                                       "Connections for syslog that were closed, as they spoke HTTP")),
      connections_(s.metrics().level("distd_log_syslog_connections", "Open syslog connections")),
      acceptor_(s.loop()),
      udp_(s.loop()),
      one_ended_(s.loop(), s.time()) {
    if (!s.config().text("log-syslog-tcp").empty()) open_tcp("log-syslog-tcp");
    if (!s.config().text("log-syslog-udp").empty()) open_udp("log-syslog-udp");
    if (acceptor_.is_open() || udp_.is_open()) s.on_drain([this] { return settle(); });
}

syslog_intake::~syslog_intake() = default;

void syslog_intake::open_tcp(const std::string& name) {
    const auto place = allowed_place(service_, name);
    try {
        const asio::ip::tcp::endpoint where(address_of(place), static_cast<std::uint16_t>(place.port));
        acceptor_.open(where.protocol());
        acceptor_.set_option(asio::socket_base::reuse_address(true));
        acceptor_.bind(where);
        acceptor_.listen();
    } catch (const boost::system::system_error& e) {
        throw std::runtime_error("cannot listen on --" + name + "=" + to_string(place) + ": " +
                                 e.code().message());
    }
    service_.background("syslog over tcp", [this] { return accept(); });
}

void syslog_intake::open_udp(const std::string& name) {
    const auto place = allowed_place(service_, name);
    try {
        const asio::ip::udp::endpoint where(address_of(place), static_cast<std::uint16_t>(place.port));
        udp_.open(where.protocol());
        udp_.bind(where);
    } catch (const boost::system::system_error& e) {
        throw std::runtime_error("cannot listen on --" + name + "=" + to_string(place) + ": " +
                                 e.code().message());
    }
    // Best effort: without them more is lost, or it is unknown how much.
    const int bytes = receive_buffer_bytes;
    const int on = 1;
    const int fd = udp_.native_handle();
    if (::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0)
        static_cast<void>(::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes));
    static_cast<void>(::setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on));
    datagrams_ = std::make_unique<datagrams>();
    service_.background("syslog over udp", [this] { return receive(); });
}

void syslog_intake::announce(const char* transport, const std::string& host, int port) {
    service_.log().info("syslog_listening",
                        {{"transport", transport}, {"address", to_string(host_port{host, port})}});
}

// --- TCP

task<> syslog_intake::accept() {
    boost::system::error_code unknown;
    const auto local = acceptor_.local_endpoint(unknown);
    announce("tcp", local.address().to_string(), local.port());
    while (acceptor_.is_open()) {
        auto [ec, socket] = co_await acceptor_.async_accept(as_result);
        if (!acceptor_.is_open()) co_return;
        if (ec) {
            co_await sleep_for(service_.time(), pause_after_failed_accept);
            continue;
        }
        if (open_.size() >= max_connections) {
            service_.log().warn("syslog_connection_refused", {{"most", max_connections}});
            continue;  // closes it: the sender tries again
        }
        auto kept = std::make_shared<tcp_socket>(std::move(socket));
        open_.insert(kept);
        connections_.add(1);
        service_.spawn("syslog connection", [this, kept] { return serve(kept); });
    }
}

task<> syslog_intake::serve(std::shared_ptr<tcp_socket> socket) {
    struct leaving {
        syslog_intake& self;
        const std::shared_ptr<tcp_socket>& socket;
        ~leaving() {
            self.open_.erase(socket);
            self.connections_.add(-1);
            self.one_ended_.wake();
        }
    } const left{*this, socket};
    boost::system::error_code ec;
    socket->non_blocking(true, ec);
    boost::system::error_code unknown;
    const std::string from = tcp_counters_.origin_of(socket->remote_endpoint(unknown).address().to_string());
    syslog_frames frames;
    std::vector<char> buffer(read_bytes);
    bool is_known = false;  // not to be HTTP
    for (bool is_end = ec.failed(); !is_end;) {
        const auto n = socket->read_some(asio::buffer(buffer), ec);
        if (ec == asio::error::would_block && !draining_) {
            const auto [wait_ec] = co_await socket->async_wait(tcp_socket::wait_read, as_result);
            static_cast<void>(wait_ec);  // whatever it was, the read reports it
            continue;
        }
        is_end = ec.failed();
        frames.feed({buffer.data(), n});
        if (!is_known) {
            const auto is_http = is_http_request(frames.rest());
            if (is_http == true) co_return http_requests_.add();
            is_known = is_http.has_value() || is_end;
        }
        if (is_known) co_await store_frames(frames, is_end, from);
    }
}

task<> syslog_intake::store_frames(syslog_frames& frames, bool is_end, const std::string& from) {
    for (bool has_more = true; has_more;) {
        const memory_budget::reservation room = co_await control_.room_for(room_per_batch);
        auto b = empty_batch();
        has_more = co_await read_frames(frames, is_end, b, from);
        b.refused += frames.take_too_long();
        co_await store(tcp_counters_, std::move(b));
    }
}

task<bool> syslog_intake::read_frames(syslog_frames& frames, bool is_end, batch& b, const std::string& from) {
    const arrival came(control_.now_ns(), from);
    while (b.lines.size() < max_batch_bytes) {
        auto message = frames.next();
        const bool is_last = !message;
        if (is_last && is_end) message = frames.rest();
        if (message && message->size() > read_at_once_bytes)
            co_await read_off_loop(b, *message, came);
        else if (message && !(is_last && message->empty()))
            read_message(b, *message, came);
        if (is_last) co_return false;
    }
    co_return true;
}

// --- UDP

task<> syslog_intake::receive() {
    boost::system::error_code unknown;
    const auto local = udp_.local_endpoint(unknown);
    announce("udp", local.address().to_string(), local.port());
    receiving_ = true;
    while (!draining_) {
        const auto [ec] = co_await udp_.async_wait(udp_socket::wait_read, as_result);
        static_cast<void>(ec);  // only a stop ends it, and what is there then is read, too
        const memory_budget::reservation room = co_await control_.room_for(room_per_batch);
        auto b = empty_batch();
        co_await read_datagrams(b);
        co_await store(udp_counters_, std::move(b));
    }
    receiving_ = false;
    one_ended_.wake();
}

task<> syslog_intake::read_datagrams(batch& b) {
    const auto now = control_.now_ns();
    while (b.lines.size() < max_batch_bytes) {
        const auto n = datagrams_->receive(udp_.native_handle());
        if (n == 0) break;
        const auto lost = datagrams_->lost(n - 1);
        lost_datagrams_.add(lost - std::exchange(datagrams_->lost_so_far, lost));
        for (std::size_t i = 0; i < n; ++i) {
            const auto message = datagrams_->one(i);
            const arrival came(now, udp_counters_.origin_of(datagrams_->sender(i).to_string()));
            if (message.size() > read_at_once_bytes)
                co_await read_off_loop(b, message, came);
            else
                read_message(b, message, came);
        }
    }
}

// --- both

task<> syslog_intake::read_off_loop(batch& b, std::string_view message, arrival came) {
    struct long_message {
        std::string text;
        std::string from;
        std::int64_t now_ns = 0;
        batch read = empty_batch();
    };
    const auto m = std::make_shared<long_message>();
    m->text = message;
    m->from = came.from;
    m->now_ns = came.now_ns;
    co_await control_.run_off_loop([m] { read_message(m->read, m->text, arrival(m->now_ns, m->from)); });
    b.lines += m->read.lines;
    b.accepted += m->read.accepted;
    b.refused += m->read.refused;
}

// Retried until it works: syslog senders do not repeat lines.
task<> syslog_intake::store(intake_counters& counters, batch b) {
    counters.refused.add(b.refused);
    while (b.accepted > 0) {
        co_await control_.until_store_has_room();
        std::string lines = b.lines;
        const auto placed = co_await control_.store(counters, std::move(lines), b.accepted);
        if (placed) co_return;
        if (draining_) {
            counters.refused.add(b.accepted);
            service_.log().error("syslog_lines_lost", {{"count", b.accepted}});
            co_return;
        }
        co_await sleep_for(service_.time(), pause_after_failed_store);
    }
}

task<> syslog_intake::settle() {
    draining_ = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    udp_.cancel(ignored);
    for (const auto& socket : open_) socket->cancel(ignored);
    while (receiving_ || !open_.empty()) co_await one_ended_.wait();
}

std::vector<setting> syslog_intake::settings() {
    using enum setting_kind;
    return {{.name = "log-syslog-tcp",
             .kind = address,
             .fallback = "",
             .help = "where syslog is taken over TCP; empty: nowhere"},
            {.name = "log-syslog-udp",
             .kind = address,
             .fallback = "",
             .help = "where syslog is taken over UDP; empty: nowhere"}};
}

}  // namespace distd::logs
