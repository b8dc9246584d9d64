// A store that failed, as thrown on a worker thread: the errc that callers act upon, and the text for the
// log.
#pragma once

#include <distd/result.hpp>
#include <stdexcept>
#include <string>

namespace distd {

class store_error : public std::runtime_error {
public:
    store_error(errc code, const std::string& text) : std::runtime_error(text), code_(code) {}

    [[nodiscard]] errc code() const noexcept { return code_; }

private:
    errc code_;
};

}  // namespace distd
