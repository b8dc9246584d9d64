#include "http/message/chunked.hpp"

#include <algorithm>

#include "base/append_number.hpp"
#include "base/ascii.hpp"
#include "http/message/field_text.hpp"
#include "http/message/token.hpp"

namespace distd::http {

chunked_decoder::step chunked_decoder::feed(std::string_view input) noexcept {
    std::size_t used = 0;
    while (used < input.size() && at_ != at::done && at_ != at::bad) {
        if (at_ != at::data) {
            at_ = next(input[used++]);
            continue;
        }
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size() - used));
        left_ -= size;
        if (left_ == 0) at_ = at::data_cr;
        return {state::need_more, input.substr(used, size), used + size};
    }
    if (at_ == at::bad) return {state::bad, {}, used};
    return {at_ == at::done ? state::done : state::need_more, {}, used};
}

chunked_decoder::at chunked_decoder::next(char c) noexcept {
    switch (at_) {
        case at::size_begin:
            left_ = 0;
            size_digits_ = 0;
            return take_size_digit(c);
        case at::size:
            if (c == '\r') return at::size_lf;
            return c == ';' ? take_extension(c) : take_size_digit(c);
        case at::extension: return c == '\r' ? at::size_lf : take_extension(c);
        case at::size_lf:
            if (c != '\n') return at::bad;
            return left_ == 0 ? at::trailer_begin : at::data;
        case at::data: break;  // taken by the piece
        case at::data_cr: return c == '\r' ? at::data_lf : at::bad;
        case at::data_lf: return c == '\n' ? at::size_begin : at::bad;
        case at::trailer_begin:
            if (c == '\r') return at::end_lf;
            return c == ':' ? at::bad : take_trailer(c);
        case at::trailer_name: return take_trailer(c);
        case at::trailer_value: return c == '\r' ? at::trailer_lf : take_trailer(c);
        case at::trailer_lf: return c == '\n' ? at::trailer_begin : at::bad;
        case at::end_lf: return c == '\n' ? at::done : at::bad;
        case at::done:
        case at::bad: break;
    }
    return at::bad;
}

chunked_decoder::at chunked_decoder::take_size_digit(char c) noexcept {
    const int digit = ascii::hex_value(c);
    if (digit < 0 || ++size_digits_ > max_size_digits) return at::bad;
    left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
    return at::size;
}

chunked_decoder::at chunked_decoder::take_extension(char c) noexcept {
    return is_field_text(c) && ++extension_seen_ <= extension_bytes ? at::extension : at::bad;
}

chunked_decoder::at chunked_decoder::take_trailer(char c) noexcept {
    if (++trailer_seen_ > trailer_bytes) return at::bad;
    if (at_ == at::trailer_value) return is_field_text(c) ? at::trailer_value : at::bad;
    if (c == ':') return at::trailer_value;
    return is_token_char(c) ? at::trailer_name : at::bad;
}

void append_chunk_size(std::string& out, std::size_t bytes) {
    append_number(out, bytes, 16);
    out.append("\r\n");
}

void append_chunk(std::string& out, std::string_view piece) {
    append_chunk_size(out, piece.size());
    out.append(piece).append("\r\n");
}

}  // namespace distd::http
