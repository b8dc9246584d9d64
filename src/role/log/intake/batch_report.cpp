#include "role/log/intake/batch_report.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace distd::logs {

json::object report_of(const batch& b) {
    json::object report{{"accepted", b.accepted}, {"rejected", b.refused}};
    json::array errors;
    for (const auto& r : b.reported) errors.push_back(json::object{{"line", r.line}, {"reason", r.reason}});
    if (!errors.empty()) report["errors"] = std::move(errors);
    return report;
}

}  // namespace distd::logs
