// Students and their grades as the grade book knows them, and as they stand on the wire.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace distd::grading {

struct grade {
    std::string title;
    std::string type;
    double score = 0;

    friend bool operator==(const grade&, const grade&) = default;
};

struct student {
    std::int64_t id = 0;
    std::string first_name;
    std::string last_name;
    std::vector<grade> grades;  // in the order in which they were given

    friend bool operator==(const student&, const student&) = default;
};

// {"Title":"Quiz 1","Type":"Quiz","Score":85}
void append_wire(std::string& out, const grade&);
// {"ID":1,"FirstName":"Nick","LastName":"Carter","Grades":[...]}
void append_wire(std::string& out, const student&);

}  // namespace distd::grading
