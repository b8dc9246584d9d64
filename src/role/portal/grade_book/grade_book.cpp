#include "role/portal/grade_book/grade_book.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <charconv>
#include <cmath>
#include <distd/json.hpp>
#include <numeric>

#include "base/ascii.hpp"
#include "base/parse_number.hpp"
#include "base/utf8.hpp"

namespace distd::portal {
namespace {

using ascii::trimmed;

// Nothing for what holds control characters or is not text.
std::optional<std::size_t> count_characters(std::string_view text) noexcept {
    std::size_t count = 0;
    for (; !text.empty(); ++count) {
        const auto size = utf8_length(text);
        const auto lead = static_cast<unsigned char>(text.front());
        if (size == 0 || lead < 0x20 || lead == 0x7f) return std::nullopt;
        text.remove_prefix(size);
    }
    return count;
}

std::string title_error(std::string_view title) {
    if (title.empty()) return "Give the grade a title, such as “Quiz 3”.";
    const auto length = count_characters(title);
    if (!length) return "The title contains invalid characters.";
    if (*length <= title_limit_characters) return {};
    return "A title has at most " + std::to_string(title_limit_characters) + " characters; this one has " +
           std::to_string(*length) + ".";
}

std::optional<double> parse_score(std::string_view text, double highest) noexcept {
    const auto score = parse_number<double>(text);
    if (!score || !std::isfinite(*score) || *score < 0 || *score > highest) return std::nullopt;
    return *score + 0.0;  // turns -0 into 0
}

}  // namespace

std::string to_wire(const grade& g) {
    json::object body;
    body["Title"] = g.title;
    body["Type"] = g.type;
    // 85, not 8.5E1: foreign decoders take both, people reading along prefer the first.
    const bool whole = g.score == std::floor(g.score);
    body["Score"] = whole ? json::value(static_cast<std::int64_t>(g.score)) : json::value(g.score);
    return to_text(body);
}

std::string to_wire(const std::string& first_name, const std::string& last_name) {
    json::object body;
    body["FirstName"] = first_name;
    body["LastName"] = last_name;
    return to_text(body);
}

std::optional<double> average(const std::vector<grade>& grades) {
    if (grades.empty()) return std::nullopt;
    const auto add = [](double sum, const grade& g) { return sum + g.score; };
    return std::accumulate(grades.begin(), grades.end(), 0.0, add) / static_cast<double>(grades.size());
}

std::optional<double> average_of(const student& s) {
    return s.version.value ? s.average.value : average(s.grades);
}

const grade* find_grade(const student& s, std::int64_t id) {
    const auto has_it = [id](const grade& g) { return g.id.value == id; };
    const auto it = std::find_if(s.grades.begin(), s.grades.end(), has_it);
    return it == s.grades.end() ? nullptr : &*it;
}

bool same_content(const grade& a, const grade& b) noexcept {
    return a.title == b.title && a.type == b.type && a.score == b.score;
}

std::string as_percent(double value) {
    // The largest double has 309 digits before its point, and a foreign service may send it.
    std::array<char, 330> text;
    const auto end =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, 1).ptr;
    return std::string(text.data(), end) + '%';
}

std::string as_mean(double value, double highest_score) {
    auto text = as_percent(value);
    if (highest_score != default_highest_score) text.pop_back();
    return text;
}

std::string as_score(double value) {
    std::array<char, 32> text;
    return std::string(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
}

std::string first_characters(std::string_view text, std::size_t max) {
    auto rest = text;
    for (std::size_t taken = 0; taken < max && !rest.empty(); ++taken)
        rest.remove_prefix(std::max<std::size_t>(utf8_length(rest), 1));
    if (rest.empty()) return std::string(text);
    return std::string(text.substr(0, text.size() - rest.size())) + "…";
}

std::optional<std::int64_t> parse_student_id(std::string_view text) noexcept {
    return text.starts_with('-') ? std::nullopt : parse_number<std::int64_t>(text);
}

validated_grade validate(const typed_grade& typed, double highest_score) {
    validated_grade verdict;
    const auto title = trimmed(typed.title);
    verdict.errors.title = title_error(title);

    const auto wanted = trimmed(typed.type);
    const auto type = std::find_if(grade_types.begin(), grade_types.end(), [wanted](std::string_view known) {
        return ascii::equal_ignoring_case(known, wanted);
    });
    if (type == grade_types.end()) verdict.errors.type = "Choose Test, Quiz, Homework or Exam.";

    const auto score = parse_score(trimmed(typed.score), highest_score);
    if (!score) {
        const auto* examples = highest_score >= default_highest_score ? ", such as 85 or 87.5." : ".";
        verdict.errors.score = "The score is a number from 0 to " + as_score(highest_score) + examples;
    }

    if (!verdict.errors.any()) verdict.accepted = grade{std::string(title), std::string(*type), *score};
    return verdict;
}

typed_grade as_typed(const grade& g) { return {g.title, g.type, as_score(g.score)}; }

typed_name validate(typed_name& typed) {
    const auto error = [](std::string& name, std::string_view which) -> std::string {
        name = std::string(trimmed(name));
        const auto length = count_characters(name);
        if (!length) return "The " + std::string(which) + " contains invalid characters.";
        if (*length >= 1 && *length <= name_limit_characters) return {};
        return "The " + std::string(which) + " has 1 to " + std::to_string(name_limit_characters) +
               " characters.";
    };
    return {error(typed.first, "first name"), error(typed.last, "last name")};
}

}  // namespace distd::portal
