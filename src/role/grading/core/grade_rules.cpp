#include "role/grading/core/grade_rules.hpp"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <distd/json.hpp>

namespace distd::grading {
namespace {

constexpr std::array<std::string_view, 4> types{"Quiz", "Test", "Exam", "Homework"};
constexpr std::string_view type_list = "Quiz, Test, Exam or Homework";

// The text is valid UTF-8: the JSON parser saw to that.
std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool has_control_character(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c < 0x20 || c == 0x7f) return true;
        const bool is_c1 = c == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
        if (is_c1) return true;
    }
    return false;
}

bool same_ignoring_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return lower(x) == lower(y); });
}

class judge {
public:
    explicit judge(const json::object& sent) : sent_(sent) {}

    judged_grade run() {
        grade g;
        if (const auto title = text("Title")) judge_title(*title, g);
        if (const auto type = text("Type")) judge_type(*type, g);
        judge_score(g);
        if (verdict_.errors.empty()) verdict_.value = std::move(g);
        return std::move(verdict_);
    }

private:
    void object_to(std::string_view field, std::string detail) {
        verdict_.errors.push_back({std::string(field), std::move(detail)});
    }

    std::optional<std::string_view> text(std::string_view field) {
        const auto* v = find_field(sent_, field);
        if (!v || v->is_null()) {
            object_to(field, "is missing");
            return std::nullopt;
        }
        if (!v->is_string()) {
            object_to(field, "expected a string, found " + detail::json_kind(*v));
            return std::nullopt;
        }
        return std::string_view(v->get_string().data(), v->get_string().size());
    }

    void judge_title(std::string_view title, grade& g) {
        const auto length = characters(title);
        if (title.find_first_not_of(' ') == std::string_view::npos)
            return object_to("Title", "must have 1 to 200 characters that are not all spaces");
        if (length > longest_title)
            return object_to("Title", "must have 1 to 200 characters, has " + std::to_string(length));
        if (has_control_character(title))
            return object_to("Title", "must not hold control characters or line breaks");
        g.title = title;
    }

    void judge_type(std::string_view type, grade& g) {
        const auto known =
            std::find_if(types.begin(), types.end(), [&](auto t) { return same_ignoring_case(t, type); });
        if (known == types.end()) return object_to("Type", "must be " + std::string(type_list));
        g.type = *known;
    }

    void judge_score(grade& g) {
        const auto* v = find_field(sent_, "Score");
        if (!v || v->is_null()) return object_to("Score", "is missing");
        if (!v->is_number())
            return object_to("Score", "expected a number from 0 to 100, found " + detail::json_kind(*v));
        const auto score = v->to_number<double>();
        // Written so that it holds for no NaN either.
        if (!(score >= least_score && score <= highest_score))
            return object_to("Score", "must be from 0 to 100, is " + to_text(*v));
        g.score = score == 0 ? 0 : score;  // -0 would be printed as such
    }

    const json::object& sent_;
    judged_grade verdict_;
};

}  // namespace

judged_grade judge_grade(std::string_view text) {
    json_error error;
    const auto sent = parse_json(text, error);
    if (!sent) return {{}, error.text, {}};
    if (!sent->is_object()) return {{}, "expected an object, found " + detail::json_kind(*sent), {}};
    return judge(sent->get_object()).run();
}

}  // namespace distd::grading
