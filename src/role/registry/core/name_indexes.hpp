// How far the instances of each name have come: the index that watchers of a name wait on, and a version of
// its text. Pure.
//
// An index is the revision of the latest change that readers can see; the text moves with more than that,
// such as a changed reason of a failure. Indexes are never 0 and never fall: a name that has no instance any
// more keeps its own, until it is forgotten. From then on the largest that was forgotten holds for every name
// that is not known.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>

#include "role/registry/core/url_map.hpp"

namespace distd::registry {

class name_indexes {
public:
    static constexpr std::size_t max_departed = 100'000;

    // At the start, once each.
    void restore_floor(std::uint64_t floor);
    void restore(std::string_view name, std::uint64_t index, bool has_instances);

    // The index of everything is at least this, too: something changed that is of no name.
    void note_latest(std::uint64_t index);

    void changed(std::string_view name, std::uint64_t revision, bool has_instances);
    void text_changed(std::string_view name);  // its text only

    [[nodiscard]] std::uint64_t of(std::string_view name) const noexcept;
    [[nodiscard]] std::uint64_t of_all() const noexcept { return latest_; }
    // Another one when the text of that name has changed; nothing else is known of a name that has none.
    [[nodiscard]] std::uint64_t text_version(std::string_view name) const noexcept;

    // The largest index of those departed names that are too many; 0 when there are not. To be made durable,
    // then passed to `forget`.
    [[nodiscard]] std::uint64_t to_forget() const;
    void forget(std::uint64_t up_to);
    [[nodiscard]] std::size_t departed() const noexcept { return departed_.size(); }

private:
    struct entry {
        std::uint64_t index = 0;
        std::uint64_t text_version = 0;
        bool has_instances = true;
    };
    using names = url_map<entry>;

    void set(std::string_view name, std::uint64_t index, bool has_instances);

    names names_;
    std::map<std::uint64_t, names::value_type*>
        departed_;  // by index: a change takes the last of one name only
    std::uint64_t floor_ = 1;
    std::uint64_t latest_ = 1;
    std::uint64_t last_text_version_ = 0;
};

}  // namespace distd::registry
