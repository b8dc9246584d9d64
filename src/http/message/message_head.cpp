#include "http/message/message_head.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <cstring>
#include <utility>

namespace distd::http {
namespace {

namespace beast_http = boost::beast::http;

// Bytes that end the run of plain bytes in a head: controls but the tab, and DEL.
constexpr auto is_special = [] {
    std::array<bool, 256> table{};
    for (std::size_t c = 0; c < 0x20; ++c) table[c] = c != '\t';
    table[0x7f] = true;
    return table;
}();

// How many of the eight bytes at `at` stand before the first control or DEL; 8: none is among them.
std::size_t before_control(const char* at) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr std::uint64_t high_bits = ones * 0x80;
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, at, sizeof(bytes));
    if constexpr (std::endian::native == std::endian::big) bytes = __builtin_bswap64(bytes);
    // The high bit of a byte becomes set where it is below 0x20, or 0x7f. A borrow may set it by mistake in
    // the bytes behind the first one that is meant, but not before it.
    const auto below_space = (bytes - ones * 0x20) & ~bytes;
    const auto without_del = bytes ^ (ones * 0x7f);
    const auto is_del = (without_del - ones) & ~without_del;
    return static_cast<std::size_t>(std::countr_zero((below_space | is_del) & high_bits)) / 8;
}

// Where the first special byte stands, from `i` on; `limit`: there is none.
std::size_t find_special(std::string_view bytes, std::size_t i, std::size_t limit) noexcept {
    constexpr std::size_t block = 8;
    while (i + block <= limit) {
        const auto plain = before_control(bytes.data() + i);
        i += plain;
        if (plain < block && is_special[static_cast<unsigned char>(bytes[i])]) return i;
        if (plain < block) ++i;  // a tab
    }
    while (i < limit && !is_special[static_cast<unsigned char>(bytes[i])]) ++i;
    return i;
}

constexpr auto is_host_char = [] {
    std::array<bool, 256> table{};
    for (unsigned char c = 'a'; c <= 'z'; ++c) table[c] = table[c - 32u] = true;
    for (unsigned char c = '0'; c <= '9'; ++c) table[c] = true;
    for (char c : std::string_view("-._~%!$&'()*+;=")) table[static_cast<unsigned char>(c)] = true;
    return table;
}();

// Splits a head into fields. Bodies are framed by ourselves, so the parser is told to skip them.
template <bool is_request>
class field_splitter final : public beast_http::basic_parser<is_request> {
public:
    field_splitter(message_head& head, request_marks& marks) : head_(head), marks_(marks) {
        this->skip(true);
        this->header_limit(head_limits::head_bytes + 16);
    }

    [[nodiscard]] refusal read(std::string_view bytes) {
        boost::beast::error_code ec;
        this->put(boost::asio::buffer(bytes), ec);
        if (why_.status != 0) return why_;
        // Beast looks at a coding before we do, and stops at the second one.
        if (ec == beast_http::error::bad_transfer_encoding && !head_.content_length) return unknown_coding;
        if (ec || !this->is_header_done()) return {400, "The request head is not well-formed."};
        if (head_.chunked && head_.content_length)
            return {400, "Transfer-Encoding and Content-Length exclude each other."};
        if (head_.chunked && head_.http_1_0) return {400, "HTTP/1.0 knows no Transfer-Encoding."};
        head_.keep_alive = !says_close_ && (!head_.http_1_0 || says_keep_alive_);
        return {};
    }

private:
    using text = boost::beast::string_view;
    using error_code = boost::beast::error_code;

    static constexpr refusal unknown_coding{
        501, "The only transfer coding understood here is one plain \"chunked\"."};

    static std::string_view plain(text t) noexcept { return {t.data(), t.size()}; }

    void on_request_impl(beast_http::verb, text, text, int version, error_code&) override {
        head_.http_1_0 = version == 10;
    }
    void on_response_impl(int, text, int version, error_code&) override { head_.http_1_0 = version == 10; }
    void on_field_impl(beast_http::field name, text raw_name, text raw_value, error_code& ec) override {
        const head_field field{plain(raw_name), plain(raw_value)};
        judge(name, field);
        if (why_.status == 0 && head_.fields.size() == head_limits::field_count)
            why_ = {431, "The request has more than 100 header lines."};
        if (why_.status != 0)
            ec = beast_http::error::bad_field;
        else
            head_.fields.push_back(field);
    }

    void judge(beast_http::field name, const head_field& field) noexcept {
        using enum beast_http::field;
        switch (name) {
            case content_length: return judge_content_length(field.value);
            case transfer_encoding: return judge_transfer_encoding(field.value);
            case connection: return judge_connection(field.value);
            default: break;
        }
        if constexpr (is_request) {
            if (name == host)
                judge_host(field.value);
            else if (name == expect)
                judge_expectation(field.value);
            else if (field.name.find('_') != std::string_view::npos)
                why_ = {400, "A header name holds an underscore."};
        }
    }

    void judge_host(std::string_view value) noexcept {
        if (marks_.host)
            why_ = {400, "The request has more than one Host header."};
        else if (!is_valid_host(value))
            why_ = {400, "The Host header is not of the form name[:port]."};
        marks_.host = value;
    }

    void judge_expectation(std::string_view value) noexcept {
        if (head_.http_1_0) return;  // it knows no interim answers
        marks_.expects_continue = true;
        if (!equal_ignoring_case(value, "100-continue"))
            why_ = {417, "The only expectation met here is 100-continue."};
    }

    void judge_content_length(std::string_view value) noexcept {
        if (head_.content_length) {
            why_ = {400, "The request has more than one Content-Length."};
            return;
        }
        // 19 digits always fit.
        if (value.empty() || value.size() > 19 || !std::ranges::all_of(value, ascii::is_digit)) {
            why_ = {400, "Content-Length is not a plain number."};
            return;
        }
        std::uint64_t n = 0;
        for (char c : value) n = n * 10 + static_cast<std::uint64_t>(c - '0');
        head_.content_length = n;
    }

    void judge_transfer_encoding(std::string_view value) noexcept {
        if (head_.chunked || !equal_ignoring_case(value, "chunked")) why_ = unknown_coding;
        head_.chunked = true;
    }

    void judge_connection(std::string_view value) noexcept {
        if (list_has_token(value, "close")) says_close_ = true;
        if (list_has_token(value, "keep-alive")) says_keep_alive_ = true;
    }

    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(text b, error_code&) override { return b.size(); }
    void on_chunk_header_impl(std::uint64_t, text, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, text b, error_code&) override { return b.size(); }
    void on_finish_impl(error_code&) override {}

    message_head& head_;
    request_marks& marks_;
    refusal why_;
    bool says_close_ = false;
    bool says_keep_alive_ = false;
};

template <bool is_request>
refusal read_fields(std::string_view bytes, message_head& head, request_marks& marks) {
    head.clear();
    return field_splitter<is_request>(head, marks).read(bytes);
}

}  // namespace

head_scanner::state head_scanner::refuse(int status, std::string_view reason) noexcept {
    why_ = {status, reason};
    return state::refused;
}

head_scanner::state head_scanner::scan(std::string_view bytes) noexcept {
    const auto limit = std::min(bytes.size(), head_limits::head_bytes + skipped_);
    for (std::size_t i = scanned_;;) {
        i = find_special(bytes, i, limit);
        scanned_ = i;
        if (i == limit) break;
        if (bytes[i] != '\r')
            return refuse(400, "The head holds a control byte or a line end without its CR.");
        if (i + 1 == limit) break;
        if (bytes[i + 1] != '\n') return refuse(400, "The head holds a CR without its LF.");
        const auto line_start = std::exchange(line_start_, i + 2);
        const auto line_end = i;
        scanned_ = i += 2;
        if (first_line_end_ == 0) {
            first_line_end_ = line_end;
            return state::first_line;
        }
        if (line_end == line_start) {
            size_ = i;
            return state::complete;
        }
        if (bytes[line_start] == ' ' || bytes[line_start] == '\t')
            return refuse(400, "A header line is folded, which is obsolete and refused.");
    }
    if (limit < bytes.size() || scanned_ - skipped_ >= head_limits::head_bytes)
        return refuse(431, "The head is larger than 16 KiB.");
    return state::incomplete;
}

refusal read_request_fields(std::string_view bytes, message_head& head, request_marks& marks) {
    return read_fields<true>(bytes, head, marks);
}

refusal read_answer_fields(std::string_view bytes, message_head& head) {
    request_marks none;
    return read_fields<false>(bytes, head, none);
}

bool is_valid_host(std::string_view host) noexcept {
    if (host.empty() || host.size() > 300) return false;
    std::string_view port;
    if (host.front() == '[') {
        auto end = host.find(']');
        if (end == std::string_view::npos || end == 1) return false;
        for (char c : host.substr(1, end - 1))
            if (ascii::hex_value(c) < 0 && c != ':' && c != '.') return false;
        host.remove_prefix(end + 1);
        if (host.empty()) return true;
        if (host.front() != ':') return false;
        port = host.substr(1);
    } else {
        auto colon = host.find(':');
        for (char c : host.substr(0, colon)) {
            if (!is_host_char[static_cast<unsigned char>(c)]) return false;
        }
        if (colon == 0) return false;
        if (colon == std::string_view::npos) return true;
        port = host.substr(colon + 1);
    }
    return port.size() <= 5 && std::ranges::all_of(port, ascii::is_digit);
}

bool list_has_token(std::string_view list, std::string_view token) noexcept {
    while (!list.empty()) {
        auto comma = list.find(',');
        auto item = list.substr(0, comma);
        list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
        while (!item.empty() && (item.front() == ' ' || item.front() == '\t')) item.remove_prefix(1);
        auto end = item.find_first_of(" \t;");
        const auto parameters = end == std::string_view::npos ? std::string_view() : item.substr(end);
        if (!equal_ignoring_case(item.substr(0, end), token)) continue;
        const auto q = parameters.find("q=");
        if (q == std::string_view::npos) return true;
        return parameters.substr(q + 2).find_first_of("123456789") != std::string_view::npos;
    }
    return false;
}

}  // namespace distd::http
