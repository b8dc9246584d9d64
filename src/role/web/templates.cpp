#include "role/web/templates.hpp"

#include <functional>
#include <kainjow/mustache.hpp>
#include <map>
#include <stdexcept>
#include <utility>

#include "base/assert.hpp"

namespace distd::web {
namespace {

namespace mustache = kainjow::mustache;

// Goes into a page as it is.
bool is_drawing(std::string_view value_name) { return value_name.ends_with("_svg"); }

mustache::data to_data(const boost::json::value& value);

mustache::data to_data(const boost::json::object& object) {
    mustache::data out(mustache::data::type::object);
    for (const auto& member : object) {
        const auto* const text = member.value().if_string();
        // A value by that name goes in unescaped: that it is no drawing is a bug.
        DISTD_ASSERT(!text || !is_drawing(member.key()) || text->starts_with("<svg "));
        out.set(std::string(member.key()), to_data(member.value()));
    }
    return out;
}

mustache::data to_data(const boost::json::array& array) {
    mustache::data out(mustache::data::type::list);
    for (const auto& item : array) out.push_back(to_data(item));
    return out;
}

mustache::data to_data(const boost::json::value& value) {
    switch (value.kind()) {
        case boost::json::kind::object: return to_data(value.get_object());
        case boost::json::kind::array: return to_data(value.get_array());
        case boost::json::kind::bool_: return mustache::data(value.get_bool());
        case boost::json::kind::null: return mustache::data(false);
        case boost::json::kind::string: return mustache::data(std::string(value.get_string()));
        default: return mustache::data(std::to_string(value.to_number<std::int64_t>()));
    }
}

[[noreturn]] void refuse(std::string_view name, const std::string& why) {
    throw std::runtime_error("the template " + std::string(name) + " cannot be used: " + why);
}

void refuse_unescaped(std::string_view name, std::string_view text) {
    for (const auto* tag : {"{{&", "{{="})
        if (text.find(tag) != text.npos) refuse(name, std::string("it holds ") + tag);
    constexpr std::string_view opening = "{{{";
    for (auto at = text.find(opening); at != text.npos; at = text.find(opening, at + 1)) {
        const auto value = text.substr(at + opening.size(), text.find('}', at) - at - opening.size());
        if (!is_drawing(value)) refuse(name, "it holds {{{" + std::string(value));
    }
}

// The text of a template with those that it includes put in place. `page` is what `{{> page}}` stands for.
std::string assemble(const web_files& files, std::string_view name, std::string_view page, int depth) {
    if (depth > 8) refuse(name, "it includes itself");
    const auto file = files.find("templates/" + std::string(name) + ".html");
    if (!file) refuse(name, "there is no such file");
    refuse_unescaped(name, file->bytes);
    constexpr std::string_view opening = "{{> ", closing = "}}";
    std::string text;
    std::string_view rest = file->bytes;
    for (auto at = rest.find(opening); at != std::string_view::npos; at = rest.find(opening)) {
        text += rest.substr(0, at);
        rest.remove_prefix(at + opening.size());
        const auto end = rest.find(closing);
        if (end == std::string_view::npos) refuse(name, "{{> without }}");
        const auto included = rest.substr(0, end);
        text += assemble(files, included == "page" ? page : included, page, depth + 1);
        rest.remove_prefix(end + closing.size());
    }
    return text.append(rest);
}

}  // namespace

struct templates::impl {
    web_files files;
    using parsed_templates = std::map<std::string, mustache::mustache, std::less<>>;
    parsed_templates pages{};
    parsed_templates parts{};

    // `first`: the template to begin with, which may put `{{> page}}` in.
    [[nodiscard]] mustache::mustache parse(std::string_view first, std::string_view name) const {
        mustache::mustache page(assemble(files, first, name, 0));
        if (!page.is_valid()) refuse(name, page.error_message());
        return page;
    }
    [[nodiscard]] std::string render(parsed_templates& known, std::string_view first, std::string_view name,
                                     const boost::json::object& values) {
        const auto data = to_data(values);
        if (const auto found = known.find(name); found != known.end()) return found->second.render(data);
        return parse(first, name).render(data);
    }
};

templates::templates(web_files files, std::span<const std::string_view> pages,
                     std::span<const std::string_view> parts)
    : impl_(std::make_unique<impl>(impl{std::move(files)})) {
    if (impl_->files.on_disk()) return;
    for (const auto name : pages) impl_->pages.emplace(name, impl_->parse("layout", name));
    for (const auto name : parts) impl_->parts.emplace(name, impl_->parse(name, name));
}

templates::~templates() = default;

std::string templates::render(std::string_view name, const boost::json::object& values) const {
    return impl_->render(impl_->pages, "layout", name, values);
}

std::string templates::render_part(std::string_view name, const boost::json::object& values) const {
    return impl_->render(impl_->parts, name, name, values);
}

}  // namespace distd::web
