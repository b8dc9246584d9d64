// JSON parsing and serialisation. Structs described with BOOST_DESCRIBE_STRUCT are converted field by field.
// Names match regardless of letter case and underscores (`ServiceName`, `serviceName`, `service_name`),
// unknown fields are ignored, and a missing or null field keeps its default.
#pragma once

#include <boost/describe.hpp>
#include <boost/json/value.hpp>
#include <concepts>
#include <distd/result.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace distd {

namespace json = boost::json;

// A description of the mistake for the sender: "Score: expected a number, found a string".
struct json_error {
    std::string text;
};

// Nesting is limited to 32. On failure `error` says what is wrong and where.
[[nodiscard]] std::optional<json::value> parse_json(std::string_view text, json_error& error);

[[nodiscard]] bool same_field_name(std::string_view a, std::string_view b) noexcept;

// The member of `object` whose name matches in any spelling, or null. An exact match wins.
[[nodiscard]] const json::value* find_field(const json::object& object, std::string_view name) noexcept;

namespace detail {
std::string json_kind(const json::value&);
bool read_value(const json::value&, bool&, const std::string& where, json_error&);
bool read_value(const json::value&, std::int64_t&, const std::string& where, json_error&);
bool read_value(const json::value&, int&, const std::string& where, json_error&);
bool read_value(const json::value&, double&, const std::string& where, json_error&);
bool read_value(const json::value&, std::string&, const std::string& where, json_error&);
bool expect_object(const json::value&, const std::string& where, json_error&);
bool expect_array(const json::value&, const std::string& where, json_error&);
std::string joined(const std::string& where, std::string_view name);

template <class T>
concept described = boost::describe::has_describe_members<T>::value;

template <class T>
bool read_value(const json::value& v, std::vector<T>& out, const std::string& where, json_error& error);
template <class T>
bool read_value(const json::value& v, std::optional<T>& out, const std::string& where, json_error& error);
template <class T>
bool read_value(const json::value& v, std::map<std::string, T>& out, const std::string& where,
                json_error& error);

template <described T>
bool read_value(const json::value& v, T& out, const std::string& where, json_error& error) {
    if (!expect_object(v, where, error)) return false;
    bool ok = true;
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>([&](auto d) {
        if (!ok) return;
        const auto* field = find_field(v.get_object(), d.name);
        if (field && !field->is_null()) ok = read_value(*field, out.*d.pointer, joined(where, d.name), error);
    });
    return ok;
}

template <class T>
bool read_value(const json::value& v, std::vector<T>& out, const std::string& where, json_error& error) {
    if (!expect_array(v, where, error)) return false;
    std::vector<T> items;
    for (const auto& element : v.get_array()) {
        T item{};
        if (!read_value(element, item, where + "[" + std::to_string(items.size()) + "]", error)) return false;
        items.push_back(std::move(item));
    }
    out = std::move(items);
    return true;
}

template <class T>
bool read_value(const json::value& v, std::optional<T>& out, const std::string& where, json_error& error) {
    if (v.is_null()) {
        out.reset();
        return true;
    }
    T item{};
    if (!read_value(v, item, where, error)) return false;
    out = std::move(item);
    return true;
}

template <class T>
bool read_value(const json::value& v, std::map<std::string, T>& out, const std::string& where,
                json_error& error) {
    if (!expect_object(v, where, error)) return false;
    std::map<std::string, T> items;
    for (const auto& member : v.get_object()) {
        T item{};
        if (!read_value(member.value(), item, joined(where, member.key()), error)) return false;
        items[std::string(member.key())] = std::move(item);
    }
    out = std::move(items);
    return true;
}

inline json::value write_value(bool v) { return v; }
inline json::value write_value(int v) { return v; }
inline json::value write_value(std::int64_t v) { return v; }
inline json::value write_value(double v) { return v; }
inline json::value write_value(const std::string& v) { return json::value(json::string_view(v)); }
template <class T>
json::value write_value(const std::vector<T>& v);
template <class T>
json::value write_value(const std::optional<T>& v);
template <class T>
json::value write_value(const std::map<std::string, T>& v);

template <described T>
json::value write_value(const T& v) {
    json::object o;
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>(
        [&](auto d) { o[d.name] = write_value(v.*d.pointer); });
    return o;
}
template <class T>
json::value write_value(const std::vector<T>& v) {
    json::array a;
    for (const auto& item : v) a.push_back(write_value(item));
    return a;
}
template <class T>
json::value write_value(const std::optional<T>& v) {
    return v ? write_value(*v) : json::value(nullptr);
}
template <class T>
json::value write_value(const std::map<std::string, T>& v) {
    json::object o;
    for (const auto& [key, item] : v) o[key] = write_value(item);
    return o;
}
}  // namespace detail

// Converts a value to a described struct, vector, optional (null: empty) or plain type.
template <class T, std::same_as<json::value> Value>  // exactly json::value: strings would convert implicitly
[[nodiscard]] std::optional<T> from_json(const Value& v, json_error& error) {
    T out{};
    if (!detail::read_value(v, out, "", error)) return std::nullopt;
    return out;
}

template <class T>
[[nodiscard]] std::optional<T> from_json(std::string_view text, json_error& error) {
    auto v = parse_json(text, error);
    if (!v) return std::nullopt;
    return from_json<T>(*v, error);
}

template <class T>
[[nodiscard]] json::value to_json(const T& v) {
    return detail::write_value(v);
}

[[nodiscard]] std::string to_text(const json::value&);

// Appends `text` as a quoted JSON string. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

}  // namespace distd
