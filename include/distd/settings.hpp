// One table of settings defines the flags, the keys of the config file, the DISTD_* environment variables,
// --help, the options in the man page and --print-config. Precedence: flag, environment, file, default.
// Parsed once, then immutable.
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
    on_off,  // the flag alone means on; =true|false|on|off|yes|no|1|0
    integer,
    duration,  // 250ms, 3s, 1m30s, 2h, 7d; a bare number is refused: it has no unit
    size,      // bytes: 4096, 64KiB, 16MiB, 2GiB
    choice,    // one of `choices`
    choices,   // a comma-separated list of `choices`; "all" means every one
    address,   // HOST:PORT, [V6]:PORT, HOST alone or :PORT
    urls,      // comma-separated http:// or https:// URLs; no credentials, no trailing slash
    path,
    texts,  // a comma-separated list
};

// A row of the table. An empty default makes the setting optional: an empty value then means "not set".
struct setting {
    std::string name;  // --name; in the environment DISTD_NAME, with '_' for '-'
    setting_kind kind = setting_kind::text;
    std::string fallback;  // the default, in the syntax of the flag
    std::string help;      // one sentence, without a full stop
    std::string group = "Service";
    std::string placeholder{};  // in --help: --name=PLACEHOLDER; empty: derived from the kind
    std::vector<std::string> choices{};
    std::int64_t min = 0;  // for integer, duration (milliseconds) and size
    std::int64_t max = std::numeric_limits<std::int64_t>::max();
    bool secret = false;      // text: --print-config shows that it is set, not its value
    bool repeatable = false;  // lists: the flag may be given several times; the values are joined
    bool flag_only = false;   // an action such as --version: not in the environment or the config file
    bool hidden = false;      // with flag_only: not in --help and the man page
};

// An invalid setting. what() names it, its origin and what is valid. The process exits with code 2.
class settings_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class settings {
public:
    // The value of a declared setting. It is a bug to read an undeclared one, or one of another kind.
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
