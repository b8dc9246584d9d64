#include "role/grading/core/test_statistics.hpp"

#include <algorithm>
#include <distd/json.hpp>

#include "base/assert.hpp"

namespace distd::grading {
namespace {

void append_figure(std::string& out, std::string_view name, double value) {
    out += name;
    append_number(out, value);
}

}  // namespace

void test_statistics::add(const grade& g) { ++tests_[g.title][g.score]; }

void test_statistics::remove(const grade& g) {
    const auto test = tests_.find(g.title);
    DISTD_ASSERT(test != tests_.end());
    const auto score = test->second.find(g.score);
    DISTD_ASSERT(score != test->second.end());
    if (--score->second == 0) test->second.erase(score);
    if (test->second.empty()) tests_.erase(test);
}

std::optional<test_figures> test_statistics::of(std::string_view title, double highest_score) const {
    const auto test = tests_.find(title);
    if (test == tests_.end()) return std::nullopt;
    return figures_of(test->second, highest_score);
}

std::string test_statistics::wire_text(double highest_score) const {
    std::string text = "[";
    for (const auto& [title, scores] : tests_) {
        if (text.size() > 1) text += ',';
        append_wire(text, title, figures_of(scores, highest_score));
    }
    return text + ']';
}

test_figures test_statistics::figures_of(const counts& scores, double highest_score) {
    test_figures f;
    f.min = scores.begin()->first;
    f.highest = scores.rbegin()->first;
    double sum = 0;
    for (const auto& [score, count] : scores) {
        f.count += count;
        sum += score * static_cast<double>(count);
        const auto tenth = static_cast<std::size_t>(score * 10 / highest_score);
        f.distribution[std::min<std::size_t>(tenth, 9)] += count;
    }
    f.mean = sum / static_cast<double>(f.count);

    const auto lower = (f.count - 1) / 2;
    const auto upper = f.count / 2;
    std::size_t passed = 0;
    for (const auto& [score, count] : scores) {
        const auto next = passed + count;
        if (lower >= passed && lower < next) f.median += score / 2;
        if (upper >= passed && upper < next) f.median += score / 2;
        passed = next;
    }
    return f;
}

void append_wire(std::string& out, std::string_view title, const test_figures& f) {
    out += R"({"Title":)";
    append_json_string(out, title);
    out += R"(,"Count":)" + std::to_string(f.count);
    append_figure(out, R"(,"Mean":)", f.mean);
    append_figure(out, R"(,"Median":)", f.median);
    append_figure(out, R"(,"Min":)", f.min);
    append_figure(out, R"(,"Max":)", f.highest);
    out += R"(,"Distribution":[)";
    for (std::size_t i = 0; i < f.distribution.size(); ++i)
        out += (i == 0 ? "" : ",") + std::to_string(f.distribution[i]);
    out += "]}";
}

}  // namespace distd::grading
