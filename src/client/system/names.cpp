#include "client/system/names.hpp"

#include <algorithm>
#include <set>

#include "base/ascii.hpp"
#include "base/parse_number.hpp"
#include "base/settings/options.hpp"
#include "base/settings/options_values.hpp"
#include "client/arguments/parsed_words.hpp"
#include "client/system/verb_failure.hpp"
#include "http/message/registered_url.hpp"
#include "ops/model/words.hpp"

namespace distd::ops::client {
namespace {

constexpr std::size_t max_listed = 12;

[[noreturn]] void say_no(const std::string& words) { throw verb_failure(exit_code::answer_is_no, words); }

// The number behind the last slash of "cart/2"; 0: there is none.
std::size_t number_in(const std::string& word) {
    const auto slash = word.rfind('/');
    if (slash == word.npos || slash == 0 || word.find("://") != word.npos) return 0;
    return parse_number<std::size_t>(std::string_view(word).substr(slash + 1)).value_or(0);
}

bool is_same_url(std::string_view registered, std::string_view word) {
    word = http::without_end_slashes(word);
    registered = http::without_end_slashes(registered);
    return registered == word || without_scheme(registered) == word || registered == without_scheme(word);
}

}  // namespace

std::vector<std::string> service_names(const std::vector<instance>& all) {
    std::set<std::string> names;
    for (const auto& i : all) names.insert(i.name);
    return {names.begin(), names.end()};
}

std::string find_service(const std::vector<std::string>& names, const std::string& word) {
    if (std::ranges::find(names, word) != names.end()) return word;
    const auto lowered = ascii::lowered(word);
    std::vector<std::string> begun;
    for (const auto& name : names) {
        const auto one = ascii::lowered(name);
        if (one == lowered) return name;
        if (one.starts_with(lowered) && !lowered.empty()) begun.push_back(name);
    }
    if (begun.size() == 1) return begun.front();
    if (begun.empty())
        say_no("no service '" + printable(word) + "' is registered" + did_you_mean(word, names));
    throw wrong_use("'" + printable(word) + "' is the beginning of " + listed(begun, max_listed));
}

std::vector<instance> numbered(const std::vector<instance>& all, const std::string& service) {
    std::vector<instance> out;
    for (const auto& i : all)
        if (i.name == service) out.push_back(i);
    std::ranges::sort(out, {}, &instance::url);
    return out;
}

bool names_an_instance(const std::string& word) {
    return word.find("://") != word.npos || word.find(':') != word.npos || number_in(word) > 0;
}

std::vector<instance> find_instances(const std::vector<instance>& all, const std::string& word) {
    for (const auto& i : all)
        if (is_same_url(i.url, word)) return {i};
    const auto names = service_names(all);
    if (const auto n = number_in(word); n > 0 && std::ranges::find(names, word) == names.end()) {
        const auto service = find_service(names, word.substr(0, word.rfind('/')));
        const auto list = numbered(all, service);
        if (n > list.size())
            say_no(service + " has " + counted(list.size(), "instance", "instances") + ", and no number " +
                   std::to_string(n));
        return {list[n - 1]};
    }
    if (word.find("://") != word.npos) say_no("no instance is registered at " + printable(word));
    return numbered(all, find_service(names, word));
}

}  // namespace distd::ops::client
