// What a verb works with: what was given, whom to ask, and where to write. Data goes to standard output,
// words to standard error.
#pragma once

#include <boost/json/value.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "client/arguments/parsed_words.hpp"
#include "client/output/output_style.hpp"
#include "client/system/roles_client.hpp"
#include "client/system/verb_failure.hpp"
#include "ops/answers/gateway_answers.hpp"
#include "ops/model/page_snapshot.hpp"

namespace distd::ops::client {

class context {
public:
    context(const verb& v, const parsed_words& given_words, std::FILE* out_file, std::FILE* err_file,
            roles_client& who, time_source& t)
        : what(v), given(given_words), roles(who), time(t), out_(out_file), err_(err_file) {}

    const verb& what;
    const parsed_words& given;
    output_style out{};  // how standard output is written
    output_style err{};
    roles_client& roles;
    time_source& time;

    [[nodiscard]] wall_point now() const { return time.wall(); }
    [[nodiscard]] executor loop() const { return roles.core()->loop; }

    // Written at once. Ends the verb quietly when nobody reads any more.
    void print(std::string_view text) const;
    void print_json(const boost::json::value&) const;  // a line
    // A sentence, below what was printed until now.
    void say(std::string_view words) const;

    // A call that changes something, in the user's name.
    [[nodiscard]] http::call change(std::string method, std::string path) const;

private:
    std::FILE* out_;
    std::FILE* err_;
};

// Nobody reads standard output any more: `distd logs | head`.
class output_closed {};

// The registry's list, with what else it tells. `path`: /services, or with ?details=1.
[[nodiscard]] task<registry_state> ask_registry_state(context&, std::string path = "/services?details=1");
[[nodiscard]] task<std::vector<instance>> ask_registered(context&);

// Where such roles are, the ones that answer first. Throw verb_failure, with how to start one, when the
// registry knows none.
[[nodiscard]] std::string log_service_among(const context&, const std::vector<instance>&);
[[nodiscard]] task<std::string> find_log_service(context&);
[[nodiscard]] std::vector<std::string> gateways_among(const context&, const std::vector<instance>&);
// What they say, all together; throws as well where none of them answers.
[[nodiscard]] task<std::shared_ptr<const gateway_state>> ask_all_gateways(context&);
[[nodiscard]] std::string console_among(const context&, const std::vector<instance>&);

// What to throw when a role does not answer at the address that the registry has of it. `name`: of its
// service.
[[nodiscard]] verb_failure away(const context&, std::string_view whom, std::string_view name,
                                const std::string& address, const std::string& why);

// Waits until the answer to that path is another one, at the longest `patience`. `index`: of the answer that
// is known; 0: none. Returns that of the answer now; 0: the registry counts none.
[[nodiscard]] task<std::uint64_t> wait_for_change(context&, std::string path, std::uint64_t index,
                                                  milliseconds patience);

}  // namespace distd::ops::client
