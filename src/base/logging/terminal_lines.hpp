// Log lines for a person at a terminal: short, aligned, in words. What programs ask of each other is left out
// unless `min` is debug, and so is what we log of ourselves for whoever searches the log later.
//
//     14:07:02 LogService      registered
//     14:07:31 200 GET  /students/1                    portal      0.9 ms
//     14:09:26 ▲ BookService http://127.0.0.1:8010 lost: connection refused
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/logging/log_records.hpp"
#include "base/terminal_text.hpp"

namespace distd {

// Something that people wait for or worry about, told by whoever knows it in words. Records of the same are
// logged beside it: this is for terminals only.
struct state_change {
    enum class mood : std::uint8_t { plain, well, held, lost };

    wall_point time;
    mood now = mood::plain;
    std::string subject;  // a service, or a key of the configuration
    std::string url{};
    std::string text;
};

class terminal_lines {
public:
    struct setup {
        std::function<terminal()> screen;    // asked for each line, as windows are resized
        seconds (*time_offset)(wall_point);  // of local time
        log_level min = log_level::info;
    };
    explicit terminal_lines(setup);

    // A service of this process: its role as people know it, and its own URLs.
    void introduce(std::string source, std::string role, std::vector<std::string> urls);

    // Append nothing where a person does not care.
    void append(std::string& out, const log_record&);
    void append(std::string& out, const access_record&);
    void append(std::string& out, const state_change&);

private:
    struct service {
        std::string source;
        std::string role;
        std::vector<std::string> urls;
    };

    [[nodiscard]] terminal_line begin(wall_point) const;
    [[nodiscard]] std::string_view role_of(std::string_view source) const;
    [[nodiscard]] bool is_own(std::string_view url) const;
    void append_registered(std::string& out, const log_record&);
    void append_stopping(std::string& out, const log_record&);
    void append_event(std::string& out, const log_record&);

    setup setup_;
    std::vector<service> services_;
    std::size_t role_columns_ = 0;
    std::size_t source_columns_ = 0;
};

}  // namespace distd
