// One request through the gateway, from its first piece to the last one of the answer: tries, and again where
// that is safe, then passes the answer on. It is carried by `gateway::one_request`, and holds the upstream of
// the try at hand, which holds a lease of a connection. There are two ways through, and each point where the
// short one cannot go on leads into the long one:
//
//     begin() ── request sent ──► on_answer ── ends_at_once() ──► passed on       most requests: no coroutine
//        │ a body, no kept connection,             │ not all of the answer is here,
//        │ or not all of it was sent               │ or it failed
//        └────────────► run() ◄────────────────────┘
//                        │  first piece of the body ─► instance ─► connection ─► send ─► await the head
//                        │  └── failed, and safe to repeat: the next instance
//                        └─► pass the body (or a tunnel) on ──► passed on, whole or cut off
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/proxy/forwarded_head.hpp"
#include "http/proxy/upstream.hpp"
#include "http/server/exchange.hpp"
#include "role/gateway_routes/route_table.hpp"
#include "role/portal/gateway/upstream_services.hpp"

namespace distd::portal {

// What a request asks for.
struct gateway_call {
    std::shared_ptr<const gateway_routes::route_table> table;  // keeps `route` alive
    const gateway_routes::gateway_route* route = nullptr;
    std::shared_ptr<exposed_service> service;
    std::string target;       // as the instance shall see it
    std::string_view prefix;  // what its path begins with, and the instance's does not
    std::string_view sticky;  // requests with the same one go to the same instance
    std::string_view client;  // its address
};

struct gateway_failure {
    int status = 502;
    std::string sentence;     // what went wrong
    std::string_view at;      // "client", "gateway", "network" or "service"
    std::string_view reason;  // a word for the access record
    seconds retry_after{0};
};

// The path of an instance that registered itself with one, without a slash at its end.
[[nodiscard]] std::string_view path_below_root(std::string_view path_of_instance) noexcept;

class relay {
public:
    relay(std::shared_ptr<http::client_core> core, http::exchange& x, gateway_call call, bool trusts_peer,
          time_source& time);
    ~relay();
    relay(const relay&) = delete;
    relay& operator=(const relay&) = delete;

    // Most requests have no body and wait but once, for an answer that is then here whole: for those no
    // coroutine is needed. True: the request is sent, and `on_answer` is called once (with an error_code),
    // when something of the answer is here or the wait for it is over. False: `run` has to go on, before the
    // loop has another turn.
    template <class Callback>
    [[nodiscard]] bool begin(Callback on_answer) {
        if (!sends_at_once()) return false;
        up_->notify_of_answer(now_, std::move(on_answer));
        return true;
    }
    // After that call. True: all of the answer was here and is passed on. False: as above.
    [[nodiscard]] bool ends_at_once();
    // From wherever it stands. Nothing: the answer was passed on, whole or cut off as `was_whole` says. Else
    // nothing was sent yet.
    [[nodiscard]] task<std::optional<gateway_failure>> run();
    [[nodiscard]] bool was_whole() const noexcept { return whole_; }
    [[nodiscard]] steady_point ended() const noexcept { return now_; }

private:
    using failure = http::upstream::failure;

    [[nodiscard]] bool sends_at_once();
    void get_ready();
    [[nodiscard]] task<std::optional<gateway_failure>> read_first_piece();
    [[nodiscard]] bool take_instance();
    void let_go();
    [[nodiscard]] bool begin_try();
    [[nodiscard]] task<failure> try_once();
    void write_head(const http::call_target& to);
    [[nodiscard]] bool needs_credentials() const;
    [[nodiscard]] std::string proof_for(const http::call_target& to,
                                        const http::request_forwarding& how) const;
    [[nodiscard]] task<failure> send_body();
    [[nodiscard]] bool may_try_again(errc why) const;
    [[nodiscard]] bool kept_connection_closed(errc why) const;
    void learn(const failure& f);
    [[nodiscard]] gateway_failure describe(const failure& f) const;
    [[nodiscard]] std::optional<gateway_failure> take_place();
    [[nodiscard]] std::optional<gateway_failure> become_stream();
    [[nodiscard]] http::connection_owner* client_as_owner(bool becomes_one);
    void begin_to_pass_on();
    [[nodiscard]] std::optional<http::location_mapping> place() const;  // of the instance
    [[nodiscard]] bool passes_at_once();  // what is here of the body; true: that was the rest of it
    [[nodiscard]] task<bool> pass_body();
    [[nodiscard]] task<> pass_tunnel();
    [[nodiscard]] bool is_read_only() const noexcept;

    std::shared_ptr<http::client_core> core_;
    http::exchange& x_;
    gateway_call call_;
    time_source& time_;
    steady_point now_;  // as of the last wait
    steady_point attempt_began_{};
    steady_point due_;  // for the first byte of an answer, all tries together
    bool trusts_peer_;
    bool wants_websocket_;
    std::string head_;
    std::string_view piece_;      // the first one of the body, as it goes out
    std::string_view head_left_;  // of the request, still to be sent
    std::string_view piece_left_;
    std::string chunk_;  // a piece as a chunk
    bool is_ready_ = false;
    bool is_begun_ = false;   // the first try
    bool is_open_ = false;    // a connection for the try at hand
    bool is_on_new_ = false;  // it has to be a new one: a kept one failed just now
    bool body_is_read_ = false;
    bool body_was_begun_ = false;  // more than its first piece was asked for
    bool never_ends_ = false;      // a stream of events
    bool whole_ = true;
    std::optional<gateway_failure> client_failure_;
    http::source_shares::hold place_;  // among the requests of its client, or the streams
    bool is_stream_ = false;
    instance_ptr instance_;
    std::vector<instance_ptr> tried_;
    std::optional<http::upstream> up_;
};

}  // namespace distd::portal
