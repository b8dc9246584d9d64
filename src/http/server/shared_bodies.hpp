// Bodies that many answers share, such as a list that is made once for all its readers: while clients do not
// take them, each counts once, for the source whose answer was held up first. Used on the loop.
#pragma once

#include <distd/http.hpp>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "http/server/source_shares.hpp"

namespace distd::http {

class shared_bodies {
    struct held_body {
        source_shares::hold memory;
        std::size_t holders = 0;
    };
    // By their place: a body that somebody holds stays where it is.
    using body_map = std::unordered_map<const std::string*, held_body>;

public:
    // Keeps one counted; ends before the bodies do.
    class hold {
    public:
        hold() = default;
        hold(const hold&) = delete;
        hold& operator=(const hold&) = delete;
        ~hold() { release(); }
        void release() noexcept;

    private:
        friend class shared_bodies;
        body_map* all_ = nullptr;
        const std::string* body_ = nullptr;
    };

    explicit shared_bodies(source_shares& memory) noexcept : memory_(memory) {}

    // `body` stays alive as long as `into`, which holds nothing yet.
    [[nodiscard]] source_shares::verdict take(const shared_text& body, std::string_view address, hold& into);
    [[nodiscard]] bool counts(const shared_text& body) const { return held_.contains(body.get()); }

private:
    source_shares& memory_;
    body_map held_;
};

}  // namespace distd::http
