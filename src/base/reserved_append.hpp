// Room for some pieces of text at the end of a string, made at once and cut to what was used: for the lines
// and heads that every request pays for. The pieces together must fit.
#pragma once

#include <charconv>
#include <concepts>
#include <cstring>
#include <string>
#include <string_view>

namespace distd {

class reserved_append {
public:
    static constexpr std::size_t max_number = 20;  // of 64 bits, with a sign

    reserved_append(std::string& out, std::size_t max) : out_(out), begin_(out.size()) {
        out.resize(begin_ + max);
        at_ = out.data() + begin_;
    }
    ~reserved_append() { out_.resize(static_cast<std::size_t>(at_ - out_.data())); }
    reserved_append(const reserved_append&) = delete;
    reserved_append& operator=(const reserved_append&) = delete;

    reserved_append& operator<<(std::string_view piece) noexcept {
        std::memcpy(at_, piece.data(), piece.size());
        at_ += piece.size();
        return *this;
    }
    template <std::integral T>
    reserved_append& operator<<(T value) noexcept {
        at_ = std::to_chars(at_, at_ + max_number, value).ptr;
        return *this;
    }

private:
    std::string& out_;
    std::size_t begin_;
    char* at_ = nullptr;
};

}  // namespace distd
