// One outgoing call, from its URL to its answer. Lives in the coroutine that awaits it; when that is
// cancelled, the connection is closed and the place at the target goes to the next in line.
#pragma once

#include <distd/http.hpp>
#include <memory>
#include <optional>
#include <string>

#include "net/client_answer.hpp"
#include "net/client_core.hpp"
#include "net/url.hpp"

namespace distd::http {

class client_call {
public:
    client_call(std::shared_ptr<client_core> core, call c);
    ~client_call();

    [[nodiscard]] task<result<reply>> run();

private:
    using failure = std::optional<errc>;  // nothing: it went well

    [[nodiscard]] task<failure> perform();
    [[nodiscard]] failure prepare();
    [[nodiscard]] task<failure> enter();
    [[nodiscard]] task<failure> connect();
    [[nodiscard]] task<failure> find_addresses();
    [[nodiscard]] task<failure> connect_to(boost::asio::ip::tcp::endpoint peer);
    [[nodiscard]] task<failure> exchange();
    [[nodiscard]] task<failure> send_request();
    [[nodiscard]] task<failure> read_answer();

    [[nodiscard]] failure open_socket(boost::asio::ip::tcp::endpoint peer);
    [[nodiscard]] std::size_t write_some(boost::system::error_code& ec);
    [[nodiscard]] failure interruption(const boost::system::error_code& ec) const;
    [[nodiscard]] bool may_go_again(const failure& f) const noexcept;
    void use(std::unique_ptr<client_connection> c) noexcept;
    void keep_or_close();

    std::shared_ptr<client_core> core_;
    call call_;
    url where_;
    std::string head_;
    address_list addresses_;
    std::size_t sent_ = 0;  // of head and body
    std::optional<answer_reader> reader_;
    steady_point deadline_;
    failure outcome_;
    bool has_outcome_ = false;
    bool broken_ = false;  // the request was not taken whole
    client_pool::place place_;
    std::unique_ptr<client_connection> connection_;
    call_watch watch_;
};

}  // namespace distd::http
