// Who may call, and how this process shows that it may: the access tokens, which can be exchanged while it
// runs. People and tools show a token itself; calls of ours carry a proof instead (message/call_proof),
// since they go to addresses that somebody else chose. One of it per process.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <distd/time.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/access/own_names.hpp"
#include "http/access/replay_guard.hpp"
#include "http/message/call_proof.hpp"

namespace distd::http {

class access_control {
public:
    static constexpr milliseconds max_clock_difference{60'000};
    // Clocks that are kept in step differ by less.
    static constexpr milliseconds clock_tolerance{500};

    explicit access_control(time_source&);
    ~access_control();
    access_control(const access_control&) = delete;
    access_control& operator=(const access_control&) = delete;

    // Proofs are made with the first one. None: everybody may call.
    void use_tokens(std::vector<std::string> tokens);
    [[nodiscard]] bool is_required() const noexcept { return !keys_.empty(); }

    // The value of an Authorization field for one sending of that call; empty: none is needed. Without a body
    // it is one that is not known yet.
    [[nodiscard]] std::string prove(const proven_call&, std::optional<std::string_view> body);

    struct verdict {
        bool is_granted = false;
        const char* reason = nullptr;  // a sentence for who was refused, and for the log
        std::optional<digest> body{};  // what the body must come to
    };
    // `field`: of Authorization. `called`: the end of the connection that is here; `address`: of the other.
    [[nodiscard]] verdict judge(std::string_view field, const proven_call&, const own_names&,
                                const boost::asio::ip::tcp::endpoint& called, std::string_view address);

private:
    struct key;
    [[nodiscard]] bool is_known(std::string_view secret) const noexcept;
    [[nodiscard]] verdict judge_proof(const call_proof&, const proven_call&, const own_names&,
                                      const boost::asio::ip::tcp::endpoint& called, std::string_view address);

    // We remember no proof that another process of ours took before us, at this very address: it may come
    // again. By the steady clock, too, so that one that was set back refuses nobody for longer.
    [[nodiscard]] bool is_from_before_start(const call_proof&) const;

    time_source& time_;
    wall_point started_;
    steady_point began_;
    std::vector<key> keys_;
    replay_guard taken_{2 * max_clock_difference};
    std::uint64_t sender_;
    std::uint64_t sent_ = 0;
};

}  // namespace distd::http
