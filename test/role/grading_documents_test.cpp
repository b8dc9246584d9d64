// The reference shows commands and answers: they are carried out as they stand there, in their order.
#include <catch2/catch.hpp>
#include <fstream>
#include <vector>

#include "role/grading_fixture.hpp"
#include "support/places.hpp"

namespace {

using namespace distd;
using namespace distd::test;

struct example {
    std::string command;
    std::string answer{};  // in one line; "..." stands for any text
};

std::vector<example> examples_of(const std::string& file) {
    std::ifstream in(file);
    std::vector<example> found;
    bool shows_answer = false;
    for (std::string line; std::getline(in, line);) {
        if (!line.starts_with("    ")) {
            shows_answer = false;
            continue;
        }
        line.erase(0, line.find_first_not_of(' '));
        const bool with_answer = line.starts_with("$ ");
        if (with_answer) line.erase(0, 2);
        if (line.starts_with("curl ")) {
            found.push_back({line});
            shows_answer = with_answer;
        } else if (shows_answer) {
            found.back().answer += line;
        }
    }
    return found;
}

// As a shell does it, as far as the examples need.
std::vector<std::string> words_of(const std::string& command) {
    std::vector<std::string> words(1);
    char quote = 0;
    for (const char c : command) {
        if (quote == 0 && c == ' ') {
            words.emplace_back();
        } else if (quote == 0 ? c == '\'' || c == '"' : c == quote) {
            quote = quote == 0 ? c : '\0';
        } else {
            words.back() += c;
        }
    }
    return words;
}

http_answer carry_out(grade_book& g, const std::string& command) {
    std::string method = "GET";
    std::string url;
    std::string body;
    std::string headers;
    const auto words = words_of(command);
    for (std::size_t i = 1; i < words.size(); ++i) {
        const auto& word = words[i];
        if (word == "-X") {
            method = words.at(++i);
        } else if (word == "-H") {
            headers += words.at(++i) + "\r\n";
        } else if (word == "-d" || word == "--data-binary") {
            body = words.at(++i);
            if (method == "GET") method = "POST";
        } else if (word == "-fo") {
            ++i;
        } else {
            REQUIRE(word.starts_with("$G"));
            url = g.url() + word.substr(2);
        }
    }
    if (body == "@grades.csv") body = g.get("/export.csv").body;
    return exchange(
        method, url, body, "application/json",
        [&] {
            g.w.loop.restart();
            g.w.loop.run_for(milliseconds(1));  // another thread prepares the answer
        },
        headers);
}

// The pieces between the dots are there, in their order, and nothing stands outside of them.
bool fits(std::string_view text, std::string_view shown) {
    for (bool first = true;; first = false) {
        const auto dots = shown.find("...");
        const auto piece = shown.substr(0, dots);
        if (dots == shown.npos) return first ? text == piece : text.ends_with(piece);
        const auto at = text.find(piece);
        if (at == text.npos || (first && at != 0)) return false;
        text.remove_prefix(at + piece.size());
        shown.remove_prefix(dots + 3);
    }
}

}  // namespace

TEST_CASE("the commands of the grading reference work as documented, in order") {
    grade_book g;
    const std::vector<int> statuses{201, 201, 422, 200, 200, 200, 200, 412, 200};
    const auto examples = examples_of(source_dir() + "/docs/reference/grading.md");
    REQUIRE(examples.size() == statuses.size());
    for (std::size_t i = 0; i < examples.size(); ++i) {
        const auto got = carry_out(g, examples[i].command);
        INFO(examples[i].command << "\n" << got.body);
        CHECK(got.status == statuses[i]);
        if (!examples[i].answer.empty()) CHECK(fits(got.body, examples[i].answer));
    }
}
