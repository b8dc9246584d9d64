#include "http/transport/ticket_keys.hpp"

#include <algorithm>
#include <charconv>

#include "base/digest.hpp"
#include "base/random.hpp"

namespace distd::http {
namespace {

constexpr std::size_t key_bytes = 16 + 32 + 32;
constexpr std::string_view first_line =
    "# Keys of session tickets: whoever has them reads what clients send.\n";

void fill(std::span<unsigned char> with_random) {
    static_cast<void>(from_hex(random_hex(2 * with_random.size()), with_random));
}

std::optional<ticket_keys::key> key_of(std::string_view line) {
    std::int64_t seconds_since_1970 = 0;
    const auto [end, ec] = std::from_chars(line.data(), line.data() + line.size(), seconds_since_1970);
    line.remove_prefix(static_cast<std::size_t>(end - line.data()));
    if (ec != std::errc() || line.size() != 1 + 2 * key_bytes || line.front() != ' ') return std::nullopt;
    line.remove_prefix(1);
    ticket_keys::key k{};
    bool is_right = true;
    for (const auto part : {std::span<unsigned char>(k.name), std::span<unsigned char>(k.cipher),
                            std::span<unsigned char>(k.seal)}) {
        is_right = is_right && from_hex(line.substr(0, 2 * part.size()), part);
        line.remove_prefix(2 * part.size());
    }
    k.made = wall_point(std::chrono::seconds(seconds_since_1970));
    return is_right ? std::optional(k) : std::nullopt;
}

}  // namespace

bool ticket_keys::rotate(wall_point now) {
    // A clock that was set back must not leave a key in use for as long as it was wrong.
    if (!keys_.empty() && keys_.front().made <= now && now - keys_.front().made < newest_for) return false;
    key k{};
    fill(k.name);
    fill(k.cipher);
    fill(k.seal);
    k.made = now;
    keys_.insert(keys_.begin(), k);
    if (keys_.size() > count) keys_.resize(count);
    return true;
}

const ticket_keys::key* ticket_keys::find(std::span<const unsigned char, 16> name) const noexcept {
    const auto found =
        std::ranges::find_if(keys_, [&](const key& k) { return std::ranges::equal(k.name, name); });
    return found == keys_.end() ? nullptr : &*found;
}

std::string ticket_keys::text() const {
    std::string out(first_line);
    for (const auto& k : keys_) {
        const auto made = std::chrono::duration_cast<seconds>(k.made.time_since_epoch()).count();
        out.append(std::to_string(made)).append(" ");
        out.append(to_hex(k.name)).append(to_hex(k.cipher)).append(to_hex(k.seal)).append("\n");
    }
    return out;
}

std::optional<ticket_keys> ticket_keys::of_text(std::string_view text) {
    ticket_keys all;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.empty() || line.front() == '#') continue;
        const auto k = key_of(line);
        if (!k || all.keys_.size() == count) return std::nullopt;
        all.keys_.push_back(*k);
    }
    return all;
}

}  // namespace distd::http
