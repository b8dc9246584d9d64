#include "wire/patch.hpp"

#include "wire/rules.hpp"

namespace distd {
namespace {

struct entry_on_the_wire {
    std::string Name;
    std::string URL;
};
BOOST_DESCRIBE_STRUCT(entry_on_the_wire, (), (Name, URL))

struct patch_on_the_wire {
    std::vector<entry_on_the_wire> Added;
    std::vector<entry_on_the_wire> Removed;
};
BOOST_DESCRIBE_STRUCT(patch_on_the_wire, (), (Added, Removed))

// The registry vouches for the form of its URLs; one that nobody can call must not cost the others in the
// patch.
std::optional<std::vector<patch_entry>> take(std::vector<entry_on_the_wire>& from, const std::string& list,
                                             json_error& error) {
    std::vector<patch_entry> out;
    out.reserve(from.size());
    for (auto& e : from) {
        const auto place = list + "[" + std::to_string(out.size()) + "]";
        error.text = wire::problem_with_name(e.Name, place + ".Name");
        if (error.text.empty() && e.URL.empty()) error.text = place + ".URL: it is empty; a URL is required";
        if (error.text.empty()) error.text = wire::problem_with_text(e.URL, wire::max_url, place + ".URL");
        if (!error.text.empty()) return std::nullopt;
        out.push_back({std::move(e.Name), std::move(e.URL)});
    }
    return out;
}

void append_list(std::string& out, const std::vector<patch_entry>& entries) {
    out += '[';
    for (std::size_t i = 0; i < entries.size(); ++i) {
        out += i > 0 ? R"(,{"Name":)" : R"({"Name":)";
        append_json_string(out, entries[i].name);
        out += R"(,"URL":)";
        append_json_string(out, entries[i].url);
        out += '}';
    }
    out += ']';
}

}  // namespace

std::optional<patch> parse_patch(std::string_view text, json_error& error) {
    auto lists = from_json<patch_on_the_wire>(text, error);
    if (!lists) return std::nullopt;
    auto added = take(lists->Added, "Added", error);
    if (!added) return std::nullopt;
    auto removed = take(lists->Removed, "Removed", error);
    if (!removed) return std::nullopt;
    return patch{std::move(*added), std::move(*removed)};
}

std::string to_wire(const patch& p) {
    std::string out;
    out.reserve(32 + 96 * (p.added.size() + p.removed.size()));
    out += R"({"Added":)";
    append_list(out, p.added);
    out += R"(,"Removed":)";
    append_list(out, p.removed);
    out += '}';
    return out;
}

}  // namespace distd
