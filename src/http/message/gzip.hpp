// Compresses the bodies of responses.
#pragma once

#include <array>
#include <distd/http.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace distd::http {

[[nodiscard]] std::string gzip(std::string_view text);

// Texts that many are sent are compressed once while they are there, the newest few of them: a megabyte takes
// the loop ten milliseconds and more.
class gzipped_texts {
public:
    [[nodiscard]] shared_text of(const shared_text& text);

private:
    struct kept_text {
        std::weak_ptr<const std::string> of;
        shared_text gzipped;
    };

    std::array<kept_text, 8> kept_;
    std::size_t next_ = 0;
};

}  // namespace distd::http
