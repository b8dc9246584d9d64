#include "role/grading/core/history.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <distd/json.hpp>

namespace distd::grading {
namespace {

std::string utc(std::int64_t at_ms) {
    using namespace std::chrono;
    const sys_time<std::chrono::milliseconds> at{std::chrono::milliseconds(at_ms)};
    const auto day = floor<days>(at);
    const year_month_day date{day};
    const hh_mm_ss time{at - day};
    std::array<char, 64> text{};
    const auto size = std::snprintf(
        text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
        static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
    return {text.data(), static_cast<std::size_t>(size)};
}

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
    append_text(out, R"(,"At":)", utc(e.at_ms));
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
