// distd help, version, completion and run: what the table of verbs says of itself.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <distd/json.hpp>

#include "base/settings/options.hpp"
#include "base/settings/options_values.hpp"
#include "client/arguments/help.hpp"
#include "client/system/context.hpp"
#include "client/system/names.hpp"
#include "client/system/verb_failure.hpp"
#include "client/verbs/verbs.hpp"
#include "ops/questions/registry_questions.hpp"

namespace distd::ops::client {
namespace {

constexpr milliseconds completion_limit{200};

std::string overview_text() {
    return "Usage: distd VERB [WORD...] [OPTION...]      looks after a system\n"
           "       distd --role=ROLE,... [--NAME=VALUE]  runs roles: distd --help\n\n" +
           overview(all_verbs()) +
           "\ndistd help VERB says more. The registry: --registry, DISTD_REGISTRY, else "
           "http://127.0.0.1:3000.\n";
}

boost::json::object to_json_object(const verb& v) {
    boost::json::array options, examples;
    for (const auto& o : v.options) {
        if (o.row.hidden) continue;
        boost::json::object one{{"name", o.row.name}, {"help", o.row.help}};
        if (o.letter != 0) one["letter"] = std::string(1, o.letter);
        options.push_back(std::move(one));
    }
    for (const auto& e : v.examples) examples.push_back({{"line", e.line}, {"meaning", e.meaning}});
    return {{"name", v.name},       {"form", v.form},     {"summary", v.summary},
            {"details", v.details}, {"options", options}, {"examples", examples}};
}

void print_overview(const context& c) {
    if (!c.out.is_json) return c.print(overview_text());
    boost::json::array all;
    for (const auto& v : all_verbs()) all.push_back(to_json_object(v));
    c.print_json(all);
}

task<int> run_help(context& c) {
    if (c.given.on("man")) {
        c.print(man_page(all_verbs(), DISTD_VERSION));
        co_return exit_code::done;
    }
    if (c.given.words().empty()) {
        print_overview(c);
        co_return exit_code::done;
    }
    const auto& word = c.given.words().front();
    const auto* const found = find_verb(word);
    if (!found) {
        std::vector<std::string> known;
        for (const auto& v : all_verbs()) known.push_back(v.name);
        throw wrong_use("there is no verb '" + printable(word) + "'" +
                        did_you_mean(word, known, "distd help "));
    }
    if (c.out.is_json)
        c.print_json(to_json_object(*found));
    else
        c.print(help_of(*found));
    co_return exit_code::done;
}

task<int> run_version(context& c) {
    if (c.out.is_json)
        c.print_json({{"version", DISTD_VERSION}});
    else
        c.print("distd " DISTD_VERSION "\n");
    co_return exit_code::done;
}

// For a shell: each on a line, with its special characters escaped.
std::string for_shell(const std::string& word) {
    std::string out;
    for (const char c : word) {
        if (std::string_view(" \t\\'\"`$&|;<>()*?[]{}!#~").find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out + '\n';
}

void print_candidates(context& c, const std::vector<std::string>& all, const std::string& begun) {
    std::string out;
    for (const auto& one : all)
        if (one.starts_with(begun)) out += for_shell(one);
    c.print(out);
}

task<std::vector<std::string>> names_for(context& c, std::string kind, std::string begun) {
    if (kind == "keys") {
        auto send = c.roles.registry();
        const auto keys = co_await ask_keys(std::move(send), "");
        co_return keys.value ? *keys.value : std::vector<std::string>();
    }
    const auto all = co_await ask_registered(c);
    auto names = service_names(all);
    if (kind == "services") co_return names;
    if (begun.find("://") != begun.npos) {
        names.clear();
        for (const auto& i : all) names.push_back(i.url);
    } else if (begun.find('/') != begun.npos) {
        const auto service = begun.substr(0, begun.rfind('/'));
        names.clear();
        for (std::size_t n = 1; n <= numbered(all, service).size(); ++n)
            names.push_back(service + "/" + std::to_string(n));
    }
    co_return names;
}

// What a shell asks for while somebody types: an answer soon, or none.
task<int> run_completion(context& c) {
    const auto& words = c.given.words();
    if (words.front() == "bash") {
        c.print(bash_completion(all_verbs()));
        co_return exit_code::done;
    }
    const auto begun = words.size() > 1 ? words[1] : std::string();
    if (words.front() == "verbs") {
        std::vector<std::string> names;
        for (const auto& v : all_verbs()) names.push_back(v.name);
        print_candidates(c, names, begun);
        co_return exit_code::done;
    }
    c.roles.limit_patience(completion_limit);
    const auto all = co_await names_for(c, words.front(), begun);
    print_candidates(c, all, begun);
    co_return exit_code::done;
}

task<int> run_roles_here(context&) { co_return exit_code::wrong_use; }  // is taken before: see run_client

}  // namespace

verb describe_help() {
    verb v;
    v.name = "help";
    v.form = "[VERB]";
    v.summary = "What the verbs are, and what one of them takes";
    v.max_words = 1;
    v.words = word_kind::verb;
    v.options = {{0,
                  {.name = "man",
                   .kind = setting_kind::on_off,
                   .fallback = {},
                   .help = "The man page distd(1)",
                   .hidden = true}}};
    v.options.front().row.flag_only = true;
    v.examples = {{"distd help logs", "how lines of the log are read"}};
    v.run = &run_help;
    return v;
}

verb describe_version() {
    verb v;
    v.name = "version";
    v.summary = "The version of this program";
    v.details = "distd doctor says which versions the roles have.";
    v.examples = {{"distd version", "the version"}};
    v.run = &run_version;
    return v;
}

verb describe_completion() {
    verb v;
    v.name = "completion";
    v.form = "bash";
    v.summary = "Completion for a shell: verbs, options, services, instances, keys";
    v.details =
        "Services, instances and keys are asked of the registry, for at most 200 ms. (completion "
        "services|instances|keys|verbs WORD is what the script asks.)";
    v.min_words = 1;
    v.max_words = 2;
    v.words = word_kind::shell;
    v.first_words = {"bash", "services", "instances", "keys", "verbs"};
    v.examples = {{"source <(distd completion bash)", "in ~/.bashrc"}};
    v.run = &run_completion;
    return v;
}

verb describe_run() {
    verb v;
    v.name = "run";
    v.form = "[--role=ROLE,...] [--NAME=VALUE]...";
    v.summary = "Run roles: the same as distd --role=..., see distd --help and distd(8)";
    v.takes_rest = true;
    v.examples = {{"distd run --role=registry --check-config", "judges the settings of a registry"}};
    v.run = &run_roles_here;
    return v;
}

}  // namespace distd::ops::client
