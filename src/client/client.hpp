// `distd` as the operator's client: finds the verb, asks the roles, prints. Exit codes: see
// docs/reference/exit-codes.md.
#pragma once

#include <cstdio>
#include <functional>
#include <string>
#include <vector>

namespace distd::ops::client {

// What the client leaves to the rest of the binary.
struct other_commands {
    std::function<int(const std::vector<std::string>& arguments)> run_roles;  // distd run --role=...
    // distd logs cat FILE...
    std::function<int(const std::vector<std::string>& arguments)> print_log_files;
};

// Whether the arguments are the client's: they begin with a word, or there are none and a person sits at a
// terminal.
[[nodiscard]] bool is_for_client(const std::vector<std::string>& arguments, bool is_at_terminal);
[[nodiscard]] int run_client(const std::vector<std::string>& arguments, const other_commands&, std::FILE* out,
                             std::FILE* err);

}  // namespace distd::ops::client
