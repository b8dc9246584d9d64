// The project's written rules as functions: a file goes in, sentences about what is wrong with it come out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "unit/tidy/source_tree.hpp"

namespace tidy {

using findings = std::vector<std::string>;

[[nodiscard]] findings includes_that_point_up_or_sideways(const source_file&);  // docs/architecture.md
// Of all files of the product: whom they include, a .cpp and its .hpp taken as one.
[[nodiscard]] findings circles(const std::vector<source_file>&);
[[nodiscard]] findings misplaced_libraries(const source_file&);  // Beast, Asio
[[nodiscard]] findings lines_too_long(const source_file&);
[[nodiscard]] findings functions_too_long(const source_file&);
[[nodiscard]] findings drawings_too_long(const source_file&);  // a chart of the console is a screen
[[nodiscard]] findings banned_calls(const source_file&);
// Where an exception leaves a plain callback, only its scope tells the log which one it was. The command
// line's loop passes its exceptions on.
[[nodiscard]] findings nameless_callbacks(const source_file&);
[[nodiscard]] findings header_form(const source_file&);
[[nodiscard]] findings traces_of_a_workplace(const source_file&);

// Code blocks in documents that come after a comment naming a file, `<!-- docs/examples/x.cpp -->`, and
// differ from it.
[[nodiscard]] findings stale_quotes(const source_file&);
[[nodiscard]] findings broken_links(const source_file&);
// Names, in bold, with which more than one row of a document's tables begins: merges double rows.
[[nodiscard]] findings doubled_rows(const source_file& document);

// Files and folders that a document names and that are not there.
[[nodiscard]] findings missing_paths(const source_file&);
[[nodiscard]] findings missing_cases(const source_file&);  // `test/a.cpp`: "how a case begins", "another"
// Suites of quickstart.sh that the table of docs/contributing.md does not have.
[[nodiscard]] findings undocumented_suites(std::string_view quickstart, const source_file& contributing);

}  // namespace tidy
