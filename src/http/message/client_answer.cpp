#include "http/message/client_answer.hpp"

#include <algorithm>
#include <charconv>

namespace distd::http {
namespace {

constexpr std::string_view expected_begin = "HTTP/1.";
constexpr std::size_t status_end = std::string_view("HTTP/1.1 200").size();
constexpr std::size_t default_fields = 16;

// "HTTP/1.1 200 OK", of which the reason may be empty, and some leave out the blank before it as well; 0: it
// is none.
int status_of(std::string_view line) noexcept {
    if (line.size() < status_end || !line.starts_with(expected_begin)) return 0;
    if ((line[7] != '0' && line[7] != '1') || line[8] != ' ') return 0;
    if (line.size() > status_end && line[status_end] != ' ') return 0;
    int status = 0;
    const auto end = std::from_chars(line.data() + 9, line.data() + status_end, status).ptr;
    return end == line.data() + status_end && status >= 100 && status <= 599 ? status : 0;
}

}  // namespace

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
    if (has_body_ && length().value_or(0) > body_limit_) {
        part_ = part::bad;
    } else if (keep_ == keep::everything) {
        for (const auto& f : fields()) reply_.headers.add(std::string(f.name), std::string(f.value));
        if (has_body_) reply_.body.reserve(static_cast<std::size_t>(body_left_));
    }
    head_.fields = {};
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

// Returns the bytes of it that belong to the head.
std::size_t answer_reader::take_head(std::string_view bytes) {
    const auto before = head_bytes_.size();
    if (before > 0) head_bytes_.append(bytes.substr(0, head_limits::head_bytes + 1 - before));
    const auto all = before > 0 ? std::string_view(head_bytes_) : bytes;
    if (scan_head(all)) {
        const auto size = scanner_.size();
        part_ = judge_head(all.substr(0, size));
        scanner_ = {};
        if (part_ == part::head) head_bytes_.clear();  // else the fields' views may point into it
        return size - before;
    }
    if (part_ == part::bad) return 0;
    if (before == 0) head_bytes_ = bytes;
    return bytes.size();
}

// Whether it is here whole; `bytes` are all since its start.
bool answer_reader::scan_head(std::string_view bytes) {
    using enum head_scanner::state;
    auto now = scanner_.scan(bytes);
    if (now == first_line) {
        reply_.status = status_of(scanner_.first_line(bytes));
        now = reply_.status == 0 ? refused : scanner_.scan(bytes);
    }
    // Another protocol is noticed by its first bytes; its head might never end.
    const auto common = std::min(bytes.size(), expected_begin.size());
    if (now == refused || bytes.compare(0, common, expected_begin, 0, common) != 0) part_ = part::bad;
    return now == complete && part_ != part::bad;
}

answer_reader::part answer_reader::judge_head(std::string_view bytes) {
    if (bytes[status_end] == '\r') {  // Beast's parser insists on the blank before the reason
        head_bytes_.assign(bytes).insert(status_end, 1, ' ');
        bytes = head_bytes_;
    }
    head_.fields.reserve(default_fields);
    if (read_answer_fields(bytes, head_).status != 0) return part::bad;
    if (reply_.status == 101 && allows_upgrade_) return part::done;
    if (reply_.status < 200) {
        // 101 would change the protocol, for which nobody asked.
        return reply_.status == 101 || ++interim_answers_ > max_interim_answers ? part::bad : part::head;
    }
    return judge_framing();
}

answer_reader::part answer_reader::judge_framing() {
    if (answers_head_ || reply_.status == 204 || reply_.status == 304) return part::done;
    has_body_ = true;
    if (head_.chunked) return part::body_in_chunks;
    if (head_.content_length) {
        body_left_ = *head_.content_length;
        return body_left_ == 0 ? part::done : part::body_of_length;
    }
    head_.keep_alive = false;
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
    if (keep_ == keep::failures && reply_.status != 200)
        reply_.body += piece.substr(0, kept_of_failure - reply_.body.size());
    return true;
}

}  // namespace distd::http
