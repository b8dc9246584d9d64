#include "role/mount.hpp"

namespace distd {

void mount_role(host& process, const role_description& r, const host::place& where) {
    auto& s = process.add(where, r.service_name, r.depends_on);
    process.keep(std::shared_ptr<role>(r.make(s)));
}

}  // namespace distd
