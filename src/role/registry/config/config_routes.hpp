// The configuration over HTTP: /config/KEY and, with a slash at the end, /config/DIRECTORY/.
#pragma once

#include <distd/service.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "role/registry/config/config_book.hpp"
#include "role/registry/watch/watch_query.hpp"

namespace distd::registry {

class config_routes {
public:
    static constexpr std::size_t max_value = 512 << 10;

    // Asked for each value that is to be stored, by a put or by restoring an old version: what is wrong with
    // it, or empty.
    using judge_function = std::function<std::string(const std::string& key, const std::string& value)>;

    // `on_change`: see config_book.
    config_routes(service&, watch_board&, config_limits, judge_function judge,
                  config_book::change_function on_change);

    [[nodiscard]] const config_tree& now() const noexcept { return book_.now(); }

private:
    using member = task<http::handler_result> (config_routes::*)(http::request, std::string key);
    enum class names { keys, keys_and_directories };

    // Judges the path and has the request answered.
    [[nodiscard]] http::handler bound(names, member);
    [[nodiscard]] task<http::handler_result> judged(names, member, http::request);

    [[nodiscard]] task<http::handler_result> read(http::request, std::string path);
    [[nodiscard]] task<http::response> read_history(std::string key);
    [[nodiscard]] task<http::response> read_version(std::string key, std::int64_t number);
    [[nodiscard]] task<http::handler_result> put(http::request, std::string key);
    [[nodiscard]] task<http::handler_result> remove(http::request, std::string key);
    [[nodiscard]] task<http::handler_result> restore(http::request, std::string key);
    [[nodiscard]] std::optional<http::response> refuse_wrong(const std::string& key,
                                                             const std::string& value) const;
    [[nodiscard]] task<http::response> change(http::request, config_change);

    [[nodiscard]] watched watched_key(const std::string& key);
    [[nodiscard]] watched watched_directory(const std::string& directory, bool with_values);
    [[nodiscard]] http::response raw(const std::string& key) const;
    [[nodiscard]] http::shared_text event_of(const std::string& key) const;
    [[nodiscard]] http::shared_text list(const std::string& directory, bool with_values);
    [[nodiscard]] http::response answer(const config_change&, const config_outcome&) const;

    struct listed {
        std::uint64_t index = 0;
        http::shared_text text;
    };
    using listed_key = std::pair<std::string, bool>;  // directory, with values

    service& service_;
    watch_board& board_;
    const config_limits limits_;
    judge_function judge_;
    config_book book_;
    std::map<listed_key, listed> lists_;  // made once per change, for all who read or watch
    std::size_t lists_bytes_ = 0;
};

[[nodiscard]] std::vector<setting> config_rows();
[[nodiscard]] config_limits config_limits_of(const settings&);

}  // namespace distd::registry
