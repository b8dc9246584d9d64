#include "role/grading/core/student.hpp"

#include <array>
#include <charconv>
#include <distd/json.hpp>

namespace distd::grading {
namespace {

// The shortest text that reads back as the same number: 85, 87.5.
void append_score(std::string& out, double score) {
    std::array<char, 32> digits{};
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), score).ptr);
}

}  // namespace

void append_wire(std::string& out, const grade& g) {
    out += R"({"Title":)";
    append_json_string(out, g.title);
    out += R"(,"Type":)";
    append_json_string(out, g.type);
    out += R"(,"Score":)";
    append_score(out, g.score);
    out += '}';
}

void append_wire(std::string& out, const student& s) {
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
    out += "]}";
}

}  // namespace distd::grading
