// Collects what flags, variables and the file say, judges every value and lets the strongest win.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>

#include "base/ascii.hpp"
#include "base/settings/options.hpp"
#include "base/settings/options_file.hpp"
#include "base/settings/options_values.hpp"

namespace distd {
namespace {

struct assignment {
    std::string text;
    std::string origin;
};
using assignments = std::map<std::string, assignment>;
using setting_table = std::vector<setting>;

const setting* find_row(const setting_table& table, const std::string& name) {
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const setting& s) { return s.name == name; });
    return found == table.end() ? nullptr : &*found;
}

std::vector<std::string> visible_names(const setting_table& table) {
    std::vector<std::string> out;
    for (const auto& row : table) {
        if (!row.hidden) out.push_back(row.name);
    }
    return out;
}

std::vector<std::string> flag_names(const setting_table& table) {
    std::vector<std::string> out = visible_names(table);
    for (const auto& row : table) {
        if (!row.hidden && row.kind == setting_kind::on_off) out.push_back("no-" + row.name);
    }
    return out;
}

class argument_reader {
public:
    argument_reader(const setting_table& table, const std::vector<std::string>& arguments)
        : table_(table), arguments_(arguments) {}

    assignments read() {
        while (next_ < arguments_.size()) take(arguments_[next_++]);
        return std::move(out_);
    }

private:
    void take(const std::string& argument) {
        if (!argument.starts_with("--") || argument.size() == 2) refuse_word(argument);
        const auto equals = std::min(argument.find('='), argument.size());
        const std::string name = argument.substr(2, equals - 2);
        const bool has_value = equals < argument.size();
        if (const setting* row = find_row(table_, name)) {
            assign(*row, has_value ? argument.substr(equals + 1) : implied_value(*row));
            return;
        }
        const setting* negated = name.starts_with("no-") ? find_row(table_, name.substr(3)) : nullptr;
        if (negated == nullptr || negated->kind != setting_kind::on_off) {
            throw settings_error(printable(argument) + ": no such flag" +
                                 did_you_mean(name, flag_names(table_), "--"));
        }
        if (has_value) throw settings_error(printable(argument) + ": takes no value; write --" + name);
        assign(*negated, "off");
    }

    // The value of a flag without '=': its presence, or the next word.
    std::string implied_value(const setting& row) {
        if (row.kind == setting_kind::on_off) return "on";
        if (next_ == arguments_.size() || arguments_[next_].starts_with("--")) {
            const std::string such =
                row.fallback.empty() ? std::string() : ", such as --" + row.name + "=" + row.fallback;
            throw settings_error("--" + row.name + ": needs a value" + such);
        }
        return arguments_[next_++];
    }

    // The last one counts, so that a script can let its caller override a flag; lists grow.
    void assign(const setting& row, std::string value) {
        const auto [at, fresh] = out_.try_emplace(row.name, assignment{value, "--" + row.name});
        if (!fresh) at->second.text = row.repeatable ? at->second.text + "," + value : std::move(value);
    }

    [[noreturn]] void refuse_word(const std::string& word) const {
        const setting* before = nullptr;
        if (next_ >= 2 && arguments_[next_ - 2].starts_with("--")) {
            before = find_row(table_, arguments_[next_ - 2].substr(2));
        }
        if (before != nullptr) {  // an on_off: every other kind has taken the word
            const std::string meant = "--" + before->name + "=" + printable(word);
            throw settings_error("'" + printable(word) + "' stands alone; write " + meant);
        }
        const auto name_begin = std::min(word.find_first_not_of('-'), word.size());
        const std::string name = word.substr(name_begin, word.find('=') - name_begin);
        throw settings_error("'" + printable(word) + "' is no flag; flags are written --name=value" +
                             did_you_mean(name, flag_names(table_), "--"));
    }

    const setting_table& table_;
    const std::vector<std::string>& arguments_;
    std::size_t next_ = 0;
    assignments out_;
};

// What DISTD_DATA_DIR would be as a setting: data-dir.
std::string setting_name(std::string variable) {
    variable.erase(0, std::string_view("DISTD_").size());
    for (char& c : variable) {
        c = c == '_' ? '-' : ascii::lower(c);
    }
    return variable;
}

assignments from_environment(const setting_table& table,
                             const std::map<std::string, std::string>& environment) {
    assignments out;
    for (const auto& [variable, value] : environment) {
        const std::string name = setting_name(variable);
        const setting* row = find_row(table, name);
        if (row == nullptr || environment_name(name) != variable) {
            const std::string meant = nearest_name(name, visible_names(table));
            throw settings_error(printable(variable) + ": no such setting" +
                                 (meant.empty() ? "" : "; did you mean " + environment_name(meant) + "?"));
        }
        if (row->flag_only) throw settings_error(variable + ": this is only a flag, --" + name);
        out.emplace(name, assignment{value, variable});
    }
    return out;
}

assignments from_file(const setting_table& table, const std::string& file, const std::string& text) {
    assignments out;
    for (auto& [number, key, value] : read_config_lines(file, text)) {
        const std::string origin = file + ":" + std::to_string(number);
        const std::string place = printable(origin) + ": " + printable(key);
        const setting* row = find_row(table, key);
        if (row == nullptr) {
            throw settings_error(place + ": no such setting" + did_you_mean(key, visible_names(table)));
        }
        if (row->flag_only || key == "config") {
            throw settings_error(place + ": cannot stand in a config file; use the flag --" + key);
        }
        const auto [at, fresh] = out.try_emplace(key, assignment{value, origin});
        if (!fresh) {
            throw settings_error(place + ": stands already at " + printable(at->second.origin) +
                                 "; keep one of the two" +
                                 (is_list(row->kind) ? ", with commas between items" : ""));
        }
    }
    return out;
}

// The assignment that names the config file, if any.
const assignment* config_file(const assignments& flags, const assignments& variables) {
    const auto flag = flags.find("config");
    const auto variable = variables.find("config");
    const assignment* named = flag != flags.end() ? &flag->second : nullptr;
    if (named == nullptr && variable != variables.end()) named = &variable->second;
    return named == nullptr || named->text.empty() ? nullptr : named;
}

std::string read_named_file(const given_settings& given, const assignment& named) {
    try {
        return given.read_file(named.text);
    } catch (const settings_error& wrong) {
        throw settings_error(value_place("config", named.text, named.origin) + ": " + wrong.what());
    }
}

// What is wrong with a row that a program declares, or "".
std::string flaw(const setting& row) {
    using enum setting_kind;
    const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    const bool starts_well = !row.name.empty() && row.name.front() >= 'a' && row.name.front() <= 'z';
    const bool named = starts_well && std::all_of(row.name.begin(), row.name.end(), allowed);
    const bool chooses = row.kind == choice || row.kind == choices;
    const bool may_hide =
        row.kind == text || row.kind == path || row.kind == texts;  // reasons never quote these
    const bool needs_default = row.kind == on_off || is_number(row.kind);

    if (!named) return "a name is made of small letters, digits and '-'";
    if (chooses == row.choices.empty()) return "choices belong to the kinds choice and choices, only there";
    if (row.repeatable && !is_list(row.kind)) return "only a list can be repeatable";
    if (row.secret && !may_hide) return "only text can be secret";
    if (needs_default && row.fallback.empty()) return "a default is missing";
    if (row.hidden && !row.flag_only) return "what --print-config shows cannot be hidden";
    return {};
}

}  // namespace

settings_parser::settings_parser(std::vector<setting> table) : table_(std::move(table)) {
    std::set<std::string> names;
    for (const auto& row : table_) {
        std::string wrong = flaw(row);
        if (!names.insert(row.name).second) wrong = "declared twice";
        try {
            if (wrong.empty()) static_cast<void>(read_value(row, row.fallback, "default"));
        } catch (const settings_error& bad_default) {
            wrong = bad_default.what();
        }
        if (!wrong.empty()) throw std::invalid_argument("the setting '" + row.name + "': " + wrong);
    }
}

settings settings_parser::parse(const given_settings& given) const {
    const assignments flags = argument_reader(table_, given.arguments).read();
    const assignments variables = from_environment(table_, given.environment);
    assignments lines;
    if (const assignment* named = config_file(flags, variables)) {
        lines = from_file(table_, named->text, read_named_file(given, *named));
    }

    settings out;
    for (const setting& row : table_) {
        const assignments fallback{{row.name, {row.fallback, "default"}}};
        const std::array<const assignments*, 4> weakest_first{&fallback, &lines, &variables, &flags};
        for (const assignments* source : weakest_first) {
            const auto found = source->find(row.name);
            if (found == source->end()) continue;
            const assignment& given_here = found->second;
            setting_value read = read_value(row, given_here.text, given_here.origin);
            out.values_[row.name] = {row, read.text, read.number, std::move(read.list), given_here.origin};
        }
    }
    return out;
}

bool settings_parser::asks_for(const std::vector<std::string>& arguments, const std::string& name) {
    const auto asks = [&](const std::string& argument) {
        return argument == "--" + name || (name == "help" && argument == "-h");
    };
    return std::any_of(arguments.begin(), arguments.end(), asks);
}

std::map<std::string, std::string> own_environment() {
    std::map<std::string, std::string> out;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string text = *entry;
        const auto equals = text.find('=');
        if (!text.starts_with("DISTD_") || equals == std::string::npos) continue;
        out.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return out;
}

}  // namespace distd
