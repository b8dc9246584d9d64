// Files of which others must not read, or not change, what is in them: judged before they are used.
#pragma once

#include <cstdint>
#include <string>

namespace distd {

enum class file_secret : std::uint8_t {
    everything,  // whoever reads it may do what its owner may: nobody else may
    of_group,    // the same, and a group of its own may read it, as with keys that several services use
    nothing,     // everybody may read it
};

// All of it. Throws settings_error with a sentence that calls the file as `named` does, and says what is
// wrong and what would be right. `content` is what others could exchange, `harm` what they could do then.
[[nodiscard]] std::string read_private_file(const std::string& path, const std::string& named,
                                            file_secret how_secret, const std::string& content,
                                            const std::string& harm);

}  // namespace distd
