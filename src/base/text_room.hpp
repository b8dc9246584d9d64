// Room for some pieces of text at the end of a string, made at once and cut to what was used: for the lines
// and heads that every request pays for. The pieces together must fit.
#pragma once

#include <charconv>
#include <concepts>
#include <cstring>
#include <string>
#include <string_view>

namespace distd {

class text_room {
public:
    static constexpr std::size_t longest_number = 20;  // of 64 bits, with a sign

    text_room(std::string& out, std::size_t most) : out_(out), begin_(out.size()) {
        out.resize(begin_ + most);
        at_ = out.data() + begin_;
    }
    ~text_room() { out_.resize(static_cast<std::size_t>(at_ - out_.data())); }
    text_room(const text_room&) = delete;
    text_room& operator=(const text_room&) = delete;

    text_room& operator<<(std::string_view piece) noexcept {
        std::memcpy(at_, piece.data(), piece.size());
        at_ += piece.size();
        return *this;
    }
    template <std::integral T>
    text_room& operator<<(T value) noexcept {
        at_ = std::to_chars(at_, at_ + longest_number, value).ptr;
        return *this;
    }

private:
    std::string& out_;
    std::size_t begin_;
    char* at_ = nullptr;
};

}  // namespace distd
