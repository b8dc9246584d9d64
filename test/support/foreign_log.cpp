#include "support/foreign_log.hpp"

namespace distd::test {

foreign_log::foreign_log(bool with_scheme)
    : service_({.name = "LogService",
                .with_scheme = with_scheme,
                .business = [this](const foreign_request& q) { return take(q); }}) {}

foreign_answer foreign_log::take(const foreign_request& q) {
    if (q.target != "/log") return {404, "404 page not found\n"};
    if (q.method != "POST") return {405};
    if (q.body.empty()) return {400};
    const std::lock_guard lock(mutex_);
    lines_.push_back(q.body);
    return {200};
}

std::vector<std::string> foreign_log::lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
}

int foreign_log::place_of(const std::string& part, const std::string& other) const {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < lines_.size(); ++i)
        if (lines_[i].find(part) != std::string::npos && lines_[i].find(other) != std::string::npos)
            return static_cast<int>(i);
    return -1;
}

}  // namespace distd::test
