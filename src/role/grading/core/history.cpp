#include "role/grading/core/history.hpp"

#include <distd/json.hpp>

#include "base/timestamp.hpp"

namespace distd::grading {
namespace {

void append_id(std::string& out, const char* name, const std::optional<std::int64_t>& id) {
    out += name;
    out += id ? std::to_string(*id) : "null";
}

void append_text(std::string& out, const char* name, const std::string& text) {
    out += name;
    append_json_string(out, text);
}

}  // namespace

void append_wire(std::string& out, const history_entry& e) {
    out += R"({"ID":)" + std::to_string(e.id);
    append_text(out, R"(,"At":)", rfc3339(wall_point(milliseconds(e.at_ms)), time_digits::milliseconds));
    append_text(out, R"(,"RequestID":)", e.request_id);
    append_text(out, R"(,"Action":)", e.action);
    append_id(out, R"(,"StudentID":)", e.student_id);
    append_id(out, R"(,"GradeID":)", e.grade_id);
    out += R"(,"Before":)" + (e.before.empty() ? "null" : e.before);
    out += R"(,"After":)" + (e.after.empty() ? "null" : e.after);
    append_id(out, R"(,"Undoes":)", e.undoes);
    out += '}';
}

}  // namespace distd::grading
