// Accepts new books after a check with another service.
#include <algorithm>
#include <distd/service.hpp>

namespace http = distd::http;

struct book {
    int ID = 0;
    std::string Name;
};
BOOST_DESCRIBE_STRUCT(book, (), (ID, Name))

// True when the book service lists that ID, or cannot be reached: then nothing is accepted.
distd::task<bool> is_taken(distd::service& self, int id, http::request cause) {
    auto reply = co_await self.send_to("BookService", http::call("GET", "/books").caused_by(cause));
    if (!reply || reply->status != 200) co_return false;
    distd::json_error error;
    const auto books = distd::from_json<std::vector<book>>(reply->body, error);
    co_return books&& std::ranges::any_of(*books, [id](const book& b) { return b.ID == id; });
}

distd::task<http::response> add(distd::service& self, http::request request) {
    distd::json_error error;
    const auto wanted = distd::from_json<book>(request.body(), error);
    if (!wanted) co_return http::response::problem(400, error.text);
    if (wanted->ID <= 0) co_return http::response::problem(400, "ID: expected a number above 0");
    if (wanted->Name.empty()) co_return http::response::problem(400, "Name: expected the book's name");
    const bool taken = co_await is_taken(self, wanted->ID, request);
    if (taken) co_return http::response::problem(409, "ID: a book with this number exists");
    co_return http::response::json(201, distd::to_json(*wanted));
}

int main(int argc, char** argv) {
    distd::service service("NewService", argc, argv);
    service.listens_on("127.0.0.1:8020").depends_on("LogService").depends_on("BookService");
    service.post("/new", [&](http::request request) { return add(service, request); });
    return service.run();
}
