// One outgoing call, from its URL to its answer. Lives in the coroutine that awaits it; when that is
// cancelled, the connection is closed and the place at the target goes to the next in line.
#pragma once

#include <distd/http.hpp>
#include <memory>
#include <optional>
#include <string>

#include "http/client/client_link.hpp"
#include "http/message/client_answer.hpp"
#include "http/message/url.hpp"

namespace distd::http {

class client_call {
public:
    client_call(std::shared_ptr<client_core> core, call c);
    ~client_call();

    [[nodiscard]] task<result<reply>> run();

private:
    using failure = client_link::failure;

    [[nodiscard]] task<failure> perform();
    [[nodiscard]] failure prepare();
    void prove();
    [[nodiscard]] task<failure> exchange();
    [[nodiscard]] task<failure> send_request();
    [[nodiscard]] task<failure> read_answer();

    [[nodiscard]] std::size_t write_some(boost::system::error_code& ec);
    [[nodiscard]] bool may_go_again(const failure& f) const noexcept;

    std::shared_ptr<client_core> core_;
    call call_;
    url where_;
    std::string head_;
    std::size_t plain_head_ = 0;  // without the proof and the end
    std::size_t sent_ = 0;        // of head and body
    std::optional<answer_reader> reader_;
    steady_point deadline_;
    failure outcome_;
    bool has_outcome_ = false;
    bool broken_ = false;  // the request was not taken whole
    client_link link_;
};

}  // namespace distd::http
