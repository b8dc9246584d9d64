// Answers of megabytes that are made on the loop, where everybody waits meanwhile: few at a time, half of
// them for one source, and each in a step of the loop of its own. What comes beside them is refused before
// anything is made for it.
#pragma once

#include <distd/http.hpp>
#include <distd/service.hpp>
#include <functional>

#include "http/server/source_shares.hpp"

namespace distd {

class large_answers {
public:
    static constexpr std::size_t max_at_once = 4;

    explicit large_answers(service&);

    // `make` is called once, later: what it refers to is there as long as this.
    [[nodiscard]] task<http::response> answer(http::request, std::function<http::response()> make);

private:
    service& service_;
    http::source_shares under_way_;
};

}  // namespace distd
