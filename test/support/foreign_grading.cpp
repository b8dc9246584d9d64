#include "support/foreign_grading.hpp"

#include <boost/json/serialize.hpp>

#include "support/foreign_json.hpp"

namespace distd::test {

foreign_grading::foreign_grading(bool with_scheme)
    : service_({.name = "GradingService",
                .required = {"LogService"},
                .with_scheme = with_scheme,
                .business = [this](const foreign_request& q) { return answer(q); }}) {}

std::string foreign_grading::student(int id) const {
    if (id == 1)
        return R"({"id":1,"firstname":"Ada","LASTNAME":"Lovelace","house":7,"grades":)" +
               (grades_of_first_.empty() ? "null" : "[" + grades_of_first_ + "]") + "}";
    return R"({"iD":2,"firstName":"Alan","lastName":"Turing","GRADES":[)"
           R"({"title":"Quiz 1","TYPE":"Quiz","score":90},)"
           R"({"Title":"Exam","type":"Exam","SCORE":75.5}]})";
}

foreign_answer foreign_grading::answer(const foreign_request& q) {
    const std::lock_guard lock(mutex_);
    if (q.target == "/students/1/grades" && q.method == "POST") {
        const auto grade = foreign_parse(q.body);
        if (!grade.is_object()) return {400};
        taken_.push_back(q.body);
        grades_of_first_ += (grades_of_first_.empty() ? "" : ",") + boost::json::serialize(grade);
        return {201, q.body, "application/json"};
    }
    if (q.method != "GET") return {405};
    if (q.target == "/students")
        return {200, "[" + student(1) + "," + student(2) + "]", "application/json", true};
    if (q.target == "/students/1") return {200, student(1), "application/json", true};
    if (q.target == "/students/2") return {200, student(2), "application/json", true};
    return {404};
}

std::vector<std::string> foreign_grading::taken() const {
    const std::lock_guard lock(mutex_);
    return taken_;
}

}  // namespace distd::test
