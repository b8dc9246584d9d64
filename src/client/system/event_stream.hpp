// A stream of server-sent events of a role, over a connection of its own. One that is silent for longer than
// its keep-alives may be counts as lost.
#pragma once

#include <distd/http.hpp>
#include <memory>
#include <optional>
#include <string>

#include "client/system/event_text.hpp"
#include "http/client/client_core.hpp"
#include "http/proxy/upstream.hpp"

namespace distd::ops::client {

class event_stream {
public:
    // Roles send a comment every 15 seconds.
    static constexpr milliseconds max_silence{40'000};

    explicit event_stream(std::shared_ptr<http::client_core> core) : core_(std::move(core)) {}
    ~event_stream();
    event_stream(const event_stream&) = delete;
    event_stream& operator=(const event_stream&) = delete;

    // Asks for it, from behind the event `last_id` on; "": from now on. An answer other than 200 comes back
    // with its status and the beginning of its body; of a 200 only the status.
    [[nodiscard]] task<result<http::reply>> open(std::string url, std::string last_id);
    // Nothing: the stream has ended, `trouble` says how.
    [[nodiscard]] task<std::optional<stream_event>> next();
    [[nodiscard]] const std::string& trouble() const noexcept { return trouble_; }

private:
    [[nodiscard]] task<result<http::reply>> read_refusal();

    std::shared_ptr<http::client_core> core_;
    std::shared_ptr<const http::call_target> to_;
    std::optional<http::upstream> connection_;
    event_reader reader_;
    std::string trouble_;
};

}  // namespace distd::ops::client
