// Some pieces of text at the end of a string, put together beside it and appended at once: for the lines and
// heads that every request pays for. Who appends says how many bytes they have at most together.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

namespace distd {

class reserved_append {
public:
    static constexpr std::size_t max_number = 20;  // of 64 bits, with a sign

    reserved_append(std::string& out, std::size_t max) : out_(out) {
        if (max <= beside_.size()) return;
        begin_ = out.size();
        out.resize(begin_ + max);
        at_ = out.data() + begin_;
    }
    ~reserved_append() {
        if (begin_ == is_beside)
            out_.append(beside_.data(), static_cast<std::size_t>(at_ - beside_.data()));
        else
            out_.resize(static_cast<std::size_t>(at_ - out_.data()));
    }
    reserved_append(const reserved_append&) = delete;
    reserved_append& operator=(const reserved_append&) = delete;

    reserved_append& operator<<(std::string_view piece) noexcept {
        at_ = std::copy(piece.begin(), piece.end(), at_);
        return *this;
    }
    template <std::integral T>
    reserved_append& operator<<(T value) noexcept {
        at_ = std::to_chars(at_, at_ + max_number, value).ptr;
        return *this;
    }

private:
    static constexpr auto is_beside = static_cast<std::size_t>(-1);

    std::string& out_;
    std::size_t begin_ = is_beside;  // else where they begin in the string, as they have no room here
    std::array<char, 512> beside_;   // not cleared, as what a string grows by would be
    char* at_ = beside_.data();
};

}  // namespace distd
