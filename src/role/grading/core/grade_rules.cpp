#include "role/grading/core/grade_rules.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <cmath>
#include <distd/json.hpp>

#include "base/ascii.hpp"

namespace distd::grading {
namespace {

// The text is valid UTF-8: the JSON parser ensures it.
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

std::string text_error(std::string_view text, std::size_t max_characters) {
    const auto range = "must have 1 to " + std::to_string(max_characters) + " characters";
    const auto length = characters(text);
    if (text.find_first_not_of(' ') == std::string_view::npos) return range + " that are not all spaces";
    if (length > max_characters) return range + ", has " + std::to_string(length);
    if (has_control_character(text)) return "must not contain control characters or line breaks";
    return {};
}

std::string shown(double number) {
    std::string text;
    append_number(text, number);
    return text;
}

// Validates an object field by field, and collects the errors.
class object_validator {
public:
    explicit object_validator(const json::object& sent) : sent_(sent) {}

    [[nodiscard]] std::optional<grade> read_grade(const grade_limits& limits) {
        grade g;
        g.title = checked("Title", title_error);
        if (const auto type = text("Type")) {
            if (const auto known = known_type(*type))
                g.type = *known;
            else
                add_error("Type", type_error());
        }
        if (const auto score = number("Score", "a number from 0 to " + shown(limits.highest_score))) {
            if (auto wrong = score_error(*score, limits); !wrong.empty())
                add_error("Score", std::move(wrong));
            g.score = *score == 0 ? 0 : *score;  // turns -0 into 0
        }
        return errors_.empty() ? std::optional(std::move(g)) : std::nullopt;
    }

    [[nodiscard]] std::optional<full_name> read_name() {
        full_name n;
        n.first_name = checked("FirstName", name_error);
        n.last_name = checked("LastName", name_error);
        return errors_.empty() ? std::optional(std::move(n)) : std::nullopt;
    }

    [[nodiscard]] std::optional<type_weights> read_weights(type_weights weights) {
        for (std::size_t i = 0; i < grade_types.size(); ++i) {
            if (!find_field(sent_, grade_types[i])) continue;
            const auto weight = number(grade_types[i], "a number from 0 to " + shown(highest_weight));
            if (!weight) continue;
            weights.of[i] = *weight == 0 ? 0 : *weight;
            if (!(*weight >= 0 && *weight <= highest_weight))
                add_error(grade_types[i],
                          "must be from 0 to " + shown(highest_weight) + ", is " + shown(*weight));
        }
        for (const auto& member : sent_) {
            if (!known_type(member.key()))
                add_error(std::string_view(member.key()), "is not a type; " + type_error());
        }
        return errors_.empty() ? std::optional(weights) : std::nullopt;
    }

    [[nodiscard]] std::vector<field_error> errors() && { return std::move(errors_); }

private:
    void add_error(std::string_view field, std::string detail) {
        errors_.push_back({std::string(field), std::move(detail)});
    }

    [[nodiscard]] const json::value* present(std::string_view field) {
        const auto* v = find_field(sent_, field);
        if (v && !v->is_null()) return v;
        add_error(field, "is missing");
        return nullptr;
    }

    [[nodiscard]] std::optional<std::string_view> text(std::string_view field) {
        const auto* v = present(field);
        if (!v) return std::nullopt;
        if (v->is_string()) return std::string_view(v->get_string().data(), v->get_string().size());
        add_error(field, "expected a string, found " + detail::json_kind(*v));
        return std::nullopt;
    }

    [[nodiscard]] std::optional<double> number(std::string_view field, const std::string& expected) {
        const auto* v = present(field);
        if (!v) return std::nullopt;
        const bool is_number = v->is_number();
        const auto number = is_number ? v->to_number<double>() : 0;
        if (is_number && std::isfinite(number)) return number;
        add_error(field, "expected " + expected + ", found " +
                             (is_number ? "a number out of range" : detail::json_kind(*v)));
        return std::nullopt;
    }

    [[nodiscard]] std::string checked(std::string_view field, std::string (*rule)(std::string_view)) {
        const auto sent = text(field);
        if (!sent) return {};
        if (auto wrong = rule(*sent); !wrong.empty()) add_error(field, std::move(wrong));
        return std::string(*sent);
    }

    const json::object& sent_;
    std::vector<field_error> errors_;
};

template <class T, class Read>
judged<T> validate_with(std::string_view text, Read read) {
    json_error error;
    const auto sent = parse_json(text, error);
    if (!sent) return {{}, error.text, {}};
    if (!sent->is_object()) return {{}, "expected an object, found " + detail::json_kind(*sent), {}};
    object_validator v(sent->get_object());
    judged<T> validated;
    validated.value = read(v);
    validated.errors = std::move(v).errors();
    return validated;
}

}  // namespace

std::string wire_text(const grade_limits& limits) {
    std::string text = R"({"HighestScore":)" + shown(limits.highest_score) + R"(,"Types":[)";
    for (const auto type : grade_types) {
        if (text.back() != '[') text += ',';
        append_json_string(text, type);
    }
    return text + R"(],"LongestTitle":)" + std::to_string(max_title) + R"(,"LongestName":)" +
           std::to_string(max_name) + R"(,"HighestWeight":)" + shown(highest_weight) + '}';
}

std::string title_error(std::string_view title) { return text_error(title, max_title); }
std::string name_error(std::string_view name) { return text_error(name, max_name); }
std::string type_error() { return "must be Quiz, Test, Exam or Homework"; }

std::string score_error(double score, const grade_limits& limits) {
    // Written so that NaN is rejected, too.
    if (score >= 0 && score <= limits.highest_score) return {};
    return "must be from 0 to " + shown(limits.highest_score) + ", is " + shown(score);
}

std::optional<std::string_view> known_type(std::string_view any_case) {
    const auto at = std::find_if(grade_types.begin(), grade_types.end(),
                                 [&](auto t) { return ascii::equal_ignoring_case(t, any_case); });
    return at == grade_types.end() ? std::nullopt : std::optional(*at);
}

judged<grade> validate_grade(std::string_view text, const grade_limits& limits) {
    return validate_with<grade>(text, [&](object_validator& v) { return v.read_grade(limits); });
}

judged<full_name> validate_name(std::string_view text) {
    return validate_with<full_name>(text, [](object_validator& v) { return v.read_name(); });
}

judged<type_weights> validate_weights(std::string_view text, const type_weights& current) {
    return validate_with<type_weights>(text, [&](object_validator& v) { return v.read_weights(current); });
}

}  // namespace distd::grading
