// HTTP as peers of the system speak it, with every rudeness at the history's command: who was asked may never
// answer, close in the middle, or be gone. Lives on a loop; nothing here keeps time of its own.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "sim/timeline.hpp"

namespace distd::sim {

namespace detail {
class peer_session;
}

// What a peer was asked. It is answered once, cut off, or left as it is.
class heard_request {
public:
    std::string method;
    std::string target;
    std::string body;

    void answer(int status, const std::string& text = {});
    void cut();                                   // the connection ends without an answer
    [[nodiscard]] bool is_open() const noexcept;  // neither of them yet, and whoever asked is still there

    // Called once when it is over: answered, cut, or its sender has gone.
    std::function<void()> on_over;

private:
    friend class detail::peer_session;
    std::weak_ptr<detail::peer_session> from_;
};

// Listens at an address of this machine's loopback network for as long as it lives.
class peer_server {
public:
    using heard = std::function<void(std::shared_ptr<heard_request>)>;

    peer_server(boost::asio::io_context&, const std::string& address, std::uint16_t port, heard);
    ~peer_server();  // cuts everything
    peer_server(const peer_server&) = delete;
    peer_server& operator=(const peer_server&) = delete;

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

struct peer_answer {
    int status = 0;  // 0: none came
    bool was_sent = false;
    std::string head;
    std::string body;

    [[nodiscard]] std::string header(const std::string& name) const;
};

struct peer_call {
    std::string method;
    std::string url;  // http://ADDRESS:PORT/...
    std::string body = {};
    std::string headers = {};  // each with its end of line
    milliseconds patience{10'000};
};

// Asks over a connection of its own. `done` is called once, from the loop; never when the loop ends before.
void ask(boost::asio::io_context&, timeline&, const peer_call&, std::function<void(const peer_answer&)> done);

}  // namespace distd::sim
