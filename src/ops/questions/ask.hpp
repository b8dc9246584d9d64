// A question whose answer is read as a whole.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "ops/answers/call_words.hpp"
#include "ops/questions/fetched.hpp"

namespace distd::ops {

// `unreadable`: the trouble, where `read` makes nothing of it. `if_absent`: what a 404 means, if it is no
// trouble.
template <class T>
task<fetched<T>> ask(send_function send, std::string url, std::optional<T> (*read)(std::string_view),
                     std::string_view unreadable, std::optional<fetched<T>> if_absent = std::nullopt) {
    auto question = make_question(std::move(url));
    const auto r = co_await send(std::move(question));
    if (r && r->status == 404 && if_absent) co_return *std::move(if_absent);
    if (auto trouble = trouble_of(r); !trouble.empty()) co_return fetched<T>{nullptr, std::move(trouble)};
    auto value = read(r->body);
    if (!value) co_return fetched<T>{nullptr, std::string(unreadable)};
    co_return fetched<T>{std::make_shared<const T>(*std::move(value)), {}};
}

}  // namespace distd::ops
