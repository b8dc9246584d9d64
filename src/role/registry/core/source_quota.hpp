// How many instances each source address has registered, and whether it may register one more. Pure. An
// instance counts for the address that registered it last; those that were kept over our own restart, for
// nobody.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace distd::registry {

class source_quota {
public:
    explicit source_quota(std::size_t most) : most_(most) {}

    // False when `source` has as many as it may, and this would be another one.
    [[nodiscard]] bool claim(std::string_view url, const std::string& source);
    void release(std::string_view url);

    [[nodiscard]] std::size_t most() const noexcept { return most_; }
    [[nodiscard]] std::size_t held_by(const std::string& source) const;

private:
    using counts = std::map<std::string, std::size_t>;

    std::size_t most_;
    counts counts_;
    std::map<std::string, counts::iterator, std::less<>> owners_;  // by URL
};

}  // namespace distd::registry
