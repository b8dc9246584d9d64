#include "peer.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>
#include <charconv>
#include <exception>
#include <stdexcept>
#include <string_view>

namespace bench {
namespace {

namespace asio = boost::asio;
using asio::use_awaitable;

constexpr std::size_t max_head_bytes = 16 << 10;
constexpr std::size_t max_body_bytes = 4 << 20;

bool same_letters(std::string_view a, std::string_view lower) {
    const auto lowered = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::ranges::equal(a, lower, {}, lowered);
}

// What the head says of its body's length. No benchmark meets a chunked message, so one is a mistake.
std::size_t body_length(std::string_view head) {
    constexpr std::string_view length_name = "content-length:";
    constexpr std::string_view chunked_name = "transfer-encoding:";
    std::size_t length = 0;
    for (auto begin = head.find("\r\n"); begin != head.npos && begin + 2 < head.size();) {
        begin += 2;
        const auto end = head.find("\r\n", begin);
        auto line = head.substr(begin, end - begin);
        if (same_letters(line.substr(0, chunked_name.size()), chunked_name))
            throw std::runtime_error("a chunked message, which this tool cannot read");
        if (same_letters(line.substr(0, length_name.size()), length_name)) {
            line.remove_prefix(std::min(line.find_first_of("0123456789"), line.size()));
            std::from_chars(line.data(), line.data() + line.size(), length);
        }
        begin = end;
    }
    if (length > max_body_bytes) throw std::runtime_error("a body of " + std::to_string(length) + " bytes");
    return length;
}

std::string index_in(std::string_view head) {
    constexpr std::string_view line = "\r\nX-Distd-Index: ";
    const auto begin = head.find(line);
    if (begin == head.npos) return {};
    const auto value = head.substr(begin + line.size());
    return std::string(value.substr(0, value.find('\r')));
}

task<> run_and_tell(task<> work, bool* done) {
    co_await std::move(work);
    *done = true;
}

}  // namespace

task<message> peer::read() {
    const auto head_size = co_await asio::async_read_until(
        socket_, asio::dynamic_buffer(unread_, max_head_bytes + max_body_bytes), "\r\n\r\n", use_awaitable);
    const auto head = std::string_view(unread_).substr(0, head_size);
    const auto size = head_size + body_length(head);
    message m{std::string(head.substr(0, head.find('\r'))), {}, index_in(head)};
    if (unread_.size() < size) {
        const auto have = unread_.size();
        unread_.resize(size);
        co_await asio::async_read(socket_, asio::buffer(unread_.data() + have, size - have), use_awaitable);
    }
    m.body = unread_.substr(head_size, size - head_size);
    unread_.erase(0, size);
    co_return m;
}

task<> peer::write(std::string text) {
    co_await asio::async_write(socket_, asio::buffer(text), use_awaitable);
}

task<message> peer::ask(std::string request) {
    const auto first_line = request.substr(0, request.find('\r'));
    co_await write(std::move(request));
    auto answer = co_await read();
    if (!answer.start_line.starts_with("HTTP/1.1 200"))
        throw std::runtime_error(first_line + " was answered \"" + answer.start_line + "\": " + answer.body);
    co_return answer;
}

tcp::endpoint loopback(int port) {
    return {asio::ip::address_v4::loopback(), static_cast<asio::ip::port_type>(port)};
}

task<peer> connect(tcp::endpoint to) {
    tcp::socket socket(co_await asio::this_coro::executor);
    co_await socket.async_connect(to, use_awaitable);
    socket.set_option(tcp::no_delay(true));
    co_return peer(std::move(socket));
}

task<> pause_for(milliseconds span) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    timer.expires_after(span);
    co_await timer.async_wait(use_awaitable);
}

std::string get(const std::string& path) { return "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"; }

std::string with_body(const std::string& method, const std::string& path, const std::string& body) {
    return method + " " + path +
           " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body;
}

void spawn(asio::io_context& loop, task<> work) {
    asio::co_spawn(loop, std::move(work), [](std::exception_ptr failure) {
        if (failure) std::rethrow_exception(failure);
    });
}

void run_until_done(asio::io_context& loop, task<> work, milliseconds limit, const std::string& what) {
    bool done = false;
    const auto deadline = std::chrono::steady_clock::now() + limit;
    spawn(loop, run_and_tell(std::move(work), &done));
    try {
        while (!done && loop.run_one_until(deadline) != 0) {}
    } catch (const boost::system::system_error& e) {  // without the line of Asio's that threw it
        throw std::runtime_error(what + ": " + e.code().message());
    }
    if (!done) throw std::runtime_error(what + " took more than " + std::to_string(limit.count()) + " ms");
}

double elapsed(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace bench
