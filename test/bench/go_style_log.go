// The peer of the log benchmarks: a log service as many Go tutorials write it. Each line is appended to a
// file that is opened and closed for it; nothing is promised when the answer goes out.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
)

type fileLog string

func (name fileLog) Write(data []byte) (int, error) {
	f, err := os.OpenFile(string(name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0600)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return f.Write(data)
}

// go_style_log FILE: prints the port that it listens on.
func main() {
	lines := log.New(fileLog(os.Args[1]), "[go] - ", log.LstdFlags)
	http.HandleFunc("/log", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		text, err := io.ReadAll(r.Body)
		if err != nil || len(text) == 0 {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		lines.Printf("%v\n", string(text))
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("port", listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(http.Serve(listener, nil))
}
