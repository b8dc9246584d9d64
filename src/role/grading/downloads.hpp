// The whole grade book in one answer, streamed with bounded memory: as a table, and as a copy of its file.
#pragma once

#include <distd/service.hpp>

#include "role/grading/core/class_book.hpp"
#include "role/grading/gradebook.hpp"

namespace distd::grading {

class downloads {
public:
    downloads(service&, const class_book&, gradebook&);

    [[nodiscard]] http::response table(http::request);
    [[nodiscard]] task<http::response> backup(http::request);

private:
    [[nodiscard]] task<> send_table(http::body_writer);
    [[nodiscard]] task<> send_backup(http::body_writer, std::shared_ptr<gradebook::copy>);

    service& service_;
    const class_book& book_;
    gradebook& store_;
};

}  // namespace distd::grading
