#include "wire/plain_registration.hpp"

#include <algorithm>
#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>
#include <boost/json/string.hpp>
#include <distd/json.hpp>
#include <utility>

namespace distd::wire {
namespace {

constexpr std::array<std::string_view, 5> members{"ServiceName", "ServiceURL", "RequiredServices",
                                                  "ServiceUpdateURL", "HeartbeatURL"};
constexpr std::size_t list_member = 2;

// members.size(): none. Nearly everybody spells them as the protocol does.
std::size_t member_of(std::string_view name) {
    auto found = std::ranges::find(members, name);
    if (found == members.end())
        found = std::ranges::find_if(members, [&](auto member) { return same_field_name(name, member); });
    return static_cast<std::size_t>(found - members.begin());
}

// Called with each piece of the text in turn; one that it does not take ends the reading.
struct plain_handler {
    static constexpr std::size_t max_object_size = members.size();
    static constexpr std::size_t max_array_size = json::string::max_size();
    static constexpr std::size_t max_key_size = 32;
    static constexpr std::size_t max_string_size = json::string::max_size();

    using error = boost::system::error_code;
    using piece = json::string_view;

    static bool take_if(bool is_plain, error& ec) {
        if (!is_plain) ec = json::error::syntax;
        return is_plain;
    }
    std::string* place() {
        if (member == list_member) return depth == 2 ? &item : nullptr;
        const std::array<std::string*, members.size()> places{&out->name, &out->url, nullptr,
                                                              &out->update_url, &out->heartbeat_url};
        return depth == 1 ? places.at(member) : nullptr;
    }

    static bool on_document_begin(error&) { return true; }
    static bool on_document_end(error&) { return true; }
    bool on_object_begin(error& ec) { return take_if(++depth == 1, ec); }
    bool on_object_end(std::size_t, error&) {
        --depth;
        return true;
    }
    bool on_array_begin(error& ec) { return take_if(depth++ == 1 && member == list_member, ec); }
    bool on_array_end(std::size_t, error&) {
        --depth;
        return true;
    }
    bool on_key_part(piece p, std::size_t, error&) {
        key.append(p.data(), p.size());
        return true;
    }
    bool on_key(piece p, std::size_t size, error& ec) {
        if (key.empty()) {
            member = member_of({p.data(), p.size()});
        } else {
            on_key_part(p, size, ec);
            member = member_of(std::exchange(key, {}));
        }
        return take_if(member < members.size() && !std::exchange(seen.at(member), true), ec);
    }
    bool on_string_part(piece p, std::size_t, error& ec) {
        auto* const text = place();
        if (text) text->append(p.data(), p.size());
        return take_if(text != nullptr, ec);
    }
    bool on_string(piece p, std::size_t size, error& ec) {
        if (!on_string_part(p, size, ec)) return false;
        if (member == list_member) out->required_services.push_back(std::exchange(item, {}));
        return true;
    }
    bool on_null(error& ec) { return take_if(depth == 1, ec); }  // as if it was not there

    static bool on_number_part(piece, error& ec) { return take_if(false, ec); }
    static bool on_int64(std::int64_t, piece, error& ec) { return take_if(false, ec); }
    static bool on_uint64(std::uint64_t, piece, error& ec) { return take_if(false, ec); }
    static bool on_double(double, piece, error& ec) { return take_if(false, ec); }
    static bool on_bool(bool, error& ec) { return take_if(false, ec); }
    static bool on_comment_part(piece, error& ec) { return take_if(false, ec); }
    static bool on_comment(piece, error& ec) { return take_if(false, ec); }

    registration* out = nullptr;
    std::string key;
    std::string item;
    std::array<bool, members.size()> seen{};
    std::size_t member = members.size();
    int depth = 0;
};

}  // namespace

bool read_plain_registration(std::string_view text, registration& out) {
    json::basic_parser<plain_handler> parser{json::parse_options()};
    parser.handler().out = &out;
    boost::system::error_code ec;
    const auto taken = parser.write_some(false, text.data(), text.size(), ec);
    return !ec && parser.done() && taken == text.size();
}

}  // namespace distd::wire
