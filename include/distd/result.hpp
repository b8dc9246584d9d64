// Expected failures as values. `errc` lists what callers can act on; http::response::of maps them to HTTP.
#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <string>
#include <string_view>

namespace distd {

enum class errc {
    unreachable = 1,  // nothing accepts connections at the address
    timed_out,        // no response before the deadline
    connection_lost,  // the connection closed before the response was complete
    bad_answer,       // the response is not valid HTTP, or larger than allowed
    bad_address,      // the URL is invalid, or calling it is not allowed
    no_provider,      // no instance of the required service is known
    overloaded,       // a limit was reached (queue, connections); retry later
    stopped,          // this process is shutting down
    not_found,
    conflict,
    invalid,  // the content breaks a rule
    storage_full,
    storage_failed,
    outcome_unknown,  // the disk failed during the write: it may be stored, or not
    untrusted,        // the certificate of the peer is not valid for its name
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

// `DISTD_CO_TRY(auto x, co_await f());` binds the value, or returns the error from the coroutine.
#define DISTD_CO_TRY(declaration, expression) \
    DISTD_CO_TRY_NAMED(declaration, expression, DISTD_CONCAT(tried_, __LINE__))
#define DISTD_CO_TRY_NAMED(declaration, expression, name) \
    auto name = (expression);                             \
    if (!name) co_return name.error();                    \
    declaration = std::move(*name)
