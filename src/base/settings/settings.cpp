#include <algorithm>
#include <distd/settings.hpp>
#include <initializer_list>

#include "base/assert.hpp"

namespace distd {
namespace {

// Says which setting it was: the line of the assertion alone would not.
[[noreturn]] void wrong_use(std::string_view name, const char* what) {
    const std::string sentence = "the setting '" + std::string(name) + "' is " + what;
    assertion_failed(sentence.c_str(), __FILE__, __LINE__);
}

void check_kind(const setting& row, std::initializer_list<setting_kind> allowed) {
    if (std::find(allowed.begin(), allowed.end(), row.kind) == allowed.end())
        wrong_use(row.name, "of another kind");
}

}  // namespace

const settings::value& settings::find(std::string_view name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) wrong_use(name, "not declared");
    return found->second;
}

const std::string& settings::text(std::string_view name) const {
    const value& v = find(name);
    check_kind(v.row, {setting_kind::text, setting_kind::choice, setting_kind::address, setting_kind::path});
    return v.text;
}

bool settings::on(std::string_view name) const {
    const value& v = find(name);
    check_kind(v.row, {setting_kind::on_off});
    return v.number != 0;
}

std::int64_t settings::integer(std::string_view name) const {
    const value& v = find(name);
    check_kind(v.row, {setting_kind::integer});
    return v.number;
}

milliseconds settings::duration(std::string_view name) const {
    const value& v = find(name);
    check_kind(v.row, {setting_kind::duration});
    return milliseconds(v.number);
}

std::uint64_t settings::size(std::string_view name) const {
    const value& v = find(name);
    check_kind(v.row, {setting_kind::size});
    return static_cast<std::uint64_t>(v.number);
}

const std::vector<std::string>& settings::list(std::string_view name) const {
    const value& v = find(name);
    check_kind(v.row, {setting_kind::choices, setting_kind::urls, setting_kind::texts});
    return v.list;
}

bool settings::declared(std::string_view name) const noexcept { return values_.find(name) != values_.end(); }

bool settings::is_default(std::string_view name) const { return find(name).origin == "default"; }

std::string settings::origin(std::string_view name) const { return find(name).origin; }

}  // namespace distd
