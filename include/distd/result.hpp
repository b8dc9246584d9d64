// Expected failures as values. `errc` names what callers can act upon; to HTTP they are turned in one place.
#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <string>
#include <string_view>

namespace distd {

enum class errc {
    unreachable = 1,  // nobody answers at the address
    timed_out,        // no answer before the deadline
    connection_lost,  // the connection broke before the answer was complete
    bad_answer,       // the other side answered something that is not HTTP, or larger than allowed
    bad_address,      // a URL that cannot be understood or may not be called
    no_provider,      // no instance of the required service is known
    overloaded,       // a bound was reached (queue, connections); try later
    stopped,          // this process is on its way out
    not_found,
    conflict,
    invalid,  // content that breaks a rule
    storage_full,
    storage_failed,
    outcome_unknown,  // the disk failed while it was stored: it may be there, or not
};

[[nodiscard]] const boost::system::error_category& distd_category() noexcept;
[[nodiscard]] boost::system::error_code make_error_code(errc) noexcept;

template <class T = void>
using result = boost::system::result<T>;

}  // namespace distd

template <>
struct boost::system::is_error_code_enum<distd::errc> : std::true_type {};

#define DISTD_CONCAT_INNER(a, b) a##b
#define DISTD_CONCAT(a, b) DISTD_CONCAT_INNER(a, b)

// `DISTD_CO_TRY(auto x, co_await f());` binds the value, or leaves the coroutine with the error.
#define DISTD_CO_TRY(declaration, expression) \
    DISTD_CO_TRY_NAMED(declaration, expression, DISTD_CONCAT(tried_, __LINE__))
#define DISTD_CO_TRY_NAMED(declaration, expression, name) \
    auto name = (expression);                             \
    if (!name) co_return name.error();                    \
    declaration = std::move(*name)
