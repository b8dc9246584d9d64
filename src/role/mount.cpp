#include "role/mount.hpp"

#include "sdk/role_services.hpp"

namespace distd {

void mount_role(host& process, const role_description& r, const host::place& where) {
    auto& s = process.add(where, r.service_name, r.depends_on);
    s.version(DISTD_VERSION);
    if (!r.takes_other_sites) routes_of(s).refuse_other_sites();
    const std::shared_ptr<role> made = r.make(s);
    process.introduce(where.label, {r.summary, [made = made.get()] { return made->entry_path(); }});
    process.keep(made);
}

}  // namespace distd
