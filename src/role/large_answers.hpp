// Answers of megabytes that are made on the loop, where everybody waits meanwhile: few at a time, of which
// one client has its share (--source-share), and a pause between two of them. What comes beside them, or will
// find no memory, is refused before anything is made for it.
#pragma once

#include <distd/http.hpp>
#include <distd/service.hpp>
#include <functional>

#include "http/server/source_shares.hpp"

namespace distd {

class large_answers {
public:
    static constexpr std::size_t max_at_once = 4;
    // Making one takes up to ten milliseconds. Who connects meanwhile waits for no more than a few of them,
    // however many others have connected before: without a pause each of those would have one made.
    static constexpr milliseconds pause{30};

    explicit large_answers(service&);

    // `make` is called once, later: what it refers to is there as long as this. `bytes`: how large the body
    // will be at most, about.
    [[nodiscard]] task<http::response> answer(http::request, std::size_t bytes,
                                              std::function<http::response()> make);

private:
    service& service_;
    http::source_shares under_way_;
    counter& made_;
    steady_point next_at_ = steady_point::min();
};

}  // namespace distd
