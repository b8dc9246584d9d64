#include "role/mount.hpp"

#include "sdk/role_services.hpp"

namespace distd {

void mount_role(host& process, const role_description& r, const host::place& where) {
    auto& s = process.add(where, r.service_name, r.depends_on);
    if (!r.takes_other_sites) routes_of(s).refuse_other_sites();
    process.keep(std::shared_ptr<role>(r.make(s)));
}

}  // namespace distd
