#include "sdk/process/token_file.hpp"

#include <algorithm>
#include <distd/settings.hpp>
#include <set>
#include <string_view>

#include "sdk/process/private_file.hpp"

namespace distd {
namespace {

constexpr std::size_t max_tokens = 64;  // each request with a wrong one is compared to all

[[noreturn]] void refuse(const std::string& named, const std::string& what) {
    throw settings_error(named + ": " + what);
}

void judge_token(const std::string& named, std::string_view token, int line) {
    const auto where = "line " + std::to_string(line) + ": ";
    if (token.size() < min_token_bytes)
        refuse(named, where + "a token of " + std::to_string(token.size()) +
                          " characters can be guessed; at least " + std::to_string(min_token_bytes) +
                          " are needed, such as `openssl rand -hex 32` makes");
    const std::set<char> letters(token.begin(), token.end());
    if (letters.size() < min_token_letters)
        refuse(named, where + "a token of " + std::to_string(letters.size()) +
                          " different characters can be guessed; at least " +
                          std::to_string(min_token_letters) +
                          " are needed, such as `openssl rand -hex 32` makes");
    // It is sent as part of a header field.
    if (!std::ranges::all_of(token, [](char c) { return c > ' ' && c < 0x7f; }))
        refuse(named, where + "a token has visible ASCII characters only, and no spaces");
}

}  // namespace

std::vector<std::string> read_token_file(const std::string& path, const std::string& named_as) {
    const auto named = named_as.empty() ? "--access-token-file=" + path : named_as;
    const auto text =
        read_private_file(path, named, file_secret::everything, "the tokens", "do everything here");
    std::vector<std::string> tokens;
    int number = 0;
    for (std::string_view rest = text; !rest.empty();) {
        auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        ++number;
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
        if (line.empty() || line.front() == '#') continue;
        judge_token(named, line, number);
        tokens.emplace_back(line);
    }
    if (tokens.empty()) refuse(named, "the file holds no token; write one on a line");
    if (tokens.size() > max_tokens) refuse(named, "the file holds more than 64 tokens");
    return tokens;
}

}  // namespace distd
