// Names what the loop is doing, for log lines about an exception that left a plain handler: what() says what
// went wrong, the innermost scope that it passed through says where. Costs a few instructions; loop thread
// only.
#pragma once

#include <exception>
#include <utility>

namespace distd {

class handler_scope {
public:
    explicit handler_scope(const char* name) noexcept
        : name_(name), exceptions_before_(std::uncaught_exceptions()) {}
    ~handler_scope() {
        if (std::uncaught_exceptions() == exceptions_before_)
            failed_in_ = nullptr;  // what was thrown inside was caught inside
        else if (failed_in_ == nullptr)
            failed_in_ = name_;
    }
    handler_scope(const handler_scope&) = delete;
    handler_scope& operator=(const handler_scope&) = delete;

    // Of the exception that was caught last; null: it passed through no scope.
    [[nodiscard]] static const char* take_failed() noexcept { return std::exchange(failed_in_, nullptr); }

private:
    static inline thread_local const char* failed_in_ = nullptr;

    const char* name_;
    int exceptions_before_;
};

}  // namespace distd
