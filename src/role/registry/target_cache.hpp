// Call targets by URL, so that repeated calls to a URL neither parse it again nor look for its place in the
// connection pool. An entry that no call has asked for in a while is dropped, and made anew when it is
// needed.
#pragma once

#include <chrono>
#include <distd/time.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "role/registry/core/url_map.hpp"

namespace distd::http {
struct call_target;
}

namespace distd::registry {

class target_cache {
public:
    using target = std::shared_ptr<const http::call_target>;
    // Null for a URL that cannot be called. `pin`: see http::tls_client::connect.
    using factory = std::function<target(std::string_view url, const std::string& pin)>;

    static constexpr std::chrono::minutes kept_unused{10};  // longer than most instances' heartbeat intervals

    explicit target_cache(factory make) : make_(std::move(make)) {}

    [[nodiscard]] target get(const std::string& url, const std::string& pin, steady_point now);
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

private:
    struct entry {
        target to;
        steady_point used_at;
    };

    void drop_unused(steady_point now);

    factory make_;
    url_map<entry> entries_;
    std::size_t next_bucket_ = 0;  // to be swept
};

}  // namespace distd::registry
