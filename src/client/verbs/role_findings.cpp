#include "client/verbs/role_findings.hpp"

#include <utility>

#include "client/system/roles_client.hpp"
#include "http/message/http_date.hpp"
#include "ops/answers/call_words.hpp"
#include "ops/model/words.hpp"

namespace distd::ops::client {
namespace {

constexpr milliseconds max_clock_difference{30'000};  // half of what proofs allow

// The lines of a metric: one for each combination of its labels.
std::vector<std::string_view> lines_of(std::string_view metrics, std::string_view name) {
    std::vector<std::string_view> out;
    while (!metrics.empty()) {
        const auto line = metrics.substr(0, metrics.find('\n'));
        metrics.remove_prefix(std::min(line.size() + 1, metrics.size()));
        const bool is_it = line.starts_with(name) && line.size() > name.size() &&
                           (line[name.size()] == '{' || line[name.size()] == ' ');
        if (is_it) out.push_back(line);
    }
    return out;
}

std::string label_in(std::string_view line, std::string_view name) {
    const auto before = std::string(name) + "=\"";
    const auto begin = line.find(before);
    if (begin == line.npos) return {};
    const auto text = line.substr(begin + before.size());
    return std::string(text.substr(0, text.find('"')));
}

std::optional<finding> finding_of_clock(const role_answers& role, wall_point now) {
    const auto theirs = http::parse_http_date(std::string(role.health.headers.find("Date")));
    if (!theirs) return std::nullopt;
    const auto difference = std::chrono::abs(std::chrono::duration_cast<milliseconds>(now - *theirs));
    if (difference <= max_clock_difference) return std::nullopt;
    return finding{
        verdict::bad, role.name,
        "its clock is " + as_age(difference).text() + " off ours: proofs of access hold for a minute only"};
}

void add_stores(std::vector<finding>& out, const role_answers& role) {
    for (const auto line : lines_of(role.metrics.body, "distd_store_closed")) {
        if (!line.ends_with(" 1")) continue;
        const auto store = label_in(line, "store");
        out.push_back({verdict::bad, role.name,
                       role.base + ": its disk takes no writes" +
                           (store.empty() ? "" : " of the store " + one_line(store, 80))});
    }
}

}  // namespace

std::string version_in(std::string_view metrics) {
    const auto lines = lines_of(metrics, "distd_build_info");
    return lines.empty() ? std::string() : label_in(lines.front(), "version");
}

std::vector<finding> findings_of(const role_answers& role, wall_point now) {
    std::vector<finding> out;
    if (auto clock = finding_of_clock(role, now)) out.push_back(*std::move(clock));
    if (role.metrics.status == 401 || role.metrics.status == 403) {
        out.push_back(
            {verdict::bad, role.name, role.base + " refused: " + without_end(refusal_of(role.metrics))});
        return out;
    }
    add_stores(out, role);
    const auto version = version_in(role.metrics.body);
    if (role.health.status == 200)
        out.push_back({verdict::good, role.name,
                       role.base + " answers" + (version.empty() ? "" : ", version " + version)});
    else
        out.push_back({verdict::bad, role.name, role.base + ": " + without_end(refusal_of(role.health))});
    return out;
}

std::optional<finding> finding_of_versions(const names_by_version& all) {
    if (all.size() < 2) return std::nullopt;
    std::string words;
    for (const auto& [version, names] : all)
        words += (words.empty() ? "" : "; ") + version + ": " +
                 listed(std::vector<std::string>(names.begin(), names.end()), 5);
    return finding{verdict::note, "versions", words};
}

}  // namespace distd::ops::client
