// Why a verb ends without its result, with its exit code. Thrown through the verb's coroutine: there is one
// of it, and it ends the process.
#pragma once

#include <stdexcept>
#include <string>

namespace distd::ops::client {

namespace exit_code {
inline constexpr int done = 0;
inline constexpr int cannot_reach = 1;  // or an answer that cannot be read
inline constexpr int wrong_use = 2;
inline constexpr int answer_is_no = 4;  // it was asked, and the answer is no
inline constexpr int interrupted = 130;
}  // namespace exit_code

class verb_failure : public std::runtime_error {
public:
    verb_failure(int code, const std::string& words) : std::runtime_error(words), code_(code) {}
    [[nodiscard]] int code() const noexcept { return code_; }

private:
    int code_;
};

// A role wants an access token, or another one. Unlike a role that is away it will not come back by itself.
class access_refused : public verb_failure {
public:
    explicit access_refused(const std::string& words) : verb_failure(exit_code::cannot_reach, words) {}
};

}  // namespace distd::ops::client
