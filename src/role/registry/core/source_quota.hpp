// How many instances each source (see source_name.hpp) has registered, how large they are, and whether it may
// register one more. Pure. An instance counts for the source that registered it last, from the moment that
// this is granted: whoever it counted for before gives it back when it is replaced.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace distd::registry {

class source_quota {
public:
    struct limits {
        std::size_t max_instances = 100'000;  // of one source
        std::size_t max_bytes = 32 << 20;     // likewise
        std::size_t max_bytes_in_all = 64 << 20;
    };
    struct share {
        std::string source;  // an address of it
        std::size_t bytes = 0;
    };
    explicit source_quota(limits l) : limits_(l) {}

    // `replaced`: what it takes the place of; null: nothing. Unless it is granted nothing has changed.
    enum class answer : std::uint8_t { granted, too_many, too_large, all_too_large };
    [[nodiscard]] answer claim(const share& wanted, const share* replaced = nullptr);
    // At the start: what was kept counts, whatever the limits are by now.
    void restore(const share&);
    void give_back(const share&);

    [[nodiscard]] const limits& allowed() const noexcept { return limits_; }
    [[nodiscard]] std::size_t held_by(const std::string& source) const;
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

private:
    struct holding {
        std::size_t instances = 0;
        std::size_t bytes = 0;
    };

    void add(holding& to, std::size_t bytes);

    limits limits_;
    std::map<std::string, holding, std::less<>> holdings_;  // by the source's name
    std::size_t bytes_ = 0;
};

}  // namespace distd::registry
