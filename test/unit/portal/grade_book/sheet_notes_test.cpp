// What a sheet says of itself when some of it could not be stored.
#include <catch2/catch.hpp>

#include "role/portal/grade_book/pages.hpp"

using namespace distd::portal;
using Catch::Contains;

TEST_CASE("a sheet says that nothing was stored only when nothing was") {
    const pages shown(distd::web::web_files("portal"), "Portald");
    const csrf_token csrf{std::string(32, '0'), std::string(32, '1'), false};
    const student_list class_of_two{{{1, "Nick", "Carter", {}}, {2, "Roberto", "Baggio", {}}}, 2};
    score_sheet sheet;
    sheet.title = "Quiz";
    sheet.rows[1] = {"5", "This was not accepted.", {}};
    sheet.rows[2] = {"6", {}, {}};
    CHECK_THAT(shown.sheet(sheet, class_of_two, csrf), Contains("Nothing was stored yet. Please correct:"));
    sheet.rows[2] = {{}, {}, "6"};
    sheet.problem = "Some grades were not stored; those that were are marked.";
    CHECK_THAT(shown.sheet(sheet, class_of_two, csrf), Contains("<p>Please correct:</p>") &&
                                                           Contains("those that were are marked") &&
                                                           !Contains("Nothing was stored"));
}
