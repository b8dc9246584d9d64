// A program beside the roles that says what a test wants said, byte for byte, in a thread of its own, and
// remembers what it was sent: an instance of somebody else, or one that listens where secrets may come by.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "abuse/abuse.hpp"
#include "unit/http/client/raw_server.hpp"

namespace distd::test {

class listener {
public:
    // The script runs in the listener's thread.
    explicit listener(raw_server::script script)
        : server_(loop_, std::move(script)), thread_([this] { loop_.run(); }) {}
    ~listener() {
        with_server([](raw_server& s) { s.close(); });
        work_.reset();
        thread_.join();
    }
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;

    [[nodiscard]] std::string url(const std::string& path = "") const { return server_.url(path); }
    [[nodiscard]] std::uint16_t port() const { return server_.port(); }

    // `what` is done with the server in its thread; returns when it was.
    void with_server(const std::function<void(raw_server&)>& what) {
        std::promise<void> done;
        boost::asio::post(loop_, [&] {
            what(server_);
            done.set_value();
        });
        done.get_future().wait();
    }
    [[nodiscard]] std::vector<std::string> requests() {
        std::vector<std::string> all;
        with_server([&](raw_server& s) { all = s.requests(); });
        return all;
    }
    // Of those, how many begin so.
    [[nodiscard]] std::size_t received(const std::string& beginning) {
        std::size_t count = 0;
        with_server([&](raw_server& s) {
            for (const auto& r : s.requests()) count += r.starts_with(beginning) ? 1 : 0;
        });
        return count;
    }

private:
    boost::asio::io_context loop_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{loop_.get_executor()};
    raw_server server_;
    std::thread thread_;
};

// An answer of 200.
[[nodiscard]] inline std::string ok_answer(const std::string& body = "ok", const std::string& fields = {}) {
    return "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body;
}
inline raw_server::action says_ok(int, const std::string&) { return {ok_answer()}; }

// What a registration of `url` as `name` holds, with more members.
[[nodiscard]] inline std::string registration(const std::string& name, const std::string& url,
                                              const std::string& more = {}) {
    return R"({"ServiceName":")" + name + R"(","ServiceURL":")" + url + '"' + more + "}";
}

// Registers itself with the tag `gateway`, and is known to the gateway when the constructor returns.
class instance : public listener {
public:
    instance(const victim& v, const std::string& name, raw_server::script script)
        : listener(std::move(script)) {
        const auto about = registration(name, url(), R"(,"Tags":["gateway"])");
        if (exchange("POST", v.url("registry") + "/services", about).status != 200)
            throw std::runtime_error("the registry refused " + about);
        wait_until("the gateway knows " + url(), [&] {
            return exchange("GET", v.url("portal") + "/gateway/status").body.find(url()) != std::string::npos;
        });
    }
};

}  // namespace distd::test
