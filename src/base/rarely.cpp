#include "base/rarely.hpp"

#include <utility>

namespace distd {
namespace {

std::function<bool(std::string_view)>& decision() {
    static std::function<bool(std::string_view)> how;
    return how;
}

}  // namespace

bool is_taken_rarely(const char* name) { return decision() && decision()(name); }
void decide_rare_branches(std::function<bool(std::string_view)> how) { decision() = std::move(how); }

}  // namespace distd
