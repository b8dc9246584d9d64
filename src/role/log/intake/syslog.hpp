// Syslog: messages of RFC 5424, and of its forerunner RFC 3164 as far as they can be made out. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "role/log/intake/record.hpp"

namespace distd::logs {

// Appends the message as a record: APP-NAME or TAG is its service, the severity its level; facility, host,
// process, message id and structured data become fields ("app@32473.key"). What is no syslog at all becomes a
// record with the whole text: nothing but an empty or too long one is refused. Returns the reason then.
[[nodiscard]] std::optional<std::string> append_syslog_record(std::string& out, std::string_view message,
                                                              const arrival&);

// Whether a stream that begins so is an HTTP request, as a web page can make a browser send it to any port:
// its words would be stored. Nothing: that is not known yet.
[[nodiscard]] std::optional<bool> is_http_request(std::string_view begin) noexcept;

// Cuts a stream into messages: each begins with its length ("123 <13>1 ..."), or ends with a line end or NUL;
// a stream may mix both. A number that no `<` follows is part of a line.
class syslog_frames {
public:
    void feed(std::string_view bytes);

    // The next whole message; the view holds until the next call. Nothing: more bytes are needed.
    [[nodiscard]] std::optional<std::string_view> next();
    // What is left at the end of the stream: a message without its end, or nothing.
    [[nodiscard]] std::string_view rest() const;

    // Messages that were longer than a line may be: passed over.
    [[nodiscard]] std::uint64_t take_too_long();

private:
    [[nodiscard]] std::optional<std::string_view> next_counted(std::string_view pending);
    [[nodiscard]] std::optional<std::string_view> next_line(std::string_view pending);
    void pass_over();

    std::string buffer_;
    std::size_t start_ = 0;           // of what was not handed out
    std::size_t looked_through_ = 0;  // of what was not handed out: no line ends there
    std::uint64_t skip_bytes_ = 0;    // of a counted message that is too long
    bool skip_line_ = false;          // up to the next line end
    std::uint64_t too_long_ = 0;
};

}  // namespace distd::logs
