#include "http/message/request_head.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include "http/message/token.hpp"

namespace distd::http {
namespace {

namespace beast_http = boost::beast::http;

using ascii::hex_value;

// Bytes that end the run of plain bytes in a head: controls (tab is one of them) and DEL.
constexpr std::array<bool, 256> make_special() {
    std::array<bool, 256> table{};
    for (int c = 0; c < 0x20; ++c) table[static_cast<std::size_t>(c)] = true;
    table['\t'] = false;
    table[0x7f] = true;
    return table;
}
constexpr auto special = make_special();

constexpr auto is_host_char = [] {
    std::array<bool, 256> table{};
    for (unsigned char c = 'a'; c <= 'z'; ++c) table[c] = table[c - 32u] = true;
    for (unsigned char c = '0'; c <= '9'; ++c) table[c] = true;
    for (char c : std::string_view("-._~%!$&'()*+;=")) table[static_cast<unsigned char>(c)] = true;
    return table;
}();

// Bytes of a target that need no second look.
constexpr auto is_plain_in_target = [] {
    std::array<bool, 256> table{};
    for (unsigned char c = 0x21; c < 0x7f; ++c) table[c] = true;
    for (unsigned char c : std::string_view("#\\.%")) table[c] = false;
    return table;
}();

// Splits a head into fields. Bodies are framed by ourselves, so the parser is told to skip them.
class field_splitter final : public beast_http::basic_parser<true> {
public:
    explicit field_splitter(request_head& head) : head_(head) {
        skip(true);
        header_limit(head_limits::head_bytes + 16);
    }

    refusal why;

private:
    using text = boost::beast::string_view;
    static std::string_view plain(text t) noexcept { return {t.data(), t.size()}; }

    void on_request_impl(beast_http::verb, text, text, int version, boost::beast::error_code&) override {
        head_.http_1_0 = version == 10;
    }
    void on_response_impl(int, text, int, boost::beast::error_code&) override {}
    void on_field_impl(beast_http::field name, text raw_name, text raw_value,
                       boost::beast::error_code& ec) override {
        const head_field field{plain(raw_name), plain(raw_value)};
        judge_field(name, field);
        if (why.status == 0 && head_.fields.size() == head_limits::field_count)
            why = {431, "The request has more than 100 header lines."};
        if (why.status != 0) {
            ec = beast_http::error::bad_field;
            return;
        }
        head_.fields.push_back(field);
    }
    void on_header_impl(boost::beast::error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, boost::beast::error_code&) override {}
    std::size_t on_body_impl(text b, boost::beast::error_code&) override { return b.size(); }
    void on_chunk_header_impl(std::uint64_t, text, boost::beast::error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, text b, boost::beast::error_code&) override {
        return b.size();
    }
    void on_finish_impl(boost::beast::error_code&) override {}

    void judge_field(beast_http::field name, const head_field& field) noexcept;
    void judge_content_length(std::string_view value) noexcept;
    void judge_transfer_encoding(std::string_view value) noexcept;
    void judge_connection(std::string_view value) noexcept;

    request_head& head_;
    bool saw_host_ = false;

public:
    [[nodiscard]] bool saw_host() const noexcept { return saw_host_; }
    bool says_close = false;
    bool says_keep_alive = false;
    std::string_view host;
};

void field_splitter::judge_field(beast_http::field name, const head_field& field) noexcept {
    switch (name) {
        case beast_http::field::host:
            if (saw_host_)
                why = {400, "The request has more than one Host header."};
            else if (!is_valid_host(field.value))
                why = {400, "The Host header is not of the form name[:port]."};
            saw_host_ = true;
            host = field.value;
            return;
        case beast_http::field::content_length: return judge_content_length(field.value);
        case beast_http::field::transfer_encoding: return judge_transfer_encoding(field.value);
        case beast_http::field::connection: return judge_connection(field.value);
        case beast_http::field::expect:
            if (head_.http_1_0) return;  // it knows no interim answers
            if (!equal_ignoring_case(field.value, "100-continue"))
                why = {417, "The only expectation met here is 100-continue."};
            head_.expects_continue = true;
            return;
        default: break;
    }
    if (field.name.find('_') != std::string_view::npos) why = {400, "A header name holds an underscore."};
}

void field_splitter::judge_content_length(std::string_view value) noexcept {
    if (head_.content_length) {
        why = {400, "The request has more than one Content-Length."};
        return;
    }
    const bool digits = !value.empty() && value.size() <= 19 && std::ranges::all_of(value, ascii::is_digit);
    if (!digits) {
        why = {400, "Content-Length is not a plain number."};
        return;
    }
    std::uint64_t n = 0;
    for (char c : value) n = n * 10 + static_cast<std::uint64_t>(c - '0');
    head_.content_length = n;
}

void field_splitter::judge_transfer_encoding(std::string_view value) noexcept {
    if (head_.chunked || !equal_ignoring_case(value, "chunked"))
        why = {501, "The only transfer coding understood here is one plain \"chunked\"."};
    head_.chunked = true;
}

void field_splitter::judge_connection(std::string_view value) noexcept {
    if (list_has_token(value, "close")) says_close = true;
    if (list_has_token(value, "keep-alive")) says_keep_alive = true;
}

bool climbs_above_root(std::string_view path) noexcept {
    // Escapes that hide dots or slashes count as what they stand for, and a segment as what it is without its
    // parameters: to some servers "..;x" is "..".
    int depth = 0;
    std::size_t i = 0;
    std::size_t dots = 0;
    std::size_t length = 0;
    bool in_parameters = false;
    const auto close_segment = [&] {
        if (dots == 2 && length == 2)
            --depth;
        else if (length > 0 && !(dots == 1 && length == 1))
            ++depth;
        dots = length = 0;
        in_parameters = false;
    };
    while (i < path.size()) {
        char c = path[i++];
        if (c == '%') {
            c = static_cast<char>(hex_value(path[i]) * 16 + hex_value(path[i + 1]));
            i += 2;
        }
        if (c == '/' || c == '\\') {
            close_segment();
            if (depth < 0) return true;
            continue;
        }
        in_parameters |= c == ';';
        if (in_parameters) continue;
        ++length;
        if (c == '.') ++dots;
    }
    close_segment();
    return depth < 0;
}

// Nothing for what looks like one of the known methods in other letters: not everybody tells them apart.
std::optional<verb> verb_of(std::string_view method) noexcept {
    for (auto v : {verb::get, verb::post, verb::head, verb::put, verb::del, verb::patch, verb::options})
        if (method == to_string(v)) return v;
    const auto is_usual = [](char c) { return (c >= 'A' && c <= 'Z') || c == '-' || c == '_'; };
    return std::ranges::all_of(method, is_usual) ? std::optional(verb::other) : std::nullopt;
}

}  // namespace

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

bool is_valid_host(std::string_view host) noexcept {
    if (host.empty() || host.size() > 300) return false;
    std::string_view port;
    if (host.front() == '[') {
        auto end = host.find(']');
        if (end == std::string_view::npos || end == 1) return false;
        for (char c : host.substr(1, end - 1))
            if (hex_value(c) < 0 && c != ':' && c != '.') return false;
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

std::optional<refusal> judge_target(std::string_view target, verb method) noexcept {
    if (target.size() > head_limits::target_bytes)
        return refusal{414, "The request target is longer than 8 KiB."};
    if (target == "*") {
        if (method == verb::options) return std::nullopt;
        return refusal{400, "The target * goes with OPTIONS only."};
    }
    if (target.empty() || target.front() != '/')
        return refusal{400, "The request target does not begin with a slash."};
    bool may_climb = false;  // only with dots, plain or escaped
    for (std::size_t i = 0; i < target.size(); ++i) {
        const auto c = static_cast<unsigned char>(target[i]);
        if (is_plain_in_target[c]) continue;
        if (c <= 0x20 || c >= 0x7f || c == '#' || c == '\\')
            return refusal{400, "The request target holds a byte that has to be escaped."};
        may_climb |= c == '.' || c == '%';
        if (c != '%') continue;
        if (i + 2 >= target.size() || hex_value(target[i + 1]) < 0 || hex_value(target[i + 2]) < 0)
            return refusal{400, "The request target holds a broken percent escape."};
        if (target[i + 1] == '0' && target[i + 2] == '0')
            return refusal{400, "The request target holds an escaped NUL."};
    }
    if (may_climb && climbs_above_root(target.substr(0, target.find('?'))))
        return refusal{400, "The request target climbs above the root."};
    return std::nullopt;
}

std::string_view request_head::find(std::string_view name) const noexcept {
    for (const auto& f : fields)
        if (equal_ignoring_case(f.name, name)) return f.value;
    return {};
}

head_reader::state head_reader::refuse(int status, std::string_view reason) noexcept {
    why_ = {status, reason};
    return state::refused;
}

head_reader::state head_reader::read(std::string_view bytes, request_head& head) {
    if (scanned_ == 0 && bytes.substr(0, 2) == "\r\n") skipped_ = scanned_ = line_start_ = 2;
    if (scanned_ == 0 && bytes == "\r") return state::incomplete;
    const auto scan_result = scan(bytes);
    if (scan_result != state::complete) return scan_result;
    return parse_fields(bytes, head);
}

// Walks once over the bytes of the head, which need not be complete: line ends, controls, folded lines,
// sizes.
head_reader::state head_reader::scan(std::string_view bytes) {
    const auto limit = std::min(bytes.size(), head_limits::head_bytes + skipped_);
    std::size_t i = scanned_;
    for (;;) {
        while (i < limit && !special[static_cast<unsigned char>(bytes[i])]) ++i;
        if (i == limit) break;
        if (bytes[i] != '\r')
            return refuse(400, "The head holds a control byte or a line end without its CR.");
        if (i + 1 == limit) break;
        if (bytes[i + 1] != '\n') return refuse(400, "The head holds a CR without its LF.");
        const auto line_end = i;
        i += 2;
        if (first_line_end_ == 0) {
            first_line_end_ = line_end;
            const auto verdict = judge_request_line(bytes.substr(skipped_, line_end - skipped_));
            if (verdict == state::refused) return verdict;
        } else if (line_end == line_start_) {
            size_ = i;
            return state::complete;
        } else if (bytes[line_start_] == ' ' || bytes[line_start_] == '\t') {
            return refuse(400, "A header line is folded, which is obsolete and refused.");
        }
        line_start_ = i;
    }
    scanned_ = i;
    if (first_line_end_ == 0 && i - skipped_ > head_limits::target_bytes + 64)
        return refuse(414, "The request target is longer than 8 KiB.");
    if (limit < bytes.size() || i - skipped_ >= head_limits::head_bytes)
        return refuse(431, "The head is larger than 16 KiB.");
    return state::incomplete;
}

head_reader::state head_reader::judge_request_line(std::string_view line) {
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    const auto method = line.substr(0, first);
    if (!is_token(method)) return refuse(400, "The request line does not begin with a method.");
    if (first == std::string_view::npos || first == last)
        return refuse(400, "The request line is not METHOD TARGET HTTP/1.1.");
    const auto version = line.substr(last + 1);
    const bool version_shaped = version.size() == 8 && version.substr(0, 5) == "HTTP/" && version[6] == '.' &&
                                version[5] >= '0' && version[5] <= '9' && version[7] >= '0' &&
                                version[7] <= '9';
    if (!version_shaped) return refuse(400, "The request line does not end in an HTTP version.");
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        return refuse(505, "Only HTTP/1.1 and HTTP/1.0 are spoken here.");
    if (method == "CONNECT" || method == "TRACE")
        return refuse(405, "CONNECT and TRACE are not offered here.");
    if (!verb_of(method)) return refuse(501, "That method is not known here.");
    if (line.substr(first + 1, last - first - 1).size() > head_limits::target_bytes)
        return refuse(414, "The request target is longer than 8 KiB.");
    return state::complete;
}

head_reader::state head_reader::parse_fields(std::string_view bytes, request_head& head) {
    head.fields.clear();
    head.content_length.reset();
    head.chunked = head.expects_continue = false;
    const auto line = bytes.substr(skipped_, first_line_end_ - skipped_);
    const auto first = line.find(' ');
    head.method_text = line.substr(0, first);
    head.method = *verb_of(head.method_text);
    head.target = line.substr(first + 1, line.rfind(' ') - first - 1);

    field_splitter splitter(head);
    boost::beast::error_code ec;
    std::string_view authority;
    if (head.target.size() > 7 && equal_ignoring_case(head.target.substr(0, 7), "http://")) {
        const auto slash = head.target.find_first_of("/?", 7);
        authority = head.target.substr(7, slash == std::string_view::npos ? slash : slash - 7);
        if (!is_valid_host(authority)) return refuse(400, "The request target names no host.");
        head.target = slash == std::string_view::npos ? std::string_view("/") : head.target.substr(slash);
    }
    if (const auto bad = judge_target(head.target, head.method)) return refuse(bad->status, bad->reason);
    splitter.put(boost::asio::buffer(bytes.data() + skipped_, size_ - skipped_), ec);
    if (splitter.why.status != 0) return refuse(splitter.why.status, splitter.why.reason);
    // Beast looks at a coding before we do, and stops at the second one.
    if (ec == beast_http::error::bad_transfer_encoding && !head.content_length)
        return refuse(501, "The only transfer coding understood here is one plain \"chunked\".");
    if (ec || !splitter.is_header_done()) return refuse(400, "The request head is not well-formed.");
    if (head.chunked && head.content_length)
        return refuse(400, "Transfer-Encoding and Content-Length exclude each other.");
    if (head.chunked && head.http_1_0) return refuse(400, "HTTP/1.0 knows no Transfer-Encoding.");
    if (!splitter.saw_host() && !head.http_1_0) return refuse(400, "The Host header is missing.");
    if (!authority.empty() && splitter.saw_host() && !equal_ignoring_case(authority, splitter.host))
        return refuse(400, "The target's authority and the Host header differ.");

    const auto question = head.target.find('?');
    head.path = head.target.substr(0, question);
    head.query = question == std::string_view::npos ? std::string_view() : head.target.substr(question + 1);
    head.keep_alive = !splitter.says_close && (!head.http_1_0 || splitter.says_keep_alive);
    return state::complete;
}

}  // namespace distd::http
