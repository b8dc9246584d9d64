// What a word of the command line names: a service, or an instance. Pure.
#pragma once

#include <string>
#include <vector>

#include "ops/model/facts.hpp"

namespace distd::ops::client {

// The services of a system, each once, by name.
[[nodiscard]] std::vector<std::string> service_names(const std::vector<instance>&);

// A whole name, or the beginning of exactly one, in any letter case. Throws wrong_use when it is the
// beginning of several, which it lists, and verb_failure (the answer is no) when it is of none.
[[nodiscard]] std::string find_service(const std::vector<std::string>& names, const std::string& word);

// The instances of a service by their numbers, from 1 on: in the order of their URLs, so that a number stays
// the same while others come behind it.
[[nodiscard]] std::vector<instance> numbered(const std::vector<instance>&, const std::string& service);

// A service (all of its instances), one instance by its URL, with or without its scheme, or by its number:
// cart/2.
[[nodiscard]] std::vector<instance> find_instances(const std::vector<instance>&, const std::string& word);
// Whether the word is an instance's, and not a service's.
[[nodiscard]] bool names_an_instance(const std::string& word);

}  // namespace distd::ops::client
