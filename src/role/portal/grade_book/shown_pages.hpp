// Cache of rendered pages, with the answer each was rendered from: the same answer to the same query gives
// the same page. Pure. Bounded in number and size; cleared when full.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace distd::portal {

struct shown_page {
    std::string made_from;
    std::string html;
};

class shown_pages {
public:
    static constexpr std::size_t max_pages = 64;
    static constexpr std::size_t max_bytes = 128 << 10;  // of an entry, both texts together

    // Null: not cached. The result stays valid as long as it is held.
    [[nodiscard]] std::shared_ptr<const shown_page> find(std::string_view question) const {
        const auto known = pages_.find(question);
        return known == pages_.end() ? nullptr : known->second;
    }

    void keep(std::string question, std::string made_from, std::string html) {
        if (made_from.size() + html.size() > max_bytes) return;
        if (pages_.size() >= max_pages && !pages_.contains(question)) pages_.clear();
        pages_[std::move(question)] =
            std::make_shared<const shown_page>(shown_page{std::move(made_from), std::move(html)});
    }

private:
    std::map<std::string, std::shared_ptr<const shown_page>, std::less<>> pages_;
};

}  // namespace distd::portal
