// The tables of the grade book's file. A migration that was released is never edited: append one.
#pragma once

#include "store/sqlite/sqlite.hpp"

namespace distd::grading {

[[nodiscard]] const sqlite::migrations& gradebook_schema();

}  // namespace distd::grading
