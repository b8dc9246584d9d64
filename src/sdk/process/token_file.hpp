// The file of the access tokens: one on a line, lines with # are notes. Judged before it is used, since
// whoever may read or write it may do everything.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace distd {

inline constexpr std::size_t min_token_bytes = 16;
inline constexpr std::size_t min_token_letters = 8;  // different ones

// Throws settings_error with a sentence that names the file, what is wrong and what would be right.
// `named`: what it calls the file; empty: as the setting --access-token-file does.
[[nodiscard]] std::vector<std::string> read_token_file(const std::string& path,
                                                       const std::string& named = {});

}  // namespace distd
