// Where the records of TLS begin and end in the bytes that come, however they are cut: heads are read,
// contents passed over. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace distd::http {

class record_walk {
public:
    // Takes the next part off `bytes`: of one record's content, or of a head, for which it returns nothing.
    std::string_view take(std::string_view& bytes) noexcept {
        const auto wanted = left_ > 0 ? left_ : head_.size() - head_size_;
        const auto part = bytes.substr(0, wanted);
        bytes.remove_prefix(part.size());
        if (left_ > 0) {
            left_ = static_cast<std::uint16_t>(left_ - part.size());
            return part;
        }
        std::ranges::copy(part, head_.begin() + head_size_);
        head_size_ = static_cast<std::uint8_t>(head_size_ + part.size());
        if (head_size_ == head_.size()) {
            head_size_ = 0;
            left_ = static_cast<std::uint16_t>(head_[3] << 8 | head_[4]);
        }
        return {};
    }

    [[nodiscard]] unsigned char type() const noexcept {
        return head_[0];
    }  // of the record whose head was read
    // A part of a record has come, and not its end.
    [[nodiscard]] bool is_within() const noexcept { return left_ > 0 || head_size_ > 0; }

private:
    std::array<unsigned char, 5> head_{};
    std::uint8_t head_size_ = 0;
    std::uint16_t left_ = 0;
};

}  // namespace distd::http
