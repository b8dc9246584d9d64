// Proves of calls that they come from whoever has a secret, without sending it: by a signature of the call
// that is good once, within a minute, at the address that it is made for. Several processes may have the same
// secret, so their calls are numbered by the clock.
#pragma once

#include <cstdint>
#include <distd/http.hpp>
#include <distd/time.hpp>
#include <string_view>

#include "base/signing_key.hpp"

namespace distd {

class owner_prover {
public:
    owner_prover(std::string_view secret, time_source&);

    // Of this very call, with the URL and the body that it has by now. What is no URL is left as it is.
    void prove(http::call&);

private:
    time_source& time_;
    signing_key key_;
    std::uint64_t sender_;
    std::uint64_t number_ = 0;
};

}  // namespace distd
