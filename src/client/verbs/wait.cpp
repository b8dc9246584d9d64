// distd wait: until enough instances of a service are up.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

#include "base/ascii.hpp"
#include "base/parse_number.hpp"
#include "base/settings/options_values.hpp"
#include "client/system/context.hpp"
#include "client/system/names.hpp"
#include "client/system/verb_failure.hpp"
#include "client/verbs/verbs.hpp"
#include "ops/model/system_overview.hpp"
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
    const auto count = parse_number<decltype(w.count)>(std::string_view(word).substr(equals + 1));
    if (!count || w.name.empty())
        throw wrong_use("'" + printable(word) + "': write NAME, or NAME=2 for two instances");
    w.count = *count;
    return w;
}

// How far one is, by a list of instances.
struct progress {
    std::string name;
    std::size_t up = 0;
    std::size_t count = 1;
    [[nodiscard]] bool is_there() const noexcept { return up >= count; }
};

// The whole name, in any letter case: the beginning of one may be that of a service that comes later.
std::string name_for(const std::vector<std::string>& registered, const std::string& word) {
    const auto is_it = [&](const auto& name) { return ascii::lowered(name) == ascii::lowered(word); };
    const auto same = std::ranges::find(registered, word);
    const auto found = same == registered.end() ? std::ranges::find_if(registered, is_it) : same;
    return found == registered.end() ? word : *found;
}

std::vector<progress> progress_of(const std::vector<instance>& all, const std::vector<wanted>& which) {
    const auto names = service_names(all);
    std::vector<progress> out;
    for (const auto& w : which) {
        progress p{name_for(names, w.name), 0, w.count};
        for (const auto& i : all) {
            const auto s = state_of(i);
            const bool is_up = s == instance_state::well || s == instance_state::unchecked;
            if (i.name == p.name && is_up) ++p.up;
        }
        out.push_back(std::move(p));
    }
    return out;
}

std::string missing_of(const std::vector<progress>& all) {
    std::vector<std::string> out;
    for (const auto& p : all)
        if (!p.is_there())
            out.push_back(p.name + " has " + std::to_string(p.up) + " of " + std::to_string(p.count));
    return listed(out, 5);
}

void print_document(const context& c, const std::vector<progress>& all) {
    boost::json::array rows;
    for (const auto& p : all) rows.push_back({{"name", p.name}, {"up", p.up}, {"wanted", p.count}});
    c.print_json(rows);
}

class waiting {
public:
    waiting(context& c, std::vector<wanted> which)
        : c_(c), which_(std::move(which)), due_(c.time.now() + c.given.duration("timeout")) {}

    task<int> run() {
        while (!co_await is_over()) {}
        if (c_.out.is_json) print_document(c_, seen_);
        if (all_are_there()) co_return exit_code::done;
        c_.say("not yet: " + missing_of(seen_) + " up");
        co_return exit_code::answer_is_no;
    }

private:
    [[nodiscard]] bool all_are_there() const {
        return !seen_.empty() && std::ranges::all_of(seen_, &progress::is_there);
    }

    // Looks again once something has changed. A registry that starts, too, is waited for.
    task<bool> is_over() {
        bool is_away = false;
        try {
            const auto left = std::chrono::duration_cast<milliseconds>(due_ - c_.time.now());
            const auto patience = std::clamp(left, milliseconds(1), max_wait);
            index_ = co_await wait_for_change(c_, "/services?fields=ServiceURL", index_, patience);
            const auto all = co_await ask_registered(c_);
            seen_ = progress_of(all, which_);
            if (all_are_there()) co_return true;
        } catch (const access_refused&) {
            throw;
        } catch (const verb_failure& e) {
            if (e.code() != exit_code::cannot_reach || c_.time.now() >= due_) throw;
            is_away = true;
        }
        if (c_.time.now() >= due_) co_return true;
        if (is_away) {
            index_ = 0;
            co_await sleep_for(c_.time, away_pause);
        }
        co_return false;
    }

    context& c_;
    std::vector<wanted> which_;
    steady_point due_;
    std::vector<progress> seen_;
    std::uint64_t index_ = 0;
};

task<int> run_wait(context& c) {
    std::vector<wanted> which;
    for (const auto& word : c.given.words()) which.push_back(read_wanted(word));
    waiting w(c, std::move(which));
    co_return co_await w.run();
}

}  // namespace

verb describe_wait() {
    verb v;
    v.name = "wait";
    v.form = "NAME[=2]...";
    v.summary = "Wait until a service is up, or so many instances of it";
    v.details =
        "Exit code 4 when they are not in time. A registry that is not there yet is waited for, too, and a "
        "service by its whole name: the beginning of one could be that of another which comes later.";
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
