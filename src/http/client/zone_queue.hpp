// Names that wait, in turn by the zones they lie in: first by their last part, below that by their last two
// parts. So whoever makes names in very many zones of its own delays mostly itself. Pure.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>

namespace distd::http {

class zone_queue {
public:
    // When there are more than `max`: the one that is refused instead, of a zone that has no fewer than
    // others.
    [[nodiscard]] std::optional<std::string> push(std::string name, std::size_t max);
    // The first name of the zone whose turn it is. Only while the queue is not empty.
    [[nodiscard]] std::string pop();

    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    using names = std::deque<std::string>;
    // Those below one last part. `turns` has each zone once.
    struct domain {
        std::map<std::string, names> zones;
        std::deque<std::string> turns;
        std::size_t size = 0;
    };

    [[nodiscard]] std::string drop(const std::string& last_part, const std::string& zone);

    std::map<std::string, domain> domains_;
    std::deque<std::string> turns_;
    std::size_t size_ = 0;
};

}  // namespace distd::http
