#include "role/grading/core/student.hpp"

#include <algorithm>
#include <distd/json.hpp>

#include "base/append_number.hpp"

namespace distd::grading {
namespace {

void append_names_and_grades(std::string& out, const student& s) {
    out += R"({"ID":)";
    out += std::to_string(s.id);
    out += R"(,"FirstName":)";
    append_json_string(out, s.first_name);
    out += R"(,"LastName":)";
    append_json_string(out, s.last_name);
    out += R"(,"Grades":[)";
    for (std::size_t i = 0; i < s.grades.size(); ++i) {
        if (i > 0) out += ',';
        append_wire(out, s.grades[i]);
    }
    out += ']';
}

void append_version(std::string& out, const student& s) {
    out += R"(,"Version":)";
    out += std::to_string(s.version);
    out += '}';
}

}  // namespace

double type_weights::weight(std::string_view type) const noexcept {
    const auto at = std::find(grade_types.begin(), grade_types.end(), type);
    return at == grade_types.end() ? 0 : of[static_cast<std::size_t>(at - grade_types.begin())];
}

void running_average::add(const grade& g, const type_weights& weights) noexcept {
    const auto weight = weights.weight(g.type);
    sum_ += g.score * weight;
    weight_ += weight;
}

std::optional<double> running_average::value() const noexcept {
    return weight_ > 0 ? std::optional(sum_ / weight_) : std::nullopt;
}

running_average average(const std::vector<grade>& grades, const type_weights& weights) {
    running_average mean;
    for (const auto& g : grades) mean.add(g, weights);
    return mean;
}

std::optional<double> average_of_type(const std::vector<grade>& grades, std::string_view type) {
    double sum = 0;
    double count = 0;
    for (const auto& g : grades) {
        if (g.type != type) continue;
        sum += g.score;
        ++count;
    }
    if (count > 0) return sum / count;
    return std::nullopt;
}

void append_number(std::string& out, std::optional<double> number) {
    if (!number) {
        out += "null";
        return;
    }
    distd::append_number(out, *number);
}

void append_wire(std::string& out, const grade& g) {
    out += R"({"Title":)";
    append_json_string(out, g.title);
    out += R"(,"Type":)";
    append_json_string(out, g.type);
    out += R"(,"Score":)";
    append_number(out, g.score);
    out += R"(,"ID":)";
    out += std::to_string(g.id);
    out += '}';
}

void append_wire(std::string& out, const student& s, const type_weights& weights) {
    append_names_and_grades(out, s);
    out += R"(,"Average":)";
    append_number(out, average(s.grades, weights).value());
    out += R"(,"Averages":{)";
    bool first = true;
    for (const auto type : grade_types) {
        const auto mean = average_of_type(s.grades, type);
        if (!mean) continue;
        out += first ? "\"" : ",\"";
        out += type;
        out += "\":";
        append_number(out, mean);
        first = false;
    }
    out += '}';
    append_version(out, s);
}

std::string record_text(const student& s) {
    std::string text;
    append_names_and_grades(text, s);
    append_version(text, s);
    return text;
}

std::string wire_text(const grade& g) {
    std::string text;
    append_wire(text, g);
    return text;
}

std::string wire_text(const type_weights& weights) {
    std::string text = "{";
    for (std::size_t i = 0; i < grade_types.size(); ++i) {
        text += i == 0 ? "\"" : ",\"";
        text += grade_types[i];
        text += "\":";
        append_number(text, weights.of[i]);
    }
    return text + "}";
}

}  // namespace distd::grading
