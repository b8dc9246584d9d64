// All verbs, in the order in which they are shown.
#include <algorithm>

#include "client/verbs/verbs.hpp"

namespace distd::ops::client {

const std::vector<verb>& all_verbs() {
    static const std::vector<verb> table{
        describe_services(), describe_show(),      describe_logs(),  describe_events(), describe_drain(),
        describe_undrain(),  describe_forget(),    describe_trace(), describe_config(), describe_wait(),
        describe_routes(),   describe_certs(),     describe_ca(),    describe_call(),   describe_register(),
        describe_top(),      describe_doctor(),    describe_open(),  describe_run(),    describe_version(),
        describe_help(),     describe_completion()};
    return table;
}

const verb* find_verb(const std::string& word) {
    for (const auto& v : all_verbs())
        if (v.name == word || std::ranges::find(v.aliases, word) != v.aliases.end()) return &v;
    return nullptr;
}

}  // namespace distd::ops::client
