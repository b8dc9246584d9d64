#include "http/message/client_answer.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "http/message/token.hpp"

namespace distd::http {
namespace {

constexpr std::string_view expected_begin = "HTTP/1.";
constexpr std::size_t default_fields = 16;
constexpr std::size_t incomplete = std::string_view::npos;

// Bytes that may stand anywhere in a line.
constexpr auto is_text = [] {
    std::array<bool, 256> table{};
    for (std::size_t c = ' '; c < table.size(); ++c) table[c] = c != 0x7f;
    table['\t'] = true;
    return table;
}();

std::string_view trimmed(std::string_view text) noexcept {
    const auto begin = std::min(text.find_first_not_of(" \t"), text.size());
    text.remove_prefix(begin);
    return text.substr(0, text.find_last_not_of(" \t") + 1);
}

// Items may be empty.
bool is_token_list(std::string_view list) noexcept {
    while (!list.empty()) {
        const auto item = list.substr(0, list.find(','));
        if (const auto word = trimmed(item); !word.empty() && !is_token(word)) return false;
        list.remove_prefix(std::min(item.size() + 1, list.size()));
    }
    return true;
}

// "HTTP/1.1 200 OK", of which the reason may be empty, and some leave out the blank before it as well; 0: it
// is none.
int status_of(std::string_view line, bool& is_http_1_0) noexcept {
    constexpr std::size_t min = std::string_view("HTTP/1.1 200").size();
    if (line.size() < min || !line.starts_with(expected_begin)) return 0;
    is_http_1_0 = line[7] == '0';
    if ((line[7] != '0' && line[7] != '1') || line[8] != ' ') return 0;
    if (line.size() > min && line[min] != ' ') return 0;
    int status = 0;
    const auto end = std::from_chars(line.data() + 9, line.data() + 12, status).ptr;
    return end == line.data() + 12 && status >= 100 && status <= 599 ? status : 0;
}

}  // namespace

struct answer_reader::head_facts {
    bool http_1_0 = false;
    bool says_close = false;
    bool says_keep_alive = false;
    int content_lengths = 0;
    int transfer_encodings = 0;
    std::string_view content_length;
    std::string_view transfer_encoding;
};

// The line ends of a head that was scanned are known to be sound.
bool answer_reader::split_head(std::string_view head, head_facts& facts) {
    const auto next_line = [&head] {
        const auto line = head.substr(0, head.find('\r'));
        head.remove_prefix(line.size() + 2);
        return line;
    };
    reply_.status = status_of(next_line(), facts.http_1_0);
    if (reply_.status == 0) return false;
    for (auto line = next_line(); !line.empty(); line = next_line()) {
        const auto name = line.substr(0, line.find(':'));
        if (name.size() == line.size() || !is_token(name) || fields_.size() == max_fields) return false;
        const auto value = trimmed(line.substr(name.size() + 1));
        if (equal_ignoring_case(name, "content-length")) {
            ++facts.content_lengths;
            facts.content_length = value;
        } else if (equal_ignoring_case(name, "transfer-encoding")) {
            ++facts.transfer_encodings;
            facts.transfer_encoding = value;
        } else if (equal_ignoring_case(name, "connection")) {
            if (!is_token_list(value)) return false;
            facts.says_close = facts.says_close || list_has_token(value, "close");
            facts.says_keep_alive = facts.says_keep_alive || list_has_token(value, "keep-alive");
        }
        fields_.push_back({name, value});
    }
    return true;
}

answer_reader::state answer_reader::now() const noexcept {
    if (part_ == part::bad) return state::bad;
    return part_ == part::done ? state::done : state::need_more;
}

answer_reader::state answer_reader::feed(std::string_view bytes) {
    while (!bytes.empty() && part_ != part::bad) {
        const bool was_in_head = part_ == part::head;
        const auto s = next(bytes);
        if (was_in_head && has_head()) begin_keeping();
        if (part_ != part::bad && (!append(s.piece) || chunks_.chunk_left() > room())) part_ = part::bad;
        if (left_over_) break;
        bytes.remove_prefix(s.consumed);
    }
    return now();
}

// The head is here: what will not fit is refused by its announcement.
void answer_reader::begin_keeping() {
    if (has_body_ && length_.value_or(0) > body_limit_) {
        part_ = part::bad;
    } else if (keep_ == keep::everything) {
        for (const auto& f : fields_) reply_.headers.add(std::string(f.name), std::string(f.value));
        if (has_body_) reply_.body.reserve(static_cast<std::size_t>(body_left_));
    }
    fields_ = {};
}

answer_reader::step answer_reader::next(std::string_view bytes) {
    begun_ = begun_ || !bytes.empty();
    step s{state::need_more, {}, 0};
    if (part_ == part::done) {
        left_over_ = left_over_ || !bytes.empty();
    } else if (part_ == part::head) {
        s.consumed = take_head(bytes);
    } else if (part_ != part::bad) {
        s = take_body(bytes);
    }
    s.now = now();
    return s;
}

answer_reader::state answer_reader::end_of_stream() noexcept {
    if (part_ == part::body_until_close) part_ = part::done;
    return part_ == part::done ? state::done : state::bad;
}

// One pass over every byte of the head, which finds its end and what must not be in it: line ends other than
// CRLF, control bytes, lines folded into the next. Sets `part_` to bad then.
std::size_t answer_reader::scan_head(std::string_view bytes) noexcept {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto c = static_cast<unsigned char>(bytes[i]);
        switch (line_) {
            case line::begin:
                line_ = c == '\r' ? line::last_cr : line::text;
                if (c != '\r' && (!is_text[c] || c == ' ' || c == '\t')) part_ = part::bad;
                break;
            case line::text:
                while (i < bytes.size() && is_text[static_cast<unsigned char>(bytes[i])]) ++i;
                if (i == bytes.size()) return incomplete;
                if (bytes[i] == '\r')
                    line_ = line::after_cr;
                else
                    part_ = part::bad;
                break;
            case line::after_cr:
                line_ = line::begin;
                if (c != '\n') part_ = part::bad;
                break;
            case line::last_cr:
                if (c == '\n') return i + 1;
                part_ = part::bad;
        }
        if (part_ == part::bad) break;
    }
    return incomplete;
}

// Returns the bytes of it that belong to the head.
std::size_t answer_reader::take_head(std::string_view bytes) {
    const auto size = scan_head(bytes);
    const auto piece = bytes.substr(0, size);
    if (part_ != part::bad && head_.size() + piece.size() > head_bytes) part_ = part::bad;
    if (part_ == part::bad) return 0;
    if (!head_.empty() || size == incomplete) head_ += piece;
    if (size == incomplete) {
        // Another protocol is noticed by its first bytes; its head might never end.
        const auto common = std::min(head_.size(), expected_begin.size());
        if (head_.compare(0, common, expected_begin, 0, common) != 0) part_ = part::bad;
        return bytes.size();
    }
    part_ = judge_head(head_.empty() ? piece : std::string_view(head_));
    if (part_ == part::head) head_.clear();  // else the fields' views may point into it
    line_ = line::begin;
    return size;
}

answer_reader::part answer_reader::judge_head(std::string_view head) {
    reply_ = reply();
    fields_.clear();
    fields_.reserve(default_fields);
    head_facts facts;
    if (!split_head(head, facts) || !take_length(facts)) return part::bad;
    if (reply_.status == 101 && allows_upgrade_) return part::done;
    if (reply_.status < 200) {
        // 101 would change the protocol, for which nobody asked.
        return reply_.status == 101 || ++interim_answers_ > max_interim_answers ? part::bad : part::head;
    }
    keep_alive_ = !facts.says_close && (!facts.http_1_0 || facts.says_keep_alive);
    return judge_framing(facts);
}

// False: the framing could be read in two ways, or in none.
bool answer_reader::take_length(const head_facts& facts) {
    length_.reset();
    if (facts.content_lengths + facts.transfer_encodings > 1) return false;
    if (facts.transfer_encodings == 1 &&
        (facts.http_1_0 || !equal_ignoring_case(facts.transfer_encoding, "chunked")))
        return false;
    if (facts.content_lengths == 0) return true;
    const auto text = facts.content_length;
    const bool digits = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (text.empty() || text.size() > 19 || !digits) return false;
    std::from_chars(text.data(), text.data() + text.size(), length_.emplace());  // 19 digits always fit
    return true;
}

answer_reader::part answer_reader::judge_framing(const head_facts& facts) {
    if (answers_head_ || reply_.status == 204 || reply_.status == 304) return part::done;
    has_body_ = true;
    if (facts.transfer_encodings == 1) return part::body_in_chunks;
    if (length_) {
        body_left_ = *length_;
        return body_left_ == 0 ? part::done : part::body_of_length;
    }
    keep_alive_ = false;
    return part::body_until_close;
}

answer_reader::step answer_reader::take_body(std::string_view bytes) {
    if (part_ == part::body_in_chunks) {
        const auto s = chunks_.feed(bytes);
        if (s.now == chunked_decoder::state::done) part_ = part::done;
        if (s.now == chunked_decoder::state::bad) part_ = part::bad;
        return {now(), s.piece, s.consumed};
    }
    auto piece = bytes;
    if (part_ == part::body_of_length) {
        piece = bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, bytes.size())));
        body_left_ -= piece.size();
        if (body_left_ == 0) part_ = part::done;
    }
    return {now(), piece, piece.size()};
}

bool answer_reader::append(std::string_view piece) {
    if (piece.size() > room()) return false;
    body_size_ += piece.size();
    if (keep_ == keep::everything) reply_.body += piece;
    return true;
}

}  // namespace distd::http
