// The arguments of a verb, taken apart by its row: words, options, and what is passed on as it stands.
// Options are written as people's fingers know them (-f, -n50, -n 50, --lines=50, --lines 50), before,
// between and behind the words; `--` ends them.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/settings/options_values.hpp"
#include "client/arguments/verb.hpp"

namespace distd::ops::client {

// What was given cannot be used; what() says why and what would be right. Exit code 2.
class wrong_use : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class parsed_words {
public:
    // Throws wrong_use. Where an option is not given its fallback holds, if it has one.
    parsed_words(const verb&, const std::vector<std::string>& arguments);

    [[nodiscard]] const std::vector<std::string>& words() const noexcept { return words_; }
    [[nodiscard]] const std::vector<std::string>& rest() const noexcept { return rest_; }
    // Of an option that the verb has; it is a bug to ask for another one.
    [[nodiscard]] bool has(const std::string& name) const;  // given, or with a fallback
    [[nodiscard]] bool on(const std::string& name) const { return number(name) != 0; }
    [[nodiscard]] const std::string& text(const std::string& name) const;  // "": not given
    [[nodiscard]] std::int64_t number(const std::string& name) const;      // 0: not given
    [[nodiscard]] milliseconds duration(const std::string& name) const { return milliseconds(number(name)); }
    [[nodiscard]] const std::vector<std::string>& list(const std::string& name) const;

private:
    class reader;
    struct value {
        setting_value read{};
        bool is_given = false;
    };
    [[nodiscard]] const value& find(const std::string& name) const;

    std::map<std::string, value> options_;
    std::vector<std::string> words_;
    std::vector<std::string> rest_;
};

}  // namespace distd::ops::client
