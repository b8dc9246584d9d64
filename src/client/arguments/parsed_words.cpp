#include "client/arguments/parsed_words.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/settings/options.hpp"

namespace distd::ops::client {

// Why not `settings_parser`: its flags are those of services, --name=value alone, with variables and a file
// behind them. The values themselves are judged by the same code.
class parsed_words::reader {
public:
    reader(const verb& v, const std::vector<std::string>& arguments, parsed_words& into)
        : verb_(v), arguments_(arguments), into_(into) {
        for (const auto& o : v.options) rows_.push_back(&o);
        for (const auto& o : common_options()) rows_.push_back(&o);
    }

    void read() {
        set_fallbacks();
        while (next_ < arguments_.size()) {
            if (takes_rest_now()) {
                into_.rest_.assign(arguments_.begin() + static_cast<std::ptrdiff_t>(next_), arguments_.end());
                break;
            }
            take(arguments_[next_++]);
        }
        judge_words();
    }

private:
    [[nodiscard]] bool takes_rest_now() const {
        return verb_.takes_rest && into_.words_.size() == verb_.max_words;
    }

    void set_fallbacks() {
        for (const auto* o : rows_) {
            auto& at = into_.options_[o->row.name];
            if (!o->row.fallback.empty()) at.read = read_value(o->row, o->row.fallback, "default");
        }
    }

    void take(const std::string& argument) {
        if (only_words_ || argument.size() < 2 || argument[0] != '-')
            into_.words_.push_back(argument);
        else if (argument == "--")
            only_words_ = true;
        else if (argument.starts_with("--"))
            take_long(argument);
        else
            take_letters(argument);
    }

    void take_long(const std::string& argument) {
        const auto equals = std::min(argument.find('='), argument.size());
        const auto name = argument.substr(2, equals - 2);
        const auto found = std::ranges::find(rows_, name, [](const auto* o) { return o->row.name; });
        if (found == rows_.end()) {
            std::vector<std::string> known;
            for (const auto* o : rows_) known.push_back(o->row.name);
            throw wrong_use(printable(argument) + ": " + verb_.name + " has no such option" +
                            did_you_mean(name, known, "--"));
        }
        const auto& option = **found;
        const auto& row = option.row;
        if (equals < argument.size())
            assign(option, argument.substr(equals + 1), "--" + row.name);
        else
            assign(option, row.kind == setting_kind::on_off ? "on" : next_word(row, "--" + row.name),
                   "--" + row.name);
    }

    // -fn50: several that are on or off, and one that takes the rest.
    void take_letters(const std::string& argument) {
        for (std::size_t i = 1; i < argument.size(); ++i) {
            const auto found = std::ranges::find(rows_, argument[i], [](const auto* o) { return o->letter; });
            if (found == rows_.end() || argument[i] == 0)
                throw wrong_use("-" + printable(argument.substr(i, 1)) + ": " + verb_.name +
                                " has no such option; distd help " + verb_.name + " names them");
            const auto& option = **found;
            const auto& row = option.row;
            const std::string origin{'-', argument[i]};
            if (row.kind == setting_kind::on_off) {
                assign(option, "on", origin);
                continue;
            }
            auto value = argument.substr(i + 1);
            if (value.starts_with('=')) value.erase(0, 1);
            assign(option, i + 1 < argument.size() ? value : next_word(row, origin), origin);
            return;
        }
    }

    std::string next_word(const setting& row, const std::string& origin) {
        if (next_ == arguments_.size())
            throw wrong_use(origin + ": needs a value" +
                            (row.placeholder.empty() ? "" : ", " + origin + " " + row.placeholder));
        return arguments_[next_++];
    }

    void assign(const verb_option& option, std::string text, const std::string& origin) {
        const auto& row = option.row;
        auto& at = into_.options_[row.name];
        for (const auto& [spelling, value] : option.synonyms)
            if (text == spelling) text = value;
        const auto all = row.repeatable && at.is_given ? at.read.text + "," + text : text;
        try {
            at.read = read_value(row, all, "--" + row.name);
        } catch (const settings_error& e) {
            // It names the value by the long form; a person sees what was written.
            std::string said = e.what();
            if (origin.size() == 2) said.replace(0, row.name.size() + 3, origin + " ");
            throw wrong_use(said);
        }
        at.is_given = true;
    }

    void judge_words() const {
        const auto& words = into_.words_;
        const auto use = "; use: distd " + verb_.name + (verb_.form.empty() ? "" : " " + verb_.form);
        if (words.size() < verb_.min_words)
            throw wrong_use(verb_.name + (words.empty() ? " needs more words" : " needs another word") + use);
        if (words.size() > verb_.max_words)
            throw wrong_use("'" + printable(words[verb_.max_words]) + "' is one word too many for " +
                            verb_.name + use);
        if (verb_.first_words.empty() || words.empty()) return;
        if (std::ranges::find(verb_.first_words, words[0]) == verb_.first_words.end())
            throw wrong_use("'" + printable(words[0]) + "' is nothing that " + verb_.name + " does" +
                            did_you_mean(words[0], verb_.first_words) + "; there are " +
                            joined(verb_.first_words, ", "));
    }

    const verb& verb_;
    const std::vector<std::string>& arguments_;
    parsed_words& into_;
    std::vector<const verb_option*> rows_;
    std::size_t next_ = 0;
    bool only_words_ = false;
};

parsed_words::parsed_words(const verb& v, const std::vector<std::string>& arguments) {
    reader(v, arguments, *this).read();
}

const parsed_words::value& parsed_words::find(const std::string& name) const {
    const auto found = options_.find(name);
    DISTD_ASSERT(found != options_.end());  // the verb's row does not have it
    return found->second;
}

bool parsed_words::has(const std::string& name) const {
    const auto& v = find(name);
    return v.is_given || !v.read.text.empty();
}
const std::string& parsed_words::text(const std::string& name) const { return find(name).read.text; }
std::int64_t parsed_words::number(const std::string& name) const { return find(name).read.number; }
const std::vector<std::string>& parsed_words::list(const std::string& name) const {
    return find(name).read.list;
}

}  // namespace distd::ops::client
