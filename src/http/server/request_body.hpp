// The body of the request at hand: where it ends, and whether it stays within its limits of size and pace,
// and is the one that a proof of access was made for. Pure: the connection moves the bytes.
#pragma once

#include <cstdint>
#include <distd/result.hpp>
#include <distd/time.hpp>
#include <optional>
#include <string_view>

#include "base/digest.hpp"
#include "http/message/chunked.hpp"
#include "http/message/request_head.hpp"

namespace distd::http {

struct server_setup;

class request_body {
public:
    void start(const request_head& head, steady_point now);
    // The digest that a proof of access promises for it.
    void expect(const digest& d) noexcept { promised_ = d; }

    // Nothing of it is left: what follows is the next request. Not so where it was never there to be read.
    [[nodiscard]] bool is_complete() const noexcept { return state_ == state::complete; }
    [[nodiscard]] bool has_begun() const noexcept { return seen_ > 0; }
    // What follows the head is not to be trusted: neither as a body nor as the next request.
    void distrust() noexcept { state_ = state::untrusted; }
    // It was read elsewhere, or the rest of it does not matter.
    void complete() noexcept { state_ = state::complete; }

    // All of it, where `raw` begins with all of it; not of one that is chunked.
    [[nodiscard]] std::optional<std::string_view> whole_in(std::string_view raw) noexcept;
    // The next piece, and takes what it was made of off the front of `raw`. Empty: `raw` holds no more of it.
    // Fails with `invalid` for bad chunks, with `overloaded` over `limit` bytes.
    [[nodiscard]] result<std::string_view> take(std::string_view& raw, std::uint64_t limit);
    // So much may be read at once, of `room`, without reading beyond it; chunks do not tell.
    [[nodiscard]] std::size_t max_read(std::size_t room) const noexcept;

    // Whether a piece fits the promised digest: all but the last do.
    [[nodiscard]] bool is_as_promised(std::string_view piece);
    [[nodiscard]] bool is_as_promised_whole(std::string_view body) const;

    // `is_gathered`: kept in memory until it is complete, so it has an absolute deadline, too.
    [[nodiscard]] bool is_too_slow(steady_point now, const server_setup&, bool is_gathered) const noexcept;

private:
    enum class state : std::uint8_t { sized, chunked, complete, untrusted };

    state state_ = state::complete;
    std::uint64_t left_ = 0;  // of one that is sized
    std::uint64_t seen_ = 0;
    chunked_decoder chunks_;
    steady_point began_;
    std::optional<digest> promised_;
    std::optional<running_sha256> running_;  // over the pieces
};

}  // namespace distd::http
