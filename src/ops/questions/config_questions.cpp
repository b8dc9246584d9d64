#include "ops/questions/config_questions.hpp"

#include "base/parse_number.hpp"
#include "http/message/url.hpp"
#include "wire/header_names.hpp"

namespace distd::ops {

std::string config_path(std::string_view key) { return "/config/" + http::percent_encode(key); }

std::string config_list_path(std::string_view directory) {
    if (directory.empty()) return "/config";
    directory.remove_suffix(1);
    return config_path(directory) + "/";
}

std::string config_version_path(std::string_view key, std::int64_t version) {
    return config_path(key) + "?version=" + std::to_string(version);
}

std::string config_history_path(std::string_view key) { return config_path(key) + "?history=1"; }

std::string config_restore_path(std::string_view key, std::int64_t version) {
    return config_path(key) + "?restore=" + std::to_string(version);
}

config_value value_in(const http::reply& r) {
    return {r.body, std::string(r.headers.find("Content-Type")), std::string(r.headers.find("ETag")),
            parse_number<std::int64_t>(r.headers.find(wire::version_header)).value_or(0)};
}

void make_conditional(http::call& change, std::string_view etag) {
    if (etag.empty())
        change.headers.set("If-None-Match", "*");
    else
        change.headers.set("If-Match", std::string(etag));
}

}  // namespace distd::ops
