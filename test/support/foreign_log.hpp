// A log service of another make: a line per request, plain text only, POST only.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "support/foreign_service.hpp"

namespace distd::test {

class foreign_log {
public:
    explicit foreign_log(bool with_scheme = true);  // of its URL

    [[nodiscard]] foreign_service& service() noexcept { return service_; }
    [[nodiscard]] std::vector<std::string> lines() const;
    // The first line that holds all of these, or -1.
    [[nodiscard]] int place_of(const std::string& part, const std::string& other = {}) const;

private:
    [[nodiscard]] foreign_answer take(const foreign_request& q);

    mutable std::mutex mutex_;
    std::vector<std::string> lines_;
    foreign_service service_;
};

}  // namespace distd::test
