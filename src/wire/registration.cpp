#include "wire/registration.hpp"

namespace distd {

std::size_t size_of(const registration& r) {
    auto bytes = r.name.size() + r.url.size() + r.update_url.size() + r.heartbeat_url.size();
    for (const auto& name : r.required_services) bytes += name.size();
    return bytes + to_members(r.extras).size();
}

void append_open_object(std::string& out, const registration& r) {
    out += R"({"ServiceName":)";
    append_json_string(out, r.name);
    out += R"(,"ServiceURL":)";
    append_json_string(out, r.url);
    out += R"(,"RequiredServices":[)";
    for (std::size_t i = 0; i < r.required_services.size(); ++i) {
        if (i > 0) out += ',';
        append_json_string(out, r.required_services[i]);
    }
    out += R"(],"ServiceUpdateURL":)";
    append_json_string(out, r.update_url);
    out += R"(,"HeartbeatURL":)";
    append_json_string(out, r.heartbeat_url);
    if (r.extras) out.append(",").append(to_members(r.extras));
}

std::string to_wire(const registration& r) {
    std::string out;
    out.reserve(192 + r.name.size() + 3 * r.url.size());
    append_open_object(out, r);
    out += '}';
    return out;
}

}  // namespace distd
