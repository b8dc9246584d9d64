#include "role/log/line/tokens.hpp"

namespace distd::logs {

std::vector<std::uint64_t> tokens_of(std::string_view text) {
    std::vector<std::uint64_t> all;
    for_each_token(text, [&](std::uint64_t hash, std::size_t, std::size_t) { all.push_back(hash); });
    return all;
}

std::vector<std::uint64_t> tokens_inside(std::string_view part) {
    std::vector<std::uint64_t> all;
    for_each_token(part, [&](std::uint64_t hash, std::size_t start, std::size_t end) {
        if (start > 0 && end < part.size()) all.push_back(hash);
    });
    return all;
}

}  // namespace distd::logs
