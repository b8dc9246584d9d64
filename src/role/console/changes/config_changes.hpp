// The page Config, and what is done from it: a value is reviewed, saved, deleted and restored. A change holds
// only for the value that its page showed: where somebody else was quicker, both are shown instead.
#pragma once

#include <cstdint>
#include <distd/service.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ops/sources/sources.hpp"
#include "role/console/frame/site.hpp"
#include "role/console/pages/config_page.hpp"

namespace distd::ops::console {

class config_changes {
public:
    config_changes(site&, sources&);

private:
    [[nodiscard]] task<http::response> open(http::request);
    [[nodiscard]] task<http::response> change(http::request);
    // A page that is followed: what is asked of it, and what is known. The registry is asked again when an
    // event tells of a change.
    struct followed {
        config_view view;  // its key, filter and so on are what is asked
        std::int64_t left = 0, right = 0;
        std::optional<std::uint64_t> newest{};  // change that the view has
        bool is_current = false;
    };
    [[nodiscard]] task<live_page> follow(std::shared_ptr<followed>);
    [[nodiscard]] task<> renew(std::shared_ptr<followed>);
    // All that the page shows of a key; "": of the tree alone.
    [[nodiscard]] task<config_view> view_of(std::string key);
    // What the gateways say of their keys.
    [[nodiscard]] task<std::vector<std::string>> gateway_errors(std::string key);
    [[nodiscard]] task<config_comparison> compare(std::string key, std::int64_t left, std::int64_t right);
    [[nodiscard]] task<http::response> restore(http::request, std::string key);
    // Why that value cannot be saved; empty: it can.
    [[nodiscard]] task<std::string> judge(std::string key, std::string media_type, std::string bytes);
    [[nodiscard]] task<std::optional<config_value>> version_of(std::string key, std::int64_t version);
    // Sends it; leads back to the page, or shows there why it was not done.
    [[nodiscard]] task<http::response> send(http::request, std::string key, http::call,
                                            std::optional<config_draft>);
    [[nodiscard]] http::response render(const http::request&, config_view);

    site& site_;
    sources& sources_;
};

}  // namespace distd::ops::console
