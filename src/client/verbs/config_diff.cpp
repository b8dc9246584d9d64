#include "client/verbs/config_diff.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <utility>

#include "client/system/verb_failure.hpp"
#include "client/verbs/config_access.hpp"
#include "client/verbs/diff_text.hpp"
#include "ops/model/words.hpp"

namespace distd::ops::client {
namespace {

// One side: nothing where the key was not there yet, or was deleted.
struct side {
    std::int64_t version = 0;
    std::optional<std::string> value;
};

task<side> read_side(context& c, std::string key, std::int64_t version, std::vector<config_version> known) {
    side s{version, std::nullopt};
    if (version == 0) co_return s;  // before the first
    auto found = co_await read_version_of(c, key, version);
    if (found) s.value = std::move(found->bytes);
    if (!s.value && std::ranges::find(known, version, &config_version::version) == known.end())
        throw verb_failure(exit_code::answer_is_no, key + " has no version " + std::to_string(version));
    co_return s;
}

boost::json::value shown_value(const side& s, bool is_shown) {
    return s.value && is_shown ? boost::json::value(*s.value) : boost::json::value(nullptr);
}

// What is not to be shown, or not there, is null.
void print_document(const context& c, const std::string& key, const side& left, const side& right,
                    bool is_shown) {
    c.print_json({{"key", key},
                  {"from", left.version},
                  {"to", right.version},
                  {"differs", left.value.value_or("") != right.value.value_or("")},
                  {"left", shown_value(left, is_shown)},
                  {"right", shown_value(right, is_shown)}});
}

}  // namespace

task<int> diff_versions(context& c, std::string key, std::optional<std::int64_t> from,
                        std::optional<std::int64_t> to) {
    const auto all = co_await read_history_of(c, key);
    if (all.empty()) throw verb_failure(exit_code::answer_is_no, "there is no key " + key);
    const auto left = co_await read_side(c, key, from.value_or(all.size() > 1 ? all[1].version : 0), all);
    const auto right = co_await read_side(c, key, to.value_or(all.front().version), all);
    const bool is_shown = !is_secret(key) || c.given.on("secrets");
    const auto old_text = left.value.value_or("");
    const auto new_text = right.value.value_or("");
    if (c.out.is_json)
        print_document(c, key, left, right, is_shown);
    else if (old_text != new_text && is_shown)
        c.print(c.out.paint("- version " + std::to_string(left.version), tone::dim) + "\n" +
                c.out.paint("+ version " + std::to_string(right.version), tone::dim) + "\n" +
                diff_text(old_text, new_text, c.out));
    if (old_text != new_text && !is_shown) c.say(key + " differs; --secrets shows it");
    co_return old_text == new_text ? exit_code::done : exit_code::answer_is_no;
}

}  // namespace distd::ops::client
