// Turns a table of settings and what the user gave (arguments, environment, file) into `settings`, or a
// sentence that says which name or value is wrong, where it stands and what would be right.
#pragma once

#include <distd/settings.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace distd {

// The text of a config file; throws settings_error with the reason when it cannot be had.
[[nodiscard]] std::string read_config_file(const std::string& path);

struct given_settings {
    std::vector<std::string> arguments;                // without argv[0]
    std::map<std::string, std::string> environment{};  // DISTD_* only
    std::function<std::string(const std::string& path)> read_file = read_config_file;
};

class settings_parser {
public:
    // A broken table is a mistake of the program: throws std::invalid_argument, which names the row.
    explicit settings_parser(std::vector<setting> table);

    // Throws settings_error. The file is the one that --config or DISTD_CONFIG names; none otherwise.
    // Every value is judged, also one that a stronger source overrides.
    [[nodiscard]] settings parse(const given_settings&) const;

    [[nodiscard]] std::string help(const std::string& usage) const;  // grouped, with defaults
    [[nodiscard]] std::string man_options() const;                   // troff
    [[nodiscard]] std::string effective(const settings&) const;      // a config file with origins
    [[nodiscard]] const std::vector<setting>& table() const noexcept { return table_; }

    // True when the flag `name` stands among the arguments. For --help and --version, which must work
    // whatever else is wrong: ask before `parse`. "-h" counts as --help.
    [[nodiscard]] static bool asks_for(const std::vector<std::string>& arguments, const std::string& name);

private:
    std::vector<setting> table_;
};

// An address as a user writes it. The parser throws settings_error with the reason alone.
struct host_port {
    std::string host;  // without brackets; empty when only a port was given
    int port = -1;     // -1: none was given
    [[nodiscard]] bool operator==(const host_port&) const = default;
};
[[nodiscard]] host_port parse_host_port(const std::string& text);
[[nodiscard]] std::string to_string(const host_port&);  // with brackets where they are needed

// An address, HOST:PORT for http://HOST:PORT, without slashes at its end. Throws as the parser above.
[[nodiscard]] std::string parse_url(const std::string& text);

// "DISTD_DATA_DIR" for "data-dir".
[[nodiscard]] std::string environment_name(const std::string& setting_name);

// How a message names a value by its origin: "--name=value", "DISTD_NAME=value" or "FILE:12: name = value".
[[nodiscard]] std::string value_place(const std::string& setting_name, const std::string& value,
                                      const std::string& origin);

// The known name that `wrong` most likely meant, or "".
[[nodiscard]] std::string nearest_name(const std::string& wrong, const std::vector<std::string>& known);

// "; did you mean PREFIXname?", or "" when no known name is near.
[[nodiscard]] std::string did_you_mean(const std::string& wrong, const std::vector<std::string>& known,
                                       const std::string& prefix = {});

// DISTD_* of this process' environment.
[[nodiscard]] std::map<std::string, std::string> own_environment();

}  // namespace distd
