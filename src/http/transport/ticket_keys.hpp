// The keys of session tickets, with which a client that comes back is spared half of a handshake. Three of
// them: new tickets are made with the newest, the others still open older ones. Pure: whoever owns them
// rotates them and keeps them in a file, so that tickets outlive a restart.
#pragma once

#include <array>
#include <distd/time.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace distd::http {

class ticket_keys {
public:
    static constexpr std::chrono::hours newest_for{12};
    static constexpr std::size_t count = 3;
    // A ticket that was made with a key just before the next one came is opened for as long.
    static constexpr auto ticket_life = newest_for * (count - 1);

    struct key {
        std::array<unsigned char, 16> name;
        std::array<unsigned char, 32> cipher;
        std::array<unsigned char, 32> seal;
        wall_point made;
    };

    // Takes a new key where the newest is too old, or is of a time to come; whether it did.
    bool rotate(wall_point now);
    // There is none before the first `rotate`.
    [[nodiscard]] const key* newest() const noexcept { return keys_.empty() ? nullptr : &keys_.front(); }
    [[nodiscard]] const key* find(std::span<const unsigned char, 16> name) const noexcept;

    // As a file has them: a line for each, its time and its bytes.
    [[nodiscard]] std::string text() const;
    // Nothing when it is not such a text.
    [[nodiscard]] static std::optional<ticket_keys> of_text(std::string_view text);

private:
    std::vector<key> keys_;  // the newest in front
};

}  // namespace distd::http
