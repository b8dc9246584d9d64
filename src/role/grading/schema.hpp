// The schema of the grade book's file. Never edit a released migration: append one.
#pragma once

#include "store/sqlite/sqlite.hpp"

namespace distd::grading {

[[nodiscard]] const sqlite::migrations& gradebook_schema();

}  // namespace distd::grading
