// An instance behind the gateway that does what a test says, byte for byte, in a thread of its own.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <string>
#include <thread>

#include "abuse/abuse.hpp"
#include "unit/http/client/raw_server.hpp"

namespace distd::test {

class instance {
public:
    // Registers itself as `name` and is known to the gateway when the constructor returns. The script runs in
    // the instance's thread.
    instance(const victim& v, const std::string& name, raw_server::script script)
        : server_(loop_, std::move(script)), thread_([this] { loop_.run(); }) {
        const auto url = "http://127.0.0.1:" + std::to_string(server_.port());
        const auto registration =
            R"({"ServiceName":")" + name + R"(","ServiceURL":")" + url + R"(","Tags":["gateway"]})";
        if (exchange("POST", v.url("registry") + "/services", registration).status != 200)
            throw std::runtime_error("the registry refused " + registration);
        wait_until("the gateway knows " + url, [&] {
            return exchange("GET", v.url("portal") + "/gateway/status").body.find(url) != std::string::npos;
        });
    }
    ~instance() {
        with_server([](raw_server& s) { s.close(); });
        work_.reset();
        thread_.join();
    }
    instance(const instance&) = delete;
    instance& operator=(const instance&) = delete;

    // `what` is done with the server in its thread; returns when it was.
    void with_server(const std::function<void(raw_server&)>& what) {
        std::promise<void> done;
        boost::asio::post(loop_, [&] {
            what(server_);
            done.set_value();
        });
        done.get_future().wait();
    }

private:
    boost::asio::io_context loop_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{loop_.get_executor()};
    raw_server server_;
    std::thread thread_;
};

}  // namespace distd::test
