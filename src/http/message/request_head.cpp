#include "http/message/request_head.hpp"

#include <algorithm>
#include <array>

#include "http/message/token.hpp"

namespace distd::http {
namespace {

using ascii::hex_value;

constexpr int too_large = 431;  // of the head as a whole

// Bytes of a target that need no second look.
constexpr auto is_plain_in_target = [] {
    std::array<bool, 256> table{};
    for (unsigned char c = 0x21; c < 0x7f; ++c) table[c] = true;
    for (unsigned char c : std::string_view("#\\.%")) table[c] = false;
    return table;
}();

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

head_reader::state head_reader::refuse(const refusal& why) noexcept {
    why_ = why;
    return state::refused;
}

head_reader::state head_reader::read(std::string_view bytes, request_head& head) {
    // One empty line before the request line is what some clients send behind a body.
    if (scanner_.scanned() == 0 && bytes.substr(0, 2) == "\r\n") scanner_.skip(2);
    if (scanner_.scanned() == 0 && bytes == "\r") return state::incomplete;
    auto now = scanner_.scan(bytes);
    if (now == head_scanner::state::first_line) {
        if (judge_request_line(scanner_.first_line(bytes)) == state::refused) return state::refused;
        now = scanner_.scan(bytes);
    }
    if (now == head_scanner::state::complete) return parse_fields(bytes, head);
    const bool is_sound = now == head_scanner::state::incomplete || scanner_.why().status == too_large;
    if (is_sound && !scanner_.has_first_line() &&
        scanner_.scanned() - scanner_.skipped() > head_limits::target_bytes + 64)
        return refuse(414, "The request target is longer than 8 KiB.");
    return now == head_scanner::state::incomplete ? state::incomplete : refuse(scanner_.why());
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
    if (!verb_of(method)) return refuse(501, "Unknown method.");
    if (line.substr(first + 1, last - first - 1).size() > head_limits::target_bytes)
        return refuse(414, "The request target is longer than 8 KiB.");
    return state::complete;
}

namespace {

// Where the authority of an absolute target begins; 0: it is none.
std::size_t behind_scheme(std::string_view target) noexcept {
    for (const std::string_view scheme : {"http://", "https://"})
        if (target.size() > scheme.size() && equal_ignoring_case(target.substr(0, scheme.size()), scheme))
            return scheme.size();
    return 0;
}

}  // namespace

head_reader::state head_reader::parse_fields(std::string_view bytes, request_head& head) {
    head.clear();
    head.is_for_https = false;
    const auto line = scanner_.first_line(bytes);
    const auto first = line.find(' ');
    head.method_text = line.substr(0, first);
    head.method = *verb_of(head.method_text);
    head.target = line.substr(first + 1, line.rfind(' ') - first - 1);

    std::string_view authority;
    if (const auto begin = behind_scheme(head.target); begin > 0) {
        head.is_for_https = begin == std::string_view("https://").size();
        const auto slash = head.target.find_first_of("/?", begin);
        authority = head.target.substr(begin, slash == std::string_view::npos ? slash : slash - begin);
        if (!is_valid_host(authority)) return refuse(400, "The request target names no host.");
        head.target = slash == std::string_view::npos ? std::string_view("/") : head.target.substr(slash);
    }
    if (const auto bad = judge_target(head.target, head.method)) return refuse(bad->status, bad->reason);
    request_marks marks;
    const auto skipped = scanner_.skipped();
    const auto why = read_request_fields(bytes.substr(skipped, scanner_.size() - skipped), head, marks);
    head.expects_continue = marks.expects_continue;
    if (why.status != 0) return refuse(why);
    if (!marks.host && !head.http_1_0) return refuse(400, "The Host header is missing.");
    if (!authority.empty() && marks.host && !equal_ignoring_case(authority, *marks.host))
        return refuse(400, "The target's authority and the Host header differ.");

    const auto question = head.target.find('?');
    head.path = head.target.substr(0, question);
    head.query = question == std::string_view::npos ? std::string_view() : head.target.substr(question + 1);
    return state::complete;
}

}  // namespace distd::http
