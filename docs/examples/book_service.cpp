// A service with one route. Registration, health checks, log shipping and graceful shutdown come with the
// SDK.
#include <distd/service.hpp>

namespace http = distd::http;

struct book {
    int ID = 0;
    std::string Name;
};
BOOST_DESCRIBE_STRUCT(book, (), (ID, Name))

int main(int argc, char** argv) {
    const std::vector<book> books{{1, "Go"}, {2, "Python"}};

    distd::service service("BookService", argc, argv);
    service.listens_on("127.0.0.1:8010").depends_on("LogService");
    service.get("/books", [&](http::request) { return http::response::json(200, distd::to_json(books)); });
    return service.run();
}
