// One exchange of an outgoing call: takes a connection, sends the request, reads the answer. Of that it keeps
// everything, or little more than the status. An object with a callback and not a coroutine: there may be ten
// thousand at once (probes, patches). Bytes are built and read in buffers that all calls share. `send_call`
// below is the same for coroutines.
//
// The rule for sending a request again stands here: see `may_go_again`.
#pragma once

#include <distd/http.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "http/client/lease.hpp"
#include "http/message/client_answer.hpp"

namespace distd::http {

struct client_request {
    // A call as the caller has it; or why it cannot go out: stopped, bad_address, invalid, timed_out.
    [[nodiscard]] static result<client_request> of(client_core&, call);

    std::shared_ptr<const call_target> to;  // null: a bad address
    std::string method = "GET";
    shared_text fields;           // lines of the head that the caller has chosen; null: none
    bool has_user_agent = false;  // among those lines
    bool has_authorization = false;
    shared_text body;  // null: none, and no Content-Length
    milliseconds connect_deadline{2000};
    milliseconds deadline{5000};  // for all of it
    std::size_t answer_limit = 4 << 20;
    answer_reader::keep keep = answer_reader::keep::everything;
    bool safe_to_repeat = false;  // GET and HEAD are anyway
};

// Keeps itself alive until it is over; the handlers of its socket may hold it a little longer.
class client_call : public std::enable_shared_from_this<client_call> {
    struct only_by_start {};

public:
    using completion = std::function<void(result<reply>)>;

    // `on_done` is called once, on the loop, never before this returns. Not when the call was cancelled, or
    // dropped by its client.
    static std::shared_ptr<client_call> start(std::shared_ptr<client_core>, client_request,
                                              completion on_done);
    client_call(only_by_start, std::shared_ptr<client_core>, client_request, completion);

    void cancel();  // closes its connection; no effect on one that is over

private:
    using failure = lease::failure;

    void begin();
    void acquire(bool may_be_kept);
    void exchange();
    void write_head();
    void send_some();
    void wait_for_room();
    void wait_for_answer();
    void read_answer();
    [[nodiscard]] bool may_go_again() const noexcept;
    void lost();
    void finish(result<reply> how);
    [[nodiscard]] std::string_view body() const noexcept;
    // Its connection serves no other call: see `client_setup::keeps_after_bodies`.
    [[nodiscard]] bool closes_after() const noexcept;

    std::shared_ptr<client_core> core_;
    std::shared_ptr<client_call> self_;
    client_request request_;
    completion on_done_;
    lease lease_;
    std::string proof_;  // of this try
    std::optional<answer_reader> reader_;
    steady_point deadline_;
    bool is_over_ = false;
};

// As `client::send` of the pooled client, which client.hpp describes.
[[nodiscard]] task<result<reply>> send_call(std::shared_ptr<client_core>, call);

}  // namespace distd::http
