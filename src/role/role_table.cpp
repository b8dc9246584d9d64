#include "role/role.hpp"

namespace distd {

#define DISTD_ROLE(name) role_description describe_##name();
#include "role_list.inc"
#undef DISTD_ROLE

const std::vector<role_description>& all_roles() {
    static const std::vector<role_description> table{
#define DISTD_ROLE(name) describe_##name(),
#include "role_list.inc"
#undef DISTD_ROLE
    };
    return table;
}

}  // namespace distd
