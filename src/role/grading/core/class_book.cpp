#include "role/grading/core/class_book.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "role/grading/core/fingerprint.hpp"

namespace distd::grading {
namespace {

auto place_of(std::vector<grade>& grades, std::int64_t id) {
    return std::lower_bound(grades.begin(), grades.end(), id,
                            [](const grade& g, std::int64_t wanted) { return g.id < wanted; });
}

}  // namespace

class_book::class_book(std::vector<student> students, type_weights weights) : weights_(weights) {
    for (auto& s : students) {
        const auto id = s.id;
        students_.emplace(id, page{std::move(s), {}});
    }
}

const document& class_book::all() {
    if (!all_.text) {
        std::string text = "[";
        for (const auto& [id, p] : students_) {
            if (text.size() > 1) text += ',';
            append_wire(text, p.shown, weights_);
        }
        text += ']';
        auto tag = fingerprint().add(text).text();
        all_ = {std::make_shared<const std::string>(std::move(text)), std::move(tag)};
    }
    return all_;
}

const document* class_book::find(std::int64_t id) {
    const auto it = students_.find(id);
    if (it == students_.end()) return nullptr;
    auto& p = it->second;
    if (!p.body.text) {
        std::string text;
        append_wire(text, p.shown, weights_);
        p.body = {std::make_shared<const std::string>(std::move(text)), std::to_string(p.shown.version)};
    }
    return &p.body;
}

const student* class_book::look_up(std::int64_t id) const {
    const auto it = students_.find(id);
    return it == students_.end() ? nullptr : &it->second.shown;
}

void class_book::apply(const change& c) {
    all_ = {};
    std::visit([this](const auto& known) { follow(known); }, c);
}

class_book::page& class_book::touched(std::int64_t id, std::int64_t version) {
    const auto it = students_.find(id);
    DISTD_ASSERT(it != students_.end());
    it->second.shown.version = version;
    it->second.body = {};
    return it->second;
}

void class_book::follow(const student_saved& c) { students_[c.shown.id] = {c.shown, {}}; }

void class_book::follow(const student_named& c) {
    auto& s = touched(c.id, c.version).shown;
    s.first_name = c.first_name;
    s.last_name = c.last_name;
}

void class_book::follow(const student_gone& c) { students_.erase(c.id); }

void class_book::follow(const grade_saved& c) {
    auto& grades = touched(c.student_id, c.version).shown.grades;
    const auto at = place_of(grades, c.value.id);
    if (at != grades.end() && at->id == c.value.id)
        *at = c.value;
    else
        grades.insert(at, c.value);
}

void class_book::follow(const grade_gone& c) {
    auto& grades = touched(c.student_id, c.version).shown.grades;
    const auto at = place_of(grades, c.grade_id);
    DISTD_ASSERT(at != grades.end() && at->id == c.grade_id);
    grades.erase(at);
}

void class_book::follow(const weights_set& c) {
    weights_ = c.weights;
    for (auto& [id, p] : students_) {
        ++p.shown.version;
        p.body = {};
    }
}

}  // namespace distd::grading
