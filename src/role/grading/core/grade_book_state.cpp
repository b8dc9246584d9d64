#include "role/grading/core/grade_book_state.hpp"

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

grade_book_state::grade_book_state(std::vector<student> students, type_weights weights) : weights_(weights) {
    for (auto& s : students) {
        for (const auto& g : s.grades) tests_.add(g);
        const auto id = s.id;
        list(students_.emplace(id, page{std::move(s)}).first->second);
    }
}

const document& grade_book_state::all() {
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

const document* grade_book_state::find(std::int64_t id) {
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

grade_book_state::selection grade_book_state::select(const roster_query& q) {
    const auto found = roster_.select(q);
    selection s{"[", {}, found.total};
    fingerprint versions;
    for (const auto id : found.ids) {
        if (s.text.size() > 1) s.text += ',';
        const auto* d = find(id);
        s.text += *d->text;
        versions.add(std::to_string(id)).add(":").add(d->etag).add(",");
    }
    s.text += ']';
    s.etag = versions.add(std::to_string(s.total)).text();
    return s;
}

void grade_book_state::list(page& p) {
    const auto& s = p.shown;
    p.mean = average(s.grades, weights_);
    roster_.put(s.id, s.first_name, s.last_name, p.mean.value());
}

void grade_book_state::recount(page& p) {
    p.mean = average(p.shown.grades, weights_);
    roster_.put_average(p.shown.id, p.mean.value());
}

const student* grade_book_state::look_up(std::int64_t id) const {
    const auto it = students_.find(id);
    return it == students_.end() ? nullptr : &it->second.shown;
}

const student* grade_book_state::next_after(std::int64_t id) const {
    const auto it = students_.upper_bound(id);
    return it == students_.end() ? nullptr : &it->second.shown;
}

void grade_book_state::apply(const change& c) {
    all_ = {};
    std::visit([this](const auto& known) { follow(known); }, c);
}

grade_book_state::page& grade_book_state::touched(std::int64_t id, std::int64_t version) {
    const auto it = students_.find(id);
    DISTD_ASSERT(it != students_.end());
    it->second.shown.version = version;
    it->second.body = {};
    return it->second;
}

void grade_book_state::follow(const student_saved& c) {
    DISTD_ASSERT(!students_.contains(c.shown.id));
    for (const auto& g : c.shown.grades) tests_.add(g);
    list(students_.emplace(c.shown.id, page{c.shown}).first->second);
}

void grade_book_state::follow(const student_named& c) {
    auto& p = touched(c.id, c.version);
    p.shown.first_name = c.first_name;
    p.shown.last_name = c.last_name;
    list(p);
}

void grade_book_state::follow(const student_gone& c) {
    const auto it = students_.find(c.id);
    DISTD_ASSERT(it != students_.end());
    for (const auto& g : it->second.shown.grades) tests_.remove(g);
    roster_.remove(c.id);
    students_.erase(it);
}

void grade_book_state::follow(const grade_saved& c) {
    auto& p = touched(c.student_id, c.version);
    auto& grades = p.shown.grades;
    tests_.add(c.value);
    if (grades.empty() || grades.back().id < c.value.id) {
        grades.push_back(c.value);
        p.mean.add(c.value, weights_);
        roster_.put_average(p.shown.id, p.mean.value());
        return;
    }
    const auto at = place_of(grades, c.value.id);
    if (at->id == c.value.id) {
        tests_.remove(*at);
        *at = c.value;
    } else {
        grades.insert(at, c.value);
    }
    recount(p);
}

void grade_book_state::follow(const grade_gone& c) {
    auto& p = touched(c.student_id, c.version);
    auto& grades = p.shown.grades;
    const auto at = place_of(grades, c.grade_id);
    DISTD_ASSERT(at != grades.end() && at->id == c.grade_id);
    tests_.remove(*at);
    grades.erase(at);
    recount(p);
}

void grade_book_state::follow(const weights_set& c) {
    weights_ = c.weights;
    for (auto& [id, p] : students_) {
        ++p.shown.version;
        p.body = {};
        recount(p);
    }
}

}  // namespace distd::grading
