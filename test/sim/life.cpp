#include "sim/life.hpp"

#include <distd/http.hpp>

namespace distd::sim::stores {

bool says_that_nothing_was_stored(const boost::system::error_code& e) {
    const auto answer = http::response::of(e);
    const auto* text = std::get_if<std::string>(&answer.body());
    return text && text->find("nothing was stored") != std::string::npos;
}

}  // namespace distd::sim::stores
