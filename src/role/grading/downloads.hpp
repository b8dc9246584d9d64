// Streams the whole grade book with bounded memory: as CSV, and as a copy of its file.
#pragma once

#include <distd/service.hpp>

#include "role/grading/core/grade_book_state.hpp"
#include "role/grading/gradebook.hpp"

namespace distd::grading {

class downloads {
public:
    downloads(service&, const grade_book_state&, gradebook&);

    [[nodiscard]] http::response table(http::request);
    [[nodiscard]] task<http::response> backup(http::request);

private:
    [[nodiscard]] task<> send_table(http::body_writer);
    [[nodiscard]] task<> send_backup(http::body_writer, std::shared_ptr<gradebook::copy>);

    service& service_;
    const grade_book_state& book_;
    gradebook& store_;
};

}  // namespace distd::grading
