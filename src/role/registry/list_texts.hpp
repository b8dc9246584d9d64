// The texts of lists, made once after a change and shared by everyone who reads until the next one. Those of
// one name stay while only others change.
#pragma once

#include <array>
#include <distd/http.hpp>
#include <map>
#include <string>
#include <string_view>

#include "role/registry/core/list_filter.hpp"
#include "role/registry/core/listing.hpp"

namespace distd::registry {

struct tagged_text {
    http::shared_text text;
    std::string etag;
};

class list_texts {
public:
    explicit list_texts(const directory&);

    [[nodiscard]] const tagged_text& all(moment now);
    // Null: that name has no instance.
    [[nodiscard]] const tagged_text* named(std::string_view name, moment now);
    [[nodiscard]] const tagged_text& graph();
    // For Prometheus; `name`: those of one service, empty: all.
    [[nodiscard]] http::shared_text targets(std::string_view name);
    // Where there are many it may be a second old: each change of anybody's health makes it anew, and that
    // takes a while.
    static constexpr std::size_t few_histories = 1000;
    static constexpr seconds pause_between_histories{1};
    [[nodiscard]] const tagged_text& histories(wire::time_range, steady_point now);
    // The same question, asked by many who watch, is answered with one text. Of the newest questions only:
    // there are too many filters. One with details, which no version stands for, is shared for a moment.
    static constexpr milliseconds details_hold_for{100};
    [[nodiscard]] http::shared_text filtered(const list_filter&, moment now);

    // A change of its instances: what is kept of it is of no use any more.
    void drop(std::string_view name);

private:
    struct kept_text : tagged_text {
        std::uint64_t version = 0;
    };

    static constexpr std::size_t max_filtered = 64;
    static constexpr std::size_t max_filtered_bytes = 32 << 20;

    [[nodiscard]] std::string etag_of(std::string_view kind, std::uint64_t version) const;

    const directory& directory_;
    const std::string life_;  // versions start anew with each start of ours
    kept_text all_;
    kept_text graph_;
    std::array<kept_text, 3> histories_;           // by range
    std::array<steady_point, 3> histories_due_{};  // not made anew before
    std::map<std::string, kept_text, std::less<>> named_;
    std::map<std::string, kept_text, std::less<>> targets_;
    struct filtered_text {
        http::shared_text text;
        steady_point made_at;
    };
    std::map<list_filter, filtered_text> filtered_;  // all of one version
    std::uint64_t filtered_version_ = 0;
    std::size_t filtered_bytes_ = 0;
};

}  // namespace distd::registry
