// What a question to another service brings, and by whom it is sent: the console asks as the service that it
// is, the command line by a client of its own.
#pragma once

#include <distd/http.hpp>
#include <functional>
#include <memory>
#include <string>

namespace distd::ops {

// A value, or in words why there is none. Neither: there is nothing to tell, and nothing wrong.
template <class T>
struct fetched {
    std::shared_ptr<const T> value{};
    std::string trouble{};
};

// Of a call that only reads. With a turn of a page's stream before it, that a service does not answer is told
// within three seconds.
inline constexpr milliseconds call_deadline{1200};

// Sends a call. Its url is a path where one service is asked, and absolute where several are.
using send_function = std::function<task<result<http::reply>>(http::call)>;

[[nodiscard]] http::call make_question(std::string url);

}  // namespace distd::ops
