// What a process shows of itself by TLS, for those who look after it.
#pragma once

#include <distd/time.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace distd {

namespace http {
class tls_certificate;
}

// How it goes with a certificate that a CA issues by itself.
struct issuing_state {
    bool is_issued = false;       // false: what is shown meanwhile nobody vouches for
    std::string doing;            // what is waited for, in words
    std::string last_error = {};  // a sentence; empty: the last try succeeded
    std::optional<wall_point> next_try{};
    std::string not_saved = {};  // why, for operators; empty: all is
};

struct certificate_state {
    std::string file;
    std::vector<std::string> names;
    wall_point until;
    int days_left = 0;    // negative: it is over
    std::string invalid;  // why clients refuse it for its time; empty: they do not
    std::string problem;  // with what is in the file now, where that is not what is shown; empty: none
    std::optional<issuing_state> issuing{};  // of one that is in no file of --tls-cert-file
};

// A certificate that a role comes by itself.
struct certificate_source {
    std::function<std::shared_ptr<const http::tls_certificate>()> shown;
    std::function<certificate_state()> state;
    // What CAs are shown in handshakes while they ask whether a name is ours, by the name.
    std::function<std::map<std::string, std::shared_ptr<const http::tls_certificate>, std::less<>>()>
        challenges;
};

}  // namespace distd
