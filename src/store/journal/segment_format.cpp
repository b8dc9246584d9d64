#include "store/journal/segment_format.hpp"

#include <zlib.h>
#include <algorithm>

#include "base/append_number.hpp"

namespace distd {
namespace {

constexpr std::string_view head_mark = R"({"_segment":{)";
constexpr std::string_view batch_mark = R"({"_batch":{)";
constexpr std::string_view next_batch_mark = "\n{\"_batch\":{";
constexpr std::string_view crc_mark = R"(,"crc32":")";

std::uint32_t crc_of(std::string_view text, std::uint32_t start = 0) {
    return static_cast<std::uint32_t>(
        crc32_z(start, reinterpret_cast<const Bytef*>(text.data()), text.size()));
}

void append_ids(std::string& out, const std::vector<sender_batch>& ids) {
    out += R"("ids":[)";
    for (const auto& b : ids) {
        out += out.back() == '[' ? "[\"" : ",[\"";
        for (const auto* text : {&b.id, &b.sender, &b.content}) {
            if (text != &b.id) out += "\",\"";
            out += *text;
        }
        out += "\",";
        append_number(out, b.first);
        out += ',';
        append_number(out, b.lines);
        out += ']';
    }
    out += ']';
}

void append_crc(std::string& out, std::uint32_t crc) {
    out += crc_mark;
    for (int shift = 28; shift >= 0; shift -= 4) out += "0123456789abcdef"[(crc >> shift) & 0xf];
    out += "\"}}\n";
}

// Reads what this file writes, and nothing else.
class strict_reader {
public:
    explicit strict_reader(std::string_view text) : rest_(text) {}

    bool skip(std::string_view expected) {
        if (!rest_.starts_with(expected)) return false;
        rest_.remove_prefix(expected.size());
        return true;
    }
    bool number(std::uint64_t& out) {
        const auto [end, ec] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), out);
        if (ec != std::errc()) return false;
        rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
        return true;
    }
    bool ids(std::vector<sender_batch>& out, bool only_ids) {
        if (!skip(R"("ids":[)")) return false;
        while (!skip("]")) {
            sender_batch b;
            if (!out.empty() && !skip(",")) return false;
            if (!skip("[\"") || !text(b.id) || !is_batch_id(b.id)) return false;
            if (!only_ids && (!skip("\"") || !text(b.sender) || !skip("\"") || !text(b.content)))
                return false;
            if (!number(b.first) || !skip(",") || !number(b.lines) || !skip("]")) return false;
            out.push_back(std::move(b));
        }
        return true;
    }
    bool crc(std::uint32_t& out) {
        constexpr std::size_t digits = 8;
        if (!skip(crc_mark) || rest_.size() < digits) return false;
        const auto* last = rest_.data() + digits;
        const auto [end, ec] = std::from_chars(rest_.data(), last, out, 16);
        rest_.remove_prefix(digits);
        return ec == std::errc() && end == last && rest_ == "\"}}";
    }

private:
    // To the quotation mark and the comma behind it.
    bool text(std::string& out) {
        const auto quote = rest_.find('"');
        if (quote == std::string_view::npos || (quote > 0 && !is_batch_id(rest_.substr(0, quote))))
            return false;
        out = rest_.substr(0, quote);
        rest_.remove_prefix(quote + 1);
        return skip(",");
    }

    std::string_view rest_;
};

struct parsed_trailer {
    batch_trailer trailer;
    std::uint32_t crc = 0;
};

std::optional<parsed_trailer> parse_trailer(std::string_view line) {
    parsed_trailer p;
    auto& t = p.trailer;
    strict_reader in(line);
    if (!in.skip(batch_mark) || !in.skip(R"("first":)") || !in.number(t.first)) return std::nullopt;
    if (!in.skip(R"(,"lines":)") || !in.number(t.lines) || !in.skip(R"(,"bytes":)") || !in.number(t.bytes))
        return std::nullopt;
    std::uint64_t synced = 0;
    const bool is_first_format = !in.skip(R"(,"synced":)");
    if (!is_first_format) {
        if (!in.number(synced) || !in.skip(R"(,"at":)") || !in.number(t.at)) return std::nullopt;
        t.synced = synced;
    }
    if (!in.skip(",") || !in.ids(t.ids, is_first_format) || !in.crc(p.crc)) return std::nullopt;
    return p;
}

// What the checksum of a head or trailer covers of its own line.
std::string_view covered(std::string_view line) { return line.substr(0, line.rfind(crc_mark)); }

std::uint64_t count_lines(std::string_view text) {
    std::uint64_t count = 0;
    for (auto at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) ++count;
    return count;
}

// Where the next line that opens like a trailer begins.
std::size_t find_mark(std::string_view text, std::size_t from) {
    if (text.substr(from).starts_with(batch_mark)) return from;
    const auto at = text.find(next_batch_mark, from);
    return at == std::string_view::npos ? at : at + 1;
}

}  // namespace

bool is_batch_id(std::string_view id) noexcept {
    constexpr std::size_t max_bytes = 128;
    return !id.empty() && id.size() <= max_bytes && std::all_of(id.begin(), id.end(), [](char c) {
        return c > ' ' && c < '\x7f' && c != '"' && c != '\\';
    });
}

std::string unknown_segment_format(std::uint64_t format) {
    return "is of format " + std::to_string(format) + ", this version knows formats up to " +
           std::to_string(segment_format_version) + " only";
}

std::string render_head(const segment_head& head) {
    std::string out(head_mark);
    out += R"("format":)";
    append_number(out, segment_format_version);
    out += R"(,"first":)";
    append_number(out, head.first);
    out += ',';
    append_ids(out, head.ids);
    append_crc(out, crc_of(out));
    return out;
}

namespace {

// A flipped bit makes no later format: with a number of ours in its place the checksum fits.
bool is_ours_but_for_its_format(std::string_view line) {
    constexpr std::size_t number_at = head_mark.size() + std::string_view(R"("format":)").size();
    static_assert(segment_format_version < 10);
    std::string mended(line);
    if (mended.size() <= number_at) return false;
    for (auto format = oldest_segment_format; format <= segment_format_version; ++format) {
        const auto digit = static_cast<char>('0' + format);
        if (line[number_at] == digit) return false;
        mended[number_at] = digit;
        const auto head = parse_head(mended);
        if (head && head->format == format) return true;
    }
    return false;
}

}  // namespace

std::optional<segment_head> parse_head(std::string_view line) {
    segment_head head;
    std::uint32_t crc = 0;
    if (line.ends_with('\n')) line.remove_suffix(1);
    strict_reader in(line);
    if (!in.skip(head_mark) || !in.skip(R"("format":)") || !in.number(head.format)) return std::nullopt;
    if (!is_known_segment_format(head.format))
        return is_ours_but_for_its_format(line) ? std::nullopt : std::optional(head);
    if (!in.skip(R"(,"first":)") || !in.number(head.first) || !in.skip(",") ||
        !in.ids(head.ids, head.format == 1) || !in.crc(crc))
        return std::nullopt;
    if (crc != crc_of(covered(line))) return std::nullopt;
    return head;
}

std::string render_trailer(batch_trailer t, std::string_view lines) {
    std::string out(batch_mark);
    out += R"("first":)";
    append_number(out, t.first);
    out += R"(,"lines":)";
    append_number(out, t.lines);
    out += R"(,"bytes":)";
    append_number(out, lines.size());
    out += R"(,"synced":)";
    append_number(out, t.synced.value_or(0));
    out += R"(,"at":)";
    append_number(out, t.at);
    out += ',';
    append_ids(out, t.ids);
    append_crc(out, crc_of(out, crc_of(lines)));
    return out;
}

std::optional<scanned_batch> find_batch(std::string_view text, std::size_t from) {
    for (auto at = find_mark(text, from); at != std::string_view::npos; at = find_mark(text, at + 1)) {
        const auto line_end = text.find('\n', at);
        if (line_end == std::string_view::npos) return std::nullopt;  // torn
        const auto line = text.substr(at, line_end - at);
        auto parsed = parse_trailer(line);
        if (!parsed) continue;  // damaged: the next trailer says where its own lines begin

        scanned_batch b;
        b.trailer = std::move(parsed->trailer);
        b.lines_end = at;
        b.end = line_end + 1;
        const bool reaches_back_too_far = b.trailer.bytes > at - from;
        b.start = reaches_back_too_far ? from : at - b.trailer.bytes;
        const auto lines = text.substr(b.start, at - b.start);
        b.sound = !reaches_back_too_far && parsed->crc == crc_of(covered(line), crc_of(lines)) &&
                  count_lines(lines) == b.trailer.lines;
        return b;
    }
    return std::nullopt;
}

void append_numbered(std::string& out, std::uint64_t seq, std::string_view line) {
    out += R"({"seq":)";
    append_number(out, seq);
    if (line != "{}") out += ',';
    out += line.substr(1);
}

}  // namespace distd
