// Where instances listen that have confirmed who owns them, by address and port: whoever registers another
// URL that leads there, in whatever spelling, has to be that owner, too. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "role/registry/core/url_map.hpp"

namespace distd::registry {

class owned_places {
public:
    // The instance at `url` listens at `place` (http::local_addresses::place_of); empty: nobody owns it.
    void put(const std::string& url, std::string place);

    [[nodiscard]] bool empty() const noexcept { return places_.empty(); }
    // All at that place, with the URLs as values.
    using by_place = std::multimap<std::string, std::string, std::less<>>;
    [[nodiscard]] auto at(std::string_view place) const { return urls_.equal_range(place); }

private:
    url_map<std::string> places_;  // by URL
    by_place urls_;
};

}  // namespace distd::registry
