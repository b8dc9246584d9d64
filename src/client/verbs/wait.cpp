// distd wait: until enough instances of a service are up.
#include <algorithm>
#include <charconv>
#include <utility>

#include "base/settings/options_values.hpp"
#include "client/system/context.hpp"
#include "client/system/going_wrong.hpp"
#include "client/verbs/verbs.hpp"
#include "ops/model/town.hpp"
#include "ops/model/words.hpp"

namespace distd::ops::client {
namespace {

constexpr milliseconds max_wait{10'000};  // between two looks
constexpr milliseconds away_pause{300};

struct wanted {
    std::string name;
    std::size_t count = 1;
};

wanted read_wanted(const std::string& word) {
    const auto equals = word.rfind('=');
    wanted w{word.substr(0, equals), 1};
    if (equals == word.npos) return w;
    const auto* const end = word.data() + word.size();
    const auto [stopped, failure] = std::from_chars(word.data() + equals + 1, end, w.count);
    if (failure != std::errc{} || stopped != end || w.name.empty())
        throw wrong_use("'" + printable(word) + "': write NAME, or NAME=2 for two instances");
    return w;
}

std::size_t up_of(const std::vector<instance>& all, const std::string& name) {
    return static_cast<std::size_t>(std::ranges::count_if(all, [&](const instance& i) {
        const auto s = state_of(i);
        return i.name == name && (s == instance_state::well || s == instance_state::unchecked);
    }));
}

std::string missing_of(const std::vector<instance>& all, const std::vector<wanted>& which) {
    std::vector<std::string> out;
    for (const auto& w : which)
        if (const auto up = up_of(all, w.name); up < w.count)
            out.push_back(w.name + " has " + std::to_string(up) + " of " + std::to_string(w.count));
    return listed(out, 5);
}

task<int> run_wait(context& c) {
    std::vector<wanted> which;
    for (const auto& word : c.given.words()) which.push_back(read_wanted(word));
    const auto due = c.time.now() + c.given.duration("timeout");
    std::string missing;
    for (std::uint64_t index = 0;;) {
        bool is_away = false;
        try {
            const auto left = std::chrono::duration_cast<milliseconds>(due - c.time.now());
            const auto patience = std::clamp(left, milliseconds(1), max_wait);
            index = co_await wait_for_change(c, "/services?fields=ServiceURL", index, patience);
            const auto all = co_await ask_registered(c);
            missing = missing_of(all, which);
            if (missing.empty()) co_return exit_code::done;
        } catch (const access_refused&) {
            throw;
        } catch (const cannot_go_on& e) {
            if (e.code() != exit_code::cannot_reach || c.time.now() >= due) throw;
            is_away = true;  // a registry that starts, too, is waited for
        }
        if (c.time.now() >= due) break;
        if (is_away) {
            index = 0;
            co_await sleep_for(c.time, away_pause);
        }
    }
    c.say("not yet: " + missing + " up");
    co_return exit_code::answer_is_no;
}

}  // namespace

verb describe_wait() {
    verb v;
    v.name = "wait";
    v.form = "NAME[=2]...";
    v.summary = "Wait until a service is up, or so many instances of it";
    v.details = "Exit code 4 when they are not in time. A registry that is not there yet is waited for, too.";
    v.min_words = 1;
    v.max_words = any_number;
    v.words = word_kind::service;
    v.options = {{0,
                  {.name = "timeout",
                   .kind = setting_kind::duration,
                   .fallback = "1m",
                   .help = "For how long",
                   .placeholder = "TIME"}}};
    v.examples = {{"distd wait LogService", "one instance of it"},
                  {"distd wait cart=2 checkout --timeout 10s", "two of cart and one of checkout"}};
    v.run = &run_wait;
    return v;
}

}  // namespace distd::ops::client
