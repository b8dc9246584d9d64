// What storing batches of lines asks for at least: receive them, put them on the disk, answer, and compress
// them once. No line is looked at. The bar of the log's batches is held against this.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "commands.hpp"
#include "processes.hpp"

namespace bench {
namespace {

constexpr int compression_level = 1;          // as the log's parts
constexpr std::size_t block_bytes = 1 << 20;  // compressed at a time
constexpr std::string_view answer =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n{\"received\":1000}";

class batch_server {
public:
    explicit batch_server(const std::string& directory) {
        std::string name = directory + "/floor-XXXXXX";
        file_ = ::mkstemp(name.data());
        ::unlink(name.c_str());
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        if (file_ < 0 || ::bind(listener_, reinterpret_cast<sockaddr*>(&at), size) != 0 ||
            ::listen(listener_, 64) != 0)
            throw_errno("the server of batches");
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
        watch(listener_);
        std::printf("port %d\npid %d\n", ntohs(at.sin_port), ::getpid());
        std::fflush(stdout);
    }

    [[noreturn]] void serve() {
        std::array<epoll_event, 64> events{};
        for (;;) {
            const int n = ::epoll_wait(poller_, events.data(), static_cast<int>(events.size()), -1);
            std::vector<int> complete;
            for (int i = 0; i < n; ++i)
                if (take(events[static_cast<std::size_t>(i)].data.fd))
                    complete.push_back(events[static_cast<std::size_t>(i)].data.fd);
            if (!complete.empty()) store(complete);
        }
    }

private:
    void watch(int fd) const {
        epoll_event e{};
        e.events = EPOLLIN;
        e.data.fd = fd;
        if (::epoll_ctl(poller_, EPOLL_CTL_ADD, fd, &e) != 0) throw_errno("epoll_ctl");
    }

    // True when a whole request is here: the tool sends one at a time on each connection.
    bool take(int fd) {
        if (fd == listener_) {
            const int caller = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
            if (caller >= 0) watch(caller);
            return false;
        }
        auto& request = requests_[fd];
        const auto before = request.size();
        request.resize(before + block_bytes);
        const auto n = ::recv(fd, request.data() + before, block_bytes, 0);
        request.resize(before + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
        if (n == 0) {
            ::close(fd);
            requests_.erase(fd);
            return false;
        }
        const auto head = request.find("\r\n\r\n");
        if (head == request.npos) return false;
        constexpr std::string_view length = "Content-Length: ";
        const auto body = std::strtoull(request.c_str() + request.find(length) + length.size(), nullptr, 10);
        return request.size() >= head + 4 + body;
    }

    void store(const std::vector<int>& complete) {
        for (const int fd : complete) {
            const auto body = std::string_view(requests_[fd]).substr(requests_[fd].find("\r\n\r\n") + 4);
            if (::write(file_, body.data(), body.size()) != static_cast<ssize_t>(body.size()))
                throw_errno("write");
            pending_ += body;
        }
        if (::fdatasync(file_) != 0) throw_errno("fdatasync");
        for (const int fd : complete) {
            requests_[fd].clear();
            if (::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) throw_errno("send");
        }
        if (pending_.size() < block_bytes) return;
        packed_.resize(ZSTD_compressBound(pending_.size()));
        ZSTD_compressCCtx(compressor_.get(), packed_.data(), packed_.size(), pending_.data(), pending_.size(),
                          compression_level);
        pending_.clear();
    }

    int poller_ = ::epoll_create1(0);
    int file_ = -1;
    int listener_ = -1;
    std::map<int, std::string> requests_;
    std::string pending_;
    std::string packed_;
    std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> compressor_{ZSTD_createCCtx(), &ZSTD_freeCCtx};
};

}  // namespace

void serve_batches_as_floor(const arguments& given) {
    if (given.size() != 1) throw usage_error("expected floor-batches DIRECTORY");
    batch_server(given[0]).serve();
}

}  // namespace bench
