// The verbs, each in a file of its own: rows of the table.
#pragma once

#include "client/arguments/verb.hpp"

namespace distd::ops::client {

// In the order in which they are shown.
[[nodiscard]] const std::vector<verb>& all_verbs();
// By its name or another one that it has; null: there is none.
[[nodiscard]] const verb* find_verb(const std::string& word);

[[nodiscard]] verb describe_summary();  // distd alone
[[nodiscard]] verb describe_services();
[[nodiscard]] verb describe_show();
[[nodiscard]] verb describe_logs();
[[nodiscard]] verb describe_events();
[[nodiscard]] verb describe_drain();
[[nodiscard]] verb describe_undrain();
[[nodiscard]] verb describe_forget();
[[nodiscard]] verb describe_trace();
[[nodiscard]] verb describe_config();
[[nodiscard]] verb describe_wait();
[[nodiscard]] verb describe_routes();
[[nodiscard]] verb describe_certs();
[[nodiscard]] verb describe_ca();
[[nodiscard]] verb describe_call();
[[nodiscard]] verb describe_register();
[[nodiscard]] verb describe_top();
[[nodiscard]] verb describe_doctor();
[[nodiscard]] verb describe_open();
[[nodiscard]] verb describe_run();
[[nodiscard]] verb describe_version();
[[nodiscard]] verb describe_help();
[[nodiscard]] verb describe_completion();

}  // namespace distd::ops::client
