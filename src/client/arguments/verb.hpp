// A verb of the command line as a row of a table: what it takes, what it does, and examples. Its help, the
// completion and the man page are made of it.
#pragma once

#include <distd/settings.hpp>
#include <distd/task.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace distd::ops::client {

class context;

// What the words of a verb are, for the completion.
enum class word_kind : std::uint8_t { none, service, instance, key, verb, shell };

struct verb_option {
    char letter = 0;  // -n; 0: it has none
    setting row;      // its name, kind, bounds, placeholder and help
    // Spellings of other programs that are in everyone's fingers, and the value that each stands for.
    std::vector<std::pair<std::string, std::string>> synonyms{};
};

struct example {
    std::string line;
    std::string meaning;
};

struct verb {
    std::string name;
    std::vector<std::string> aliases{};
    std::string form{};  // what stands behind the name: "[NAME...]"
    std::string summary{};
    std::string details{};  // further sentences, for its help and the man page
    std::size_t min_words = 0;
    std::size_t max_words = 0;
    word_kind words = word_kind::none;
    std::vector<std::string> first_words{};  // when the first one is one of these
    std::vector<verb_option> options{};
    std::vector<example> examples{};
    bool takes_rest = false;  // what follows its words is another program's, as it stands
    task<int> (*run)(context&) = nullptr;
};

inline constexpr std::size_t any_number = 1000;

// Those that every verb has.
[[nodiscard]] const std::vector<verb_option>& common_options();

}  // namespace distd::ops::client
