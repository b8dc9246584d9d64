#include "client/arguments/help.hpp"

#include <algorithm>

#include "base/settings/man_text.hpp"
#include "base/settings/options_values.hpp"
#include "base/terminal.hpp"

namespace distd::ops::client {
namespace {

constexpr std::size_t page_width = 80;
constexpr std::size_t help_column = 28;

std::string placeholder_of(const setting& row) {
    if (!row.placeholder.empty()) return row.placeholder;
    switch (row.kind) {
        case setting_kind::on_off: return {};
        case setting_kind::integer: return "N";
        case setting_kind::duration: return "TIME";
        case setting_kind::choice: return joined(row.choices, "|");
        case setting_kind::urls: return "URL,...";
        default: return "TEXT";
    }
}

std::string option_name(const verb_option& o) {
    const auto value = placeholder_of(o.row);
    std::string out = o.letter == 0 ? "    " : std::string{'-', o.letter} + ", ";
    return out + "--" + o.row.name + (value.empty() ? "" : "=" + value);
}

std::string meaning_of(const setting& row) {
    return row.help + (row.fallback.empty() ? "" : " (default " + row.fallback + ")");
}

std::string two_columns(const std::string& left, const std::string& right, std::size_t at) {
    std::string out = "  " + left;
    std::string pad = out.size() + 2 <= at ? std::string(at - out.size(), ' ') : "\n" + std::string(at, ' ');
    for (const auto& line : wrap_to_width(right, page_width - at)) {
        out += pad + line + "\n";
        pad = std::string(at, ' ');
    }
    return out;
}

std::string options_text(const std::vector<verb_option>& options) {
    std::string out;
    for (const auto& o : options)
        if (!o.row.hidden) out += two_columns(option_name(o), meaning_of(o.row), help_column);
    return out;
}

std::string paragraph(const std::string& text) {
    std::string out;
    for (const auto& line : wrap_to_width(text, page_width)) out += line + "\n";
    return out;
}

std::string synopsis(const verb& v) {
    return v.name + (v.form.empty() ? "" : " " + v.form) + (v.options.empty() ? "" : " [OPTION...]");
}

}  // namespace

const std::vector<verb_option>& common_options() {
    static const std::vector<verb_option> table{
        {0,
         {.name = "registry",
          .kind = setting_kind::urls,
          .fallback = {},
          .help = "The registry to ask, or several in turn; else DISTD_REGISTRY, else http://127.0.0.1:3000",
          .placeholder = "URL,...",
          .repeatable = true}},
        {0,
         {.name = "json",
          .kind = setting_kind::on_off,
          .fallback = {},
          .help = "JSON: one document, or lines that follow"}},
        {0,
         {.name = "color",
          .kind = setting_kind::choice,
          .fallback = "auto",
          .help = "Colours; auto: at a terminal, unless NO_COLOR is set",
          .placeholder = "WHEN",
          .choices = {"auto", "always", "never"}}},
        {0,
         {.name = "utc",
          .kind = setting_kind::on_off,
          .fallback = {},
          .help = "Times in UTC, not in the zone of this machine"}},
        {'h', {.name = "help", .kind = setting_kind::on_off, .fallback = {}, .help = "This text"}}};
    return table;
}

std::string help_of(const verb& v) {
    std::string out = "Usage: distd " + synopsis(v) + "\n\n" + paragraph(v.summary + ".");
    if (!v.details.empty()) out += "\n" + paragraph(v.details);
    if (!v.options.empty()) out += "\n" + options_text(v.options);
    out += "\nFor every verb:\n" + options_text(common_options());
    if (v.examples.empty()) return out;
    out += "\nExamples:\n";
    for (const auto& e : v.examples) out += "  " + e.line + "\n      " + e.meaning + "\n";
    return out;
}

std::string overview(const std::vector<verb>& verbs) {
    std::size_t longest = 0;
    for (const auto& v : verbs) longest = std::max(longest, v.name.size());
    std::string out;
    for (const auto& v : verbs) out += two_columns(v.name, v.summary, longest + 4);
    return out;
}

namespace {

std::string man_option(const verb_option& o) {
    const auto value = placeholder_of(o.row);
    std::string out = ".TP\n";
    if (o.letter != 0) out += std::string("\\fB\\-") + o.letter + "\\fR, ";
    out += "\\fB\\-\\-" + troff(o.row.name) + "\\fR";
    if (!value.empty()) out += "=\\fI" + troff(value) + "\\fR";
    return out + "\n" + troff(meaning_of(o.row) + ".") + "\n";
}

std::string man_verb(const verb& v) {
    std::string out = ".SS \"distd " + troff(synopsis(v)) + "\"\n" + troff(v.summary + ".") + "\n";
    if (!v.details.empty()) out += ".PP\n" + troff(v.details) + "\n";
    for (const auto& o : v.options)
        if (!o.row.hidden) out += man_option(o);
    for (const auto& e : v.examples)
        out += ".PP\n" + troff(e.meaning) + ":\n.PP\n.nf\n.RS\n" + troff(e.line) + "\n.RE\n.fi\n";
    return out;
}

std::string man_rows(const std::vector<std::pair<std::string, std::string>>& rows) {
    std::string out;
    for (const auto& [name, meaning] : rows) out += ".TP\n.B " + troff(name) + "\n" + troff(meaning) + "\n";
    return out;
}

}  // namespace

std::string man_page(const std::vector<verb>& verbs, const std::string& version) {
    std::string out =
        ".\\\" Written by `distd help --man` from the table of verbs.\n.TH DISTD 1 \"\" \"distd " + version +
        "\" \"User commands\"\n.SH NAME\ndistd \\- look after a distributed system from "
        "the shell\n.SH SYNOPSIS\n.B distd\n.I VERB\n.RI [ WORD ...]\n.RI [ OPTION "
        "...]\n.SH DESCRIPTION\n";
    out += troff(
               "Asks the registry of a system, and through it the log service, the gateway and the console, "
               "what runs, what is sick and why, and what was said; and changes what an operator changes. "
               "The same program plays the roles: see distd(8).") +
           "\n.PP\n" +
           troff(
               "A service is named by its name, in any letter case, or by the beginning of exactly one. An "
               "instance is named by its URL or by its number in the list of its service: cart/2. Times are "
               "15m (so long ago), 14:00, 2026-11-21 14:00 or 2026-11-21T14:00:00Z.") +
           "\n.SH VERBS\n";
    for (const auto& v : verbs) out += man_verb(v);
    out += ".SH OPTIONS OF EVERY VERB\n";
    for (const auto& o : common_options()) out += man_option(o);
    out +=
        ".SH ENVIRONMENT\n" +
        man_rows({{"DISTD_REGISTRY", "The registry, where --registry is not given."},
                  {"DISTD_TOKEN",
                   "The access token. Else the first line of ~/.config/distd/token, a file that only its "
                   "owner may read (mode 0600). It is never given on the command line, and never sent: calls "
                   "carry a proof of it."},
                  {"SUDO_USER, USER", "Who asks for a change, with the name of this machine."},
                  {"NO_COLOR, TERM, COLUMNS", "As usual."},
                  {"EDITOR, VISUAL", "Of config edit."}});
    out += ".SH EXIT STATUS\n" +
           man_rows({{"0", "Done."},
                     {"1",
                      "A role cannot be reached, or its answer cannot be read; standard error says at which "
                      "address and what to set."},
                     {"2", "Wrong use."},
                     {"4",
                      "It was asked, and the answer is no: nothing of that name, a change that was refused, "
                      "services --exit-code that found a sick one, wait that timed out, diff that differs."},
                     {"130", "Interrupted."}});
    return out + ".SH SEE ALSO\n.BR distd (8)\n";
}

namespace {

std::string words_of(const std::vector<verb>& verbs) {
    std::string out;
    for (const auto& v : verbs) {
        out += (out.empty() ? "" : " ") + v.name;
        for (const auto& a : v.aliases) out += " " + a;
    }
    return out;
}

std::string flags_of(const std::vector<verb_option>& options) {
    std::string out;
    for (const auto& o : options) {
        if (o.row.hidden) continue;
        out += (out.empty() ? "--" : " --") + o.row.name + (o.row.kind == setting_kind::on_off ? "" : "=");
    }
    return out;
}

std::string kind_name(word_kind k) {
    switch (k) {
        case word_kind::service: return "services";
        case word_kind::instance: return "instances";
        case word_kind::key: return "keys";
        case word_kind::verb: return "verbs";
        default: return {};
    }
}

std::string completion_row(const verb& v) {
    std::string names = v.name;
    for (const auto& a : v.aliases) names += " | " + a;
    auto out = "        " + names + ")\n";
    out += "            flags='" + flags_of(v.options) + (v.options.empty() ? "" : " ") +
           flags_of(common_options()) + "'\n";
    if (!v.first_words.empty()) out += "            first='" + joined(v.first_words, " ") + "'\n";
    if (const auto kind = kind_name(v.words); !kind.empty()) out += "            kind='" + kind + "'\n";
    return out + "            ;;\n";
}

}  // namespace

std::string bash_completion(const std::vector<verb>& verbs) {
    // The words of the line are taken apart here: bash breaks them at colons and equals signs, too, and URLs
    // have colons. What it holds for the word is what stands behind the last of these.
    std::string out = R"(# bash completion of distd, written by `distd completion bash`.
# shellcheck shell=bash
_distd() {
    local line=${COMP_LINE:0:COMP_POINT} cur words=() at verb flags='' first='' kind='' before one
    cur=${line##*[[:space:]]}
    read -ra words <<<"$line"
    at=${#words[@]}
    [ -n "$cur" ] && at=$((at - 1))
    verb=${words[1]-}
    COMPREPLY=()
    if [ "$at" -le 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W ')" +
                      words_of(verbs) + R"(' -- "$cur")
        return
    fi
    case $verb in
)";
    for (const auto& v : verbs) out += completion_row(v);
    out += R"(        *) return ;;
    esac
    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$cur")
        [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace 2>/dev/null
    elif [ -n "$first" ] && [ "$at" -eq 2 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$first" -- "$cur")
    elif [ -n "$kind" ]; then
        mapfile -t COMPREPLY < <("${words[0]}" completion "$kind" "$cur" 2>/dev/null)
    fi
    before=${cur%"${cur##*[:=]}"}
    for one in "${!COMPREPLY[@]}"; do
        COMPREPLY[one]=${COMPREPLY[one]#"$before"}
    done
}
complete -F _distd distd
)";
    return out;
}

}  // namespace distd::ops::client
