#include "role/log/intake/syslog.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>
#include <vector>

#include "base/ascii.hpp"
#include "base/log_levels.hpp"
#include "role/log/intake/field_list.hpp"
#include "role/log/intake/record.hpp"
#include "role/log/line/timestamp.hpp"

namespace distd::logs {
namespace {

constexpr int user_notice = 13;  // what a message without a priority counts as
constexpr int highest_priority = 191;
constexpr std::size_t max_count = 7;      // digits of a length
constexpr std::size_t max_sd_name = 256;  // of an element or parameter; RFC 5424 allows 32

constexpr std::string_view facilities[] = {"kern",   "user",   "mail",   "daemon", "auth",     "syslog",
                                           "lpr",    "news",   "uucp",   "cron",   "authpriv", "ftp",
                                           "ntp",    "audit",  "alert",  "clock",  "local0",   "local1",
                                           "local2", "local3", "local4", "local5", "local6",   "local7"};
constexpr std::string_view severities[] = {"emerg",   "alert",  "crit", "err",
                                           "warning", "notice", "info", "debug"};

struct message_parts {
    int priority = user_notice;
    std::int64_t time_ns = 0;
    std::string_view host, app, process, id;
    std::string_view text;
};

// A word up to the next space, which is passed over, too.
std::string_view take_word(std::string_view& rest) noexcept {
    const auto end = std::min(rest.find(' '), rest.size());
    const auto word = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return word;
}

std::string_view unless_nil(std::string_view word) noexcept {
    return word == "-" ? std::string_view() : word;
}

// <13>; false: there is none, and `rest` is as it was.
bool take_priority(std::string_view& rest, int& priority) noexcept {
    const auto end = rest.find('>');
    if (!rest.starts_with('<') || end == std::string_view::npos || end < 2 || end > 4) return false;
    int value = 0;
    for (const char c : rest.substr(1, end - 1)) {
        if (!ascii::is_digit(c)) return false;
        value = value * 10 + (c - '0');
    }
    if (value > highest_priority) return false;
    priority = value;
    rest.remove_prefix(end + 1);
    return true;
}

// [id name="value" ...]; false: it is none.
bool take_element(std::string_view& rest, field_list& fields) {
    auto at = rest;
    at.remove_prefix(1);
    const auto id_end = at.find_first_of(" ]");
    if (id_end == std::string_view::npos || id_end == 0) return false;
    const std::string id(at.substr(0, id_end));
    if (id.size() > max_sd_name || id.find_first_of("=\"") != std::string::npos) return false;
    at.remove_prefix(id_end);
    bool is_bare = true;
    while (at.starts_with(' ')) {
        at.remove_prefix(std::min(at.find_first_not_of(' '), at.size()));
        if (at.starts_with(']')) break;
        const auto equals = at.find('=');
        if (equals > max_sd_name || equals + 1 >= at.size() || at[equals + 1] != '"') return false;
        const std::string name(at.substr(0, equals));
        at.remove_prefix(equals + 2);
        std::string value;
        while (!at.empty() && at.front() != '"') {
            const bool escapes = at.front() == '\\' && at.size() > 1 &&
                                 std::string_view("\"\\]").find(at[1]) != std::string_view::npos;
            if (escapes) at.remove_prefix(1);
            value += at.front();
            at.remove_prefix(1);
        }
        if (at.empty()) return false;
        at.remove_prefix(1);
        fields.add_text(id + '.' + name, value);
        is_bare = false;
    }
    if (!at.starts_with(']')) return false;
    if (is_bare) fields.add_text("structured_data", id);
    rest = at.substr(1);
    return true;
}

// What follows "<13>1 ". False: it is not what RFC 5424 says, and nothing of it was believed but, so far, the
// fields.
bool read_5424(std::string_view rest, message_parts& m, field_list& fields) {
    message_parts read = m;
    const auto time = take_word(rest);
    const auto time_ns = parse_timestamp(time);
    if (!time_ns && time != "-") return false;
    if (time_ns) read.time_ns = *time_ns;
    read.host = unless_nil(take_word(rest));
    read.app = unless_nil(take_word(rest));
    read.process = unless_nil(take_word(rest));
    read.id = unless_nil(take_word(rest));
    if (rest.starts_with('-')) {
        rest.remove_prefix(1);
    } else {
        if (!rest.starts_with('[')) return false;
        while (rest.starts_with('['))
            if (!take_element(rest, fields)) return false;
    }
    if (!rest.empty() && !rest.starts_with(' ')) return false;
    if (!rest.empty()) rest.remove_prefix(1);
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (rest.starts_with(byte_order_mark)) rest.remove_prefix(byte_order_mark.size());
    read.text = rest;
    m = read;
    return true;
}

// Digits at the front, as many as there are.
std::string_view take_digits(std::string_view& rest) noexcept {
    const auto end = std::ranges::find_if_not(rest, ascii::is_digit);
    const auto digits = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
    rest.remove_prefix(digits.size());
    return digits;
}

// The year that stands in the time, as some devices write it; else those that may be meant.
std::vector<int> years_of(std::string_view& behind_date, std::int64_t now_ns) {
    using namespace std::chrono;
    const int now{year_month_day{floor<days>(sys_time<nanoseconds>(nanoseconds(now_ns)))}.year()};
    auto rest = behind_date;
    const auto digits = take_digits(rest);
    if (digits.size() != 4 || !rest.starts_with(' ')) return {now - 1, now, now + 1};
    behind_date = rest.substr(1);
    int year = 0;
    for (const char c : digits) year = year * 10 + (c - '0');
    return {year};
}

// "Nov 20 10:11:11 " in UTC, in the year that brings it nearest to now; also "Nov 20 2026 10:11:11 ",
// "Nov 20 10:11:11.123 ", and with a colon behind it.
std::optional<std::int64_t> take_old_time(std::string_view& rest, std::int64_t now_ns) {
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    constexpr std::size_t date_length = 7;  // "Nov 20 "
    constexpr std::size_t time_length = 8;
    if (rest.size() < date_length + time_length) return std::nullopt;
    const auto month_at = months.find(rest.substr(0, 3));
    if (month_at == std::string_view::npos || month_at % 3 != 0) return std::nullopt;
    const auto month_number = std::to_string(month_at / 3 + 1);
    std::string date = (month_number.size() == 1 ? "-0" : "-") + month_number + '-';
    date += rest[4] == ' ' ? '0' : rest[4];
    date += rest[5];
    auto behind = rest.substr(date_length);
    const auto years = years_of(behind, now_ns);
    std::string time(behind.substr(0, time_length));
    behind.remove_prefix(time.size());
    if (behind.starts_with('.')) {
        behind.remove_prefix(1);
        time += '.';
        time += take_digits(behind);
    }
    std::optional<std::int64_t> best;
    for (const int y : years) {
        const auto found = parse_timestamp(std::to_string(y) + date + 'T' + time + 'Z');
        const auto distance = [now_ns](std::int64_t t) { return t > now_ns ? t - now_ns : now_ns - t; };
        if (found && (!best || distance(*found) < distance(*best))) best = found;
    }
    if (!best) return std::nullopt;
    if (behind.starts_with(':')) behind.remove_prefix(1);
    if (behind.starts_with(' ')) behind.remove_prefix(1);
    rest = behind;
    return best;
}

// 2001:db8::1 is no tag that ends with a colon.
bool is_ipv6(std::string_view word) noexcept {
    constexpr std::string_view letters = "0123456789abcdefABCDEF:.";
    return std::ranges::count(word, ':') >= 2 && word.find_first_not_of(letters) == std::string_view::npos;
}

// "vm gradingd[123]: text", without a host when the tag comes at once, as over local sockets.
void read_3164(std::string_view rest, std::int64_t now_ns, message_parts& m) {
    m.text = rest;
    if (const auto time = take_old_time(rest, now_ns)) {
        m.time_ns = *time;
    } else {
        auto behind = rest;
        const auto modern = parse_timestamp(take_word(behind));  // some write RFC 3339 here
        if (!modern) return;
        m.time_ns = *modern;
        rest = behind;
    }
    const auto is_tag_end = [](char c) { return c == ':' || c == '[' || c == ' '; };
    const auto first_end = std::ranges::find_if(rest, is_tag_end);
    const auto first_word = rest.substr(0, std::min(rest.find(' '), rest.size()));
    const bool has_host = first_end != rest.end() && (*first_end == ' ' || is_ipv6(first_word));
    if (has_host) m.host = take_word(rest);
    m.text = rest;
    const auto tag_size = static_cast<std::size_t>(std::ranges::find_if(rest, is_tag_end) - rest.begin());
    if (tag_size == 0 || tag_size >= rest.size() || tag_size > max_service) return;
    const auto tag = rest.substr(0, tag_size);
    rest.remove_prefix(tag_size);
    if (rest.starts_with('[')) {
        const auto end = rest.find(']');
        if (end == std::string_view::npos) return;
        m.process = rest.substr(1, end - 1);
        rest.remove_prefix(end + 1);
    }
    m.app = tag;
    if (rest.starts_with(':')) rest.remove_prefix(1);
    if (rest.starts_with(' ')) rest.remove_prefix(1);
    m.text = rest;
}

std::string_view without_end(std::string_view message) noexcept {
    while (!message.empty() && (message.back() == '\n' || message.back() == '\r' || message.back() == '\0'))
        message.remove_suffix(1);
    return message;
}

}  // namespace

std::optional<std::string> append_syslog_record(std::string& out, std::string_view message,
                                                const arrival& came) {
    message = without_end(message);
    if (message.empty()) return "the message is empty";
    message_parts m;
    m.time_ns = came.now_ns;
    m.text = message;
    auto rest = message;
    field_list fields;
    if (take_priority(rest, m.priority)) {
        m.text = rest;
        const bool is_modern = rest.starts_with("1 ") && read_5424(rest.substr(2), m, fields);
        if (!is_modern) fields.clear();
        if (!is_modern) read_3164(rest, came.now_ns, m);
    }
    if (m.app.size() > max_service) fields.set_text("app", std::exchange(m.app, {}));
    if (auto reason = judge_size(message.size()); !reason.empty()) return reason;
    if (auto reason = fields.judge(m.text.size()); !reason.empty()) return reason;
    const auto severity = m.priority % 8;
    record_writer record(out, m.time_ns, level_of_severity(severity), m.app, {}, m.text);
    record.field("host", m.host);
    record.field("facility", facilities[static_cast<std::size_t>(m.priority / 8)]);
    record.field("severity", severities[static_cast<std::size_t>(severity)]);
    record.field("process", m.process);
    record.field("message_id", m.id);
    fields.add_to(record);
    record.finish(came);
    return std::nullopt;
}

std::optional<bool> is_http_request(std::string_view begin) noexcept {
    constexpr std::size_t max_method = 32;
    constexpr std::size_t max_request_line = 8 << 10;  // longer ones are not examined to the end
    constexpr std::string_view version = " HTTP/";
    const auto method_end = static_cast<std::size_t>(
        std::ranges::find_if_not(begin, [](char c) { return ascii::is_letter(c) || c == '-'; }) -
        begin.begin());
    if (method_end > max_method) return false;
    if (method_end == begin.size()) return std::nullopt;
    if (method_end == 0 || begin[method_end] != ' ') return false;
    const auto line = begin.substr(0, begin.find('\n'));
    if (line.substr(method_end).find(version) != std::string_view::npos) return true;
    if (line.size() < begin.size()) return false;
    return begin.size() > max_request_line ? std::optional(true) : std::nullopt;
}

// --- syslog_frames

void syslog_frames::feed(std::string_view bytes) {
    buffer_.erase(0, start_);
    start_ = 0;
    buffer_ += bytes;
}

std::optional<std::string_view> syslog_frames::next() {
    for (;;) {
        pass_over();
        const auto pending = std::string_view(buffer_).substr(start_);
        if (pending.empty() || skip_line_ || skip_bytes_ > 0) return std::nullopt;
        // Line ends between counted messages, as some add them.
        if (pending.front() == '\n' || pending.front() == '\r' || pending.front() == '\0') {
            ++start_;
            continue;
        }
        const auto message = ascii::is_digit(pending.front()) ? next_counted(pending) : next_line(pending);
        if (message || (!skip_line_ && skip_bytes_ == 0)) return message;
    }
}

std::optional<std::string_view> syslog_frames::next_counted(std::string_view pending) {
    std::uint64_t count = 0;
    std::size_t digits = 0;
    while (digits < pending.size() && digits <= max_count && ascii::is_digit(pending[digits]))
        count = count * 10 + static_cast<std::uint64_t>(pending[digits++] - '0');
    if (digits == pending.size() && digits <= max_count) return std::nullopt;
    // Digits that count no message begin a line like any other: "404 errors".
    const bool is_count = digits <= max_count && pending[digits] == ' ' && count > 0;
    if (is_count && digits + 1 == pending.size()) return std::nullopt;
    if (!is_count || pending[digits + 1] != '<') return next_line(pending);
    if (count > max_line) {
        ++too_long_;
        skip_bytes_ = count;
        start_ += digits + 1;
        return std::nullopt;
    }
    if (pending.size() - digits - 1 < count) return std::nullopt;
    start_ += digits + 1 + count;
    return pending.substr(digits + 1, count);
}

std::optional<std::string_view> syslog_frames::next_line(std::string_view pending) {
    constexpr std::string_view ends("\n\0", 2);
    const auto end = pending.find_first_of(ends, std::exchange(looked_through_, 0));
    if (end != std::string_view::npos && end <= max_line) {
        start_ += end + 1;
        return pending.substr(0, end);
    }
    if (end == std::string_view::npos && pending.size() <= max_line) {
        looked_through_ = pending.size();
        return std::nullopt;
    }
    ++too_long_;
    skip_line_ = true;
    return std::nullopt;
}

void syslog_frames::pass_over() {
    const auto bytes = std::min<std::uint64_t>(skip_bytes_, buffer_.size() - start_);
    skip_bytes_ -= bytes;
    start_ += bytes;
    if (!skip_line_) return;
    const auto end = buffer_.find_first_of(std::string_view("\n\0", 2), start_);
    skip_line_ = end == std::string::npos;
    start_ = skip_line_ ? buffer_.size() : end + 1;
}

std::string_view syslog_frames::rest() const { return std::string_view(buffer_).substr(start_); }

std::uint64_t syslog_frames::take_too_long() { return std::exchange(too_long_, 0); }

}  // namespace distd::logs
