#include "role/grading/core/replay.hpp"

#include <algorithm>
#include <distd/json.hpp>

#include "role/grading/core/grade_rules.hpp"

namespace distd::grading {
namespace {

template <class T>
std::optional<T> read(const std::string& text) {
    json_error ignored;
    return from_json<T>(std::string_view(text), ignored);
}

void put(std::vector<grade>& grades, grade g) {
    const auto at = std::lower_bound(grades.begin(), grades.end(), g.id,
                                     [](const grade& has, std::int64_t id) { return has.id < id; });
    if (at != grades.end() && at->id == g.id)
        *at = std::move(g);
    else
        grades.insert(at, std::move(g));
}

// False if the student did not exist before.
bool take_back(shown_student& s, const history_entry& e) {
    if (e.action == "weights_changed") {
        s.weights = validate_weights(e.before, s.weights).value.value_or(s.weights);
    } else if (e.action == "student_changed") {
        const auto names = validate_name(e.before).value;
        if (!names) return false;
        s.of.first_name = names->first_name;
        s.of.last_name = names->last_name;
    } else if (e.action == "grade_added") {
        std::erase_if(s.of.grades, [&](const grade& g) { return g.id == e.grade_id; });
    } else if (e.action == "grade_changed" || e.action == "grade_removed") {
        auto before = read<grade>(e.before);
        if (!before) return false;
        put(s.of.grades, *std::move(before));
    } else {
        return false;
    }
    --s.of.version;
    return true;
}

}  // namespace

std::optional<change> change_of(const history_entry& e, const grade_book_state& book) {
    if (e.action == "weights_changed") {
        const auto weights = validate_weights(e.after, {}).value;
        return weights ? std::optional<change>(weights_set{*weights}) : std::nullopt;
    }
    if (!e.student_id) return std::nullopt;
    const auto id = *e.student_id;
    if (e.action == "student_added") {
        const auto names = validate_name(e.after).value;
        if (!names || book.has(id)) return std::nullopt;
        return student_saved{{id, names->first_name, names->last_name, {}, 1}};
    }
    if (e.action == "student_restored") {
        auto whole = read<student>(e.after);
        if (!whole || book.has(id)) return std::nullopt;
        return student_saved{*std::move(whole)};
    }
    const auto* known = book.look_up(id);
    if (!known) return std::nullopt;
    if (e.action == "student_removed") return student_gone{id};
    const auto version = known->version + 1;
    if (e.action == "student_changed") {
        const auto names = validate_name(e.after).value;
        if (!names) return std::nullopt;
        return student_named{id, version, names->first_name, names->last_name};
    }
    if (!e.grade_id) return std::nullopt;
    if (e.action == "grade_removed") {
        const bool has = std::any_of(known->grades.begin(), known->grades.end(),
                                     [&](const grade& g) { return g.id == *e.grade_id; });
        return has ? std::optional<change>(grade_gone{id, version, *e.grade_id}) : std::nullopt;
    }
    auto value = read<grade>(e.after);
    if (!value || (e.action != "grade_added" && e.action != "grade_changed")) return std::nullopt;
    return grade_saved{id, version, *std::move(value)};
}

std::optional<shown_student> as_of_version(std::int64_t wanted, shown_student now,
                                           const std::vector<history_entry>& newest_first) {
    for (const auto& e : newest_first) {
        if (now.of.version <= wanted) break;
        if (!take_back(now, e)) return std::nullopt;
    }
    return now.of.version == wanted ? std::optional(std::move(now)) : std::nullopt;
}

}  // namespace distd::grading
