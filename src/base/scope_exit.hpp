// Calls a function when its scope ends, however that ends: by an exception or a cancelled coroutine, too.
#pragma once

#include <utility>

namespace distd {

template <class Function>
class [[nodiscard]] scope_exit {
public:
    explicit scope_exit(Function f) : function_(std::move(f)) {}
    ~scope_exit() { function_(); }
    scope_exit(const scope_exit&) = delete;
    scope_exit& operator=(const scope_exit&) = delete;

private:
    Function function_;
};

}  // namespace distd
