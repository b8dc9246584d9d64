// distd config: the central configuration.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <distd/json.hpp>
#include <map>
#include <utility>

#include "base/parse_number.hpp"
#include "base/settings/options_values.hpp"
#include "client/output/times.hpp"
#include "client/system/context.hpp"
#include "client/system/followed_stream.hpp"
#include "client/system/verb_failure.hpp"
#include "client/verbs/config_access.hpp"
#include "client/verbs/config_diff.hpp"
#include "client/verbs/config_edit.hpp"
#include "client/verbs/config_rows.hpp"
#include "client/verbs/verbs.hpp"
#include "ops/answers/call_words.hpp"
#include "ops/model/words.hpp"

namespace distd::ops::client {
namespace {

using words_of_verb = std::vector<std::string>;

constexpr std::size_t max_value = 512 << 10;

[[noreturn]] void no_key(const std::string& key) {
    throw verb_failure(exit_code::answer_is_no, "there is no key " + printable(key));
}

std::int64_t version_of(const std::string& text) {
    auto digits = std::string_view(text);
    if (digits.starts_with('v')) digits.remove_prefix(1);
    const auto n = parse_number<std::int64_t>(digits).value_or(0);
    if (n < 1) throw wrong_use("'" + printable(text) + "' is no version; write a number, such as 3");
    return n;
}

// All of standard input.
std::string read_input() {
    std::string out;
    std::array<char, 16384> piece{};
    for (;;) {
        const auto n = ::read(STDIN_FILENO, piece.data(), piece.size());
        if (n <= 0 || out.size() > max_value) return out;
        out.append(piece.data(), static_cast<std::size_t>(n));
    }
}

task<int> list(context& c, words_of_verb words) {
    auto directory = words.size() > 1 ? words[1] : std::string();
    if (!directory.empty() && !directory.ends_with('/')) directory += '/';
    auto question = make_question(config_list_path(directory));
    const auto r = co_await c.roles.ask_registry(std::move(question));
    expect_changed(r);
    if (c.out.is_json) {
        c.print(r.body + "\n");
        co_return exit_code::done;
    }
    const auto keys = read_config_keys(r.body);
    if (!keys) throw verb_failure(exit_code::cannot_reach, "the registry's configuration cannot be read");
    c.print(keys_text(*keys, c.out, c.now()));
    co_return exit_code::done;
}

task<int> get(context& c, words_of_verb words) {
    const auto& key = words[1];
    const bool is_old = words.size() > 2;
    std::optional<config_value> value;
    if (is_old)
        value = co_await read_version_of(c, key, version_of(words[2]));
    else
        value = co_await read_value_of(c, key);
    if (!value && is_old) throw verb_failure(exit_code::answer_is_no, key + " has no version " + words[2]);
    if (!value) no_key(key);
    if (c.out.is_json)
        c.print_json({{"key", key},
                      {"version", value->version},
                      {"media_type", value->media_type},
                      {"value", value->bytes}});
    else
        c.print(value->bytes);
    if (c.out.to.is_terminal && !c.out.is_json && !value->bytes.ends_with('\n')) c.print("\n");
    co_return exit_code::done;
}

task<int> set(context& c, words_of_verb words) {
    const auto& key = words[1];
    const auto bytes = words[2] == "-" ? read_input() : words[2];
    const auto known = co_await read_value_of(c, key);
    auto type = c.given.text("type");
    if (type.empty()) type = known ? known->media_type : media_type_of(bytes);
    if (const auto fault = fault_in(key, type, bytes); !fault.empty()) throw wrong_use(key + ": " + fault);
    std::optional<std::string> condition;
    if (c.given.on("new")) condition = "";
    if (c.given.has("if-version")) {
        if (!known) no_key(key);
        if (known->version != c.given.number("if-version"))
            throw verb_failure(exit_code::answer_is_no,
                               key + " has version " + std::to_string(known->version) + " by now");
        condition = known->etag;
    }
    const auto r = co_await put_value(c, key, bytes, type, condition);
    expect_changed(r);
    if (c.out.is_json)
        c.print(r.body + "\n");
    else
        c.print(key + " version " + std::to_string(version_in(r)) + "\n");
    co_return exit_code::done;
}

task<int> remove(context& c, words_of_verb words) {
    auto call = config_change(c, "DELETE", config_path(words[1]));
    const auto r = co_await c.roles.ask_registry(std::move(call));
    if (r.status == 404) no_key(words[1]);
    expect_changed(r);
    if (c.out.is_json)
        c.print_json({{"key", words[1]}, {"done", "removed"}});
    else
        c.print(words[1] + " removed\n");
    co_return exit_code::done;
}

task<int> history(context& c, words_of_verb words) {
    const auto all = co_await read_history_of(c, words[1]);
    if (c.out.is_json) {
        boost::json::array rows;
        for (const auto& v : all) rows.push_back(to_json_object(v));
        c.print_json(rows);
        co_return exit_code::done;
    }
    c.print(history_text(all, c.out, c.now()));
    co_return exit_code::done;
}

// Of the last change; from one version to what is there now; or of two versions.
task<int> diff(context& c, words_of_verb words) {
    const auto version_at = [&](std::size_t i) {
        return words.size() > i ? std::optional(version_of(words[i])) : std::nullopt;
    };
    return diff_versions(c, words[1], version_at(2), version_at(3));
}

task<int> restore(context& c, words_of_verb words) {
    auto call = config_change(c, "POST", config_restore_path(words[1], version_of(words[2])));
    const auto r = co_await c.roles.ask_registry(std::move(call));
    if (r.status == 404)
        throw verb_failure(exit_code::answer_is_no, words[1] + " has no version " + words[2]);
    expect_changed(r);
    if (c.out.is_json)
        c.print(r.body + "\n");
    else
        c.print(words[1] + " version " + std::to_string(version_in(r)) + "\n");
    co_return exit_code::done;
}

task<int> edit(context& c, words_of_verb words) { return edit_value(c, words[1]); }

task<std::string> registry_address(context* c) { co_return c->roles.registry_url(); }

class watcher {
public:
    explicit watcher(context& c) : c_(c) {}

    void take(const stream_event& e) {
        if (c_.out.is_json) return c_.print(e.data + "\n");
        const auto list = e.data.starts_with('[') ? e.data : "[" + e.data + "]";
        const auto keys = read_config_keys(list);
        if (!keys) return;
        std::map<std::string, std::int64_t> now;
        for (const auto& k : *keys) {
            if (k.version > 0) now[k.key] = k.version;
            if (const auto was = known_.find(k.key); k.version == 0 && (was != known_.end() || !is_begun_))
                print(k.key, is_begun_ ? "removed" : "not set");
        }
        for (const auto& [key, version] : now)
            if (const auto was = known_.find(key); was == known_.end() || was->second != version)
                print(key, "version " + std::to_string(version));
        if (e.data.starts_with('['))
            for (const auto& [key, version] : known_)
                if (!now.contains(key)) print(key, "removed");
        known_ = std::move(now);
        is_begun_ = true;
    }

private:
    void print(const std::string& key, const std::string& what) {
        c_.print(c_.out.paint(time_text(c_.now(), c_.now(), c_.out.is_utc), tone::dim) + " " +
                 one_line(key, 600) + " " + what + "\n");
    }

    context& c_;
    std::map<std::string, std::int64_t> known_;  // versions
    bool is_begun_ = false;
};

task<int> watch(context& c, words_of_verb words) {
    const auto& watched = words[1];
    const auto path = watched.ends_with('/') ? config_list_path(watched) : config_path(watched);
    // Whether the registry is there at all, and lets this user look: only one that was there is waited for.
    auto question = make_question(path);
    static_cast<void>(co_await c.roles.ask_registry(std::move(question)));
    watcher w(c);
    followed_stream f;
    f.whom = "the registry";
    f.find_address = [&c] { return registry_address(&c); };
    f.path = path;
    f.unit = "change";
    f.on_event = [&w](const stream_event& e) { w.take(e); };
    co_await follow(c, std::move(f));
    co_return exit_code::done;
}

struct part {
    const char* name;
    const char* form;
    std::size_t min_words;  // behind the name
    std::size_t max_words;
    task<int> (*run)(context&, words_of_verb);
};
constexpr part parts[]{
    {"ls", "[DIRECTORY]", 0, 1, &list},
    {"get", "KEY [VERSION]", 1, 2, &get},
    {"set", "KEY VALUE|-", 2, 2, &set},
    {"edit", "KEY", 1, 1, &edit},
    {"rm", "KEY", 1, 1, &remove},
    {"history", "KEY", 1, 1, &history},
    {"diff", "KEY [VERSION [VERSION]]", 1, 3, &diff},
    {"restore", "KEY VERSION", 2, 2, &restore},
    {"watch", "KEY|DIRECTORY/", 1, 1, &watch},
};

task<int> run_config(context& c) {
    const auto& words = c.given.words();
    const auto* const found =
        std::ranges::find_if(parts, [&](const part& p) { return words.front() == p.name; });
    const auto count = words.size() - 1;
    if (count < found->min_words || count > found->max_words)
        throw wrong_use(std::string("use: distd config ") + found->name + " " + found->form);
    return found->run(c, words);
}

}  // namespace

verb describe_config() {
    verb v;
    v.name = "config";
    v.summary = "The central configuration: list, read, change, compare, restore, watch";
    for (const auto& p : parts) {
        v.first_words.emplace_back(p.name);
        v.form += (v.form.empty() ? "" : " | ") + std::string(p.name) + " " + p.form;
    }
    v.details =
        "set takes the value from standard input when it is -. edit opens $VISUAL or $EDITOR, shows what has "
        "changed, and saves only if nobody else has changed the key meanwhile; else it shows both and goes "
        "on "
        "from theirs. diff compares with the version before, with one, or two. JSON (by its type, or below "
        "gateway/) that is none is not saved. Values of keys with password, secret or token in their names "
        "are "
        "shown by get alone, or with --secrets.";
    v.min_words = 1;
    v.max_words = 4;
    v.words = word_kind::key;
    v.options = {{0,
                  {.name = "type",
                   .fallback = {},
                   .help = "Of set: the media type; else that of the value before, else JSON or text",
                   .placeholder = "TYPE"}},
                 {0,
                  {.name = "new",
                   .kind = setting_kind::on_off,
                   .fallback = {},
                   .help = "Of set: only if there is no value yet"}},
                 {0,
                  {.name = "if-version",
                   .kind = setting_kind::integer,
                   .fallback = {},
                   .help = "Of set: only if that version is there now"}},
                 {0,
                  {.name = "reason",
                   .fallback = {},
                   .help = "Of set, edit, rm and restore: why; shown in the history and in the events"}},
                 {0,
                  {.name = "secrets",
                   .kind = setting_kind::on_off,
                   .fallback = {},
                   .help = "Of diff: secret values, too"}}};
    v.examples = {{"distd config set cart/limits '{\"items\": 50}'", "a value, as JSON"},
                  {"distd config set cart/limits '{\"items\": 60}' --reason 'more carts'", "and why"},
                  {"distd config ls cart", "the keys below cart/"},
                  {"distd config diff cart/limits", "what the last change was"},
                  {"distd config history cart/limits", "its versions, by whom, and why"}};
    v.run = &run_config;
    return v;
}

}  // namespace distd::ops::client
