// Large bodies through a real portal: they arrive whole, and its memory does not grow with them.
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <fstream>
#include <thread>

#include "support/http_exchange.hpp"
#include "support/places.hpp"
#include "support/process.hpp"
#include "support/raw_peer.hpp"
#include "support/temp_dir.hpp"

using namespace distd::test;

namespace {

constexpr std::size_t body_bytes = 64 << 20;
constexpr long max_growth_kib = 20 << 10;

// One value of /proc/PID/status, in KiB.
long memory_of(pid_t pid, const std::string& name) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(name + ":")) return std::stol(line.substr(name.size() + 1));
    return -1;
}

// Says how many bytes came behind each request's head, and sends as many back when it is a GET. One request
// per connection.
class bulk_server {
public:
    bulk_server() : acceptor_(loop_, {boost::asio::ip::address_v4::loopback(), 0}) {
        thread_ = std::thread([this] { serve(); });
    }
    ~bulk_server() {
        ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
        thread_.join();
    }
    bulk_server(const bulk_server&) = delete;
    bulk_server& operator=(const bulk_server&) = delete;
    [[nodiscard]] std::string url() const {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    }

private:
    using tcp = boost::asio::ip::tcp;

    void serve() {
        for (boost::system::error_code ec;;) {
            tcp::socket peer(loop_);
            acceptor_.accept(peer, ec);
            if (ec) return;
            answer(peer);
        }
    }
    void answer(tcp::socket& peer) {
        boost::system::error_code ec;
        std::string text(256 << 10, '\0');
        std::size_t have = 0;
        while (text.find("\r\n\r\n") == text.npos && !ec)
            have += peer.read_some(boost::asio::buffer(text.data() + have, text.size() - have), ec);
        if (text.starts_with("GET")) {
            const auto head =
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::to_string(body_bytes) +
                "\r\n\r\n";
            boost::asio::write(peer, boost::asio::buffer(head), ec);
            for (std::size_t sent = 0; sent < body_bytes && !ec; sent += text.size())
                boost::asio::write(peer, boost::asio::buffer(text), ec);
            return;
        }
        auto taken = have - text.find("\r\n\r\n") - 4;
        while (taken < body_bytes && !ec) taken += peer.read_some(boost::asio::buffer(text), ec);
        const auto said = std::to_string(taken);
        const auto all =
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::to_string(said.size()) +
            "\r\n\r\n" + said;
        boost::asio::write(peer, boost::asio::buffer(all), ec);
    }

    boost::asio::io_context loop_;
    tcp::acceptor acceptor_;
    std::thread thread_;
};

}  // namespace

TEST_CASE("64 MiB pass through the gateway, up and down, in less than 20 MiB of memory") {
    bulk_server bulk;
    temp_dir dir;
    process registry({distd_binary(), "--role=registry", "--listen=127.0.0.1:0", "--data-dir=" + (dir / "r")},
                     dir / "registry.log");
    registry.wait_until_ready();
    const auto services = registry.address("registry") + "/services";
    REQUIRE(exchange("POST", services,
                     R"({"ServiceName":"Bulk","ServiceURL":")" + bulk.url() + R"(","Tags":["gateway"]})")
                .status == 200);
    // What a sanitizer keeps of freed memory is not the gateway's.
    process gateway({distd_binary(), "--role=portal", "--listen=127.0.0.1:0", "--data-dir=" + (dir / "p"),
                     "--registry=" + registry.address("registry")},
                    dir / "portal.log", {{"ASAN_OPTIONS", "quarantine_size_mb=1"}});
    gateway.wait_until_ready();
    const auto portal = gateway.address("portal");
    while (exchange("GET", portal + "/gateway/status").body.find(bulk.url()) == std::string::npos) {}
    const auto pid = gateway.pid();
    const auto before = memory_of(pid, "VmHWM");
    REQUIRE(before > 0);

    raw_peer down(port_of(portal));
    down.send("GET /api/Bulk/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    std::size_t got = 0;
    for (auto piece = down.read_some(); !piece.empty(); piece = down.read_some()) got += piece.size();
    CHECK(got > body_bytes);
    CHECK(got < body_bytes + 4096);

    raw_peer up(port_of(portal));
    up.send("PUT /api/Bulk/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: " +
            std::to_string(body_bytes) + "\r\n\r\n");
    const std::string piece(1 << 20, 'x');
    for (std::size_t sent = 0; sent < body_bytes; sent += piece.size()) up.send(piece);
    CHECK_THAT(up.read_until_close(), Catch::EndsWith(std::to_string(body_bytes)));

    CHECK(memory_of(pid, "VmHWM") - before < max_growth_kib);
}
