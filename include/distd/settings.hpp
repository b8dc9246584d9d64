// One table of settings drives flags, the config file's keys, DISTD_* environment variables, --help, the man
// page's list and --print-config. Precedence: flag, environment, file, default. Parsed once, then immutable.
#pragma once

#include <cstdint>
#include <distd/time.hpp>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace distd {

enum class setting_kind : std::uint8_t {
    text,
    on_off,  // flag alone means on; =true|false|on|off|yes|no|1|0
    integer,
    duration,  // 250ms, 3s, 1m30s, 2h, 7d; a bare number is refused: it has no unit
    size,      // bytes: 4096, 64KiB, 16MiB, 2GiB
    choice,    // one of `choices`
    choices,   // a comma list of `choices`; "all" stands for every one
    address,   // HOST:PORT, [V6]:PORT, HOST alone or :PORT
    urls,      // a comma list of http:// or https:// addresses; no credentials, no slash at the end
    path,
    texts,  // a comma list
};

// One row of the table. An empty default makes the setting optional: an empty value then means "not set".
struct setting {
    std::string name;  // as in --name; DISTD_NAME in the environment, '-' becomes '_'
    setting_kind kind = setting_kind::text;
    std::string fallback;  // the default, as a user would write it
    std::string help;      // one sentence, without a full stop
    std::string group = "Service";
    std::string placeholder{};  // in --help: --name=PLACEHOLDER; made from the kind when empty
    std::vector<std::string> choices{};
    std::int64_t min = 0;  // for integer, duration (milliseconds) and size
    std::int64_t max = std::numeric_limits<std::int64_t>::max();
    bool secret = false;      // text: --print-config shows that it is set, not its value
    bool repeatable = false;  // lists: the flag may be given several times; the values are joined
    bool flag_only = false;   // asks for something once: no environment variable, no key in the config file
    bool hidden = false;      // with flag_only: not in --help and the man page
};

// A setting that cannot be used. what() says which, where it came from and what would be right. Exit code 2.
class settings_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class settings {
public:
    // The value of a declared setting. Asking for an undeclared one, or another kind, is a broken invariant.
    [[nodiscard]] const std::string& text(std::string_view name) const;  // text, choice, address and path
    [[nodiscard]] bool on(std::string_view name) const;
    [[nodiscard]] std::int64_t integer(std::string_view name) const;
    [[nodiscard]] milliseconds duration(std::string_view name) const;
    [[nodiscard]] std::uint64_t size(std::string_view name) const;
    [[nodiscard]] const std::vector<std::string>& list(std::string_view name) const;  // choices, urls, texts
    [[nodiscard]] bool declared(std::string_view name) const noexcept;
    [[nodiscard]] bool is_default(std::string_view name) const;
    // "default", "--name", "DISTD_NAME" or "FILE:12".
    [[nodiscard]] std::string origin(std::string_view name) const;

private:
    friend class settings_parser;
    struct value {
        setting row;
        std::string text;
        std::int64_t number = 0;
        std::vector<std::string> list;
        std::string origin = "default";
    };
    [[nodiscard]] const value& find(std::string_view name) const;

    std::map<std::string, value, std::less<>> values_;
};

}  // namespace distd
