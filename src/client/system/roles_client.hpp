// The roles of a system as the client reaches them: the registry where it was told to look, the others where
// the registry says.
#pragma once

#include <distd/http.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/system/registry_access.hpp"
#include "http/access/access_control.hpp"
#include "http/client/client_core.hpp"
#include "http/client/lookup_pool.hpp"
#include "ops/model/facts.hpp"
#include "ops/questions/fetched.hpp"

namespace distd::ops::client {

class roles_client {
public:
    roles_client(executor, time_source&, registry_access);
    ~roles_client();
    roles_client(const roles_client&) = delete;
    roles_client& operator=(const roles_client&) = delete;

    // To any URL.
    [[nodiscard]] task<result<http::reply>> send(http::call absolute);
    // To the registry: the first of the list that answers. Throws verb_failure, with its address and what to
    // set, when none does, and access_refused.
    [[nodiscard]] task<http::reply> ask_registry(http::call with_path);
    // A change: what the registry refuses is asked for again as its operator, where this user can show to be
    // that. The answer to what it refuses all the same says what to set.
    [[nodiscard]] task<http::reply> change_registry(http::call with_path);
    // The same as the questions of ops/ ask.
    [[nodiscard]] send_function registry();
    // To one address.
    [[nodiscard]] send_function at(std::string base);
    [[nodiscard]] send_function anywhere();

    [[nodiscard]] const std::string& registry_url() const { return where_.registries[preferred_]; }
    [[nodiscard]] const registry_access& where() const noexcept { return where_; }
    [[nodiscard]] const std::shared_ptr<http::client_core>& core() const noexcept { return core_; }
    // Throws access_refused, with what to set, when that answer (of "the log service", at its address) is
    // 401.
    void expect_access(std::string_view whom, std::string_view address, const http::reply&) const;
    [[nodiscard]] std::string authorization(const http::proven_call&) const;  // for a call by somebody else
    // All calls from now on together take no longer.
    void limit_patience(milliseconds limit) noexcept { calls_due_ = core_->time.now() + limit; }
    void stop();

private:
    [[nodiscard]] task<result<http::reply>> ask_as_result(http::call with_path);
    [[nodiscard]] std::optional<std::string> operator_secret() const;

    registry_access where_;
    std::optional<steady_point> calls_due_;
    std::size_t preferred_ = 0;
    http::lookup_pool names_;
    std::shared_ptr<http::access_control> credentials_;
    std::shared_ptr<http::client_core> core_;
};

// Of the instances with that name the ones that answer first; a URL without a slash at its end.
[[nodiscard]] std::vector<std::string> addresses_of(const std::vector<instance>&, std::string_view name);

// "cannot reach the log service at http://...: connection refused".
[[nodiscard]] std::string unreachable(std::string_view whom, std::string_view address, std::string_view why);
[[nodiscard]] std::string without_end(std::string text);  // without what ends a sentence

}  // namespace distd::ops::client
