#include "support/foreign_json.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cctype>

namespace distd::test {
namespace {

bool same_name(std::string_view a, std::string_view b) {
    return std::ranges::equal(
        a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

const boost::json::value& foreign_member(const boost::json::value& of, std::string_view name) {
    static const boost::json::value nothing;
    if (const auto* object = of.if_object())
        for (const auto& member : *object)
            if (same_name(std::string_view(member.key().data(), member.key().size()), name))
                return member.value();
    return nothing;
}

std::string foreign_text(const boost::json::value& of, std::string_view name) {
    const auto* text = foreign_member(of, name).if_string();
    return text ? std::string(text->data(), text->size()) : std::string();
}

std::vector<boost::json::value> foreign_list(const boost::json::value& of, std::string_view name) {
    const auto* list = foreign_member(of, name).if_array();
    return list ? std::vector<boost::json::value>(list->begin(), list->end())
                : std::vector<boost::json::value>();
}

boost::json::value foreign_parse(const std::string& text) {
    boost::json::error_code ec;
    auto value = boost::json::parse(text, ec);
    return ec ? boost::json::value() : value;
}

std::string foreign_quoted(const std::string& text) {
    return boost::json::serialize(boost::json::value(text));
}

}  // namespace distd::test
