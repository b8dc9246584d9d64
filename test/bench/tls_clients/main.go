// Clients with TLS, for what wrk cannot say of it: handshakes, and connections that idle.
//
//	main handshakes PORT CERTIFICATE COUNT [resumed]    one after the other, each with one request
//	main idle PORT CERTIFICATE PID COUNT                prints what each costs that process, as `bytes_each N`
//	main worst PORT CERTIFICATE PID COUNT               of each kind: prints what one costs that process, as `KIND MS`
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		log.Fatal(err)
	}
	return n
}

func config(certificate string) *tls.Config {
	pem, err := os.ReadFile(certificate)
	if err != nil {
		log.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		log.Fatal(certificate, " holds no certificate")
	}
	return &tls.Config{RootCAs: roots, ServerName: "localhost", CurvePreferences: []tls.CurveID{tls.X25519}}
}

// A connection over which one request was answered.
func connect(port string, c *tls.Config) *tls.Conn {
	connection, err := tls.Dial("tcp", "127.0.0.1:"+port, c)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprint(connection, "GET /heartbeat HTTP/1.1\r\nHost: localhost\r\n\r\n")
	answer, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil || answer.StatusCode != 200 {
		log.Fatal(answer, err)
	}
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		log.Fatal(err)
	}
	return connection
}

func handshakes(port string, c *tls.Config, count int, resumed bool) {
	if resumed {
		c.ClientSessionCache = tls.NewLRUClientSessionCache(1)
		connect(port, c).Close()
	}
	for i := 0; i < count; i++ {
		connection := connect(port, c)
		if connection.ConnectionState().DidResume != resumed {
			log.Fatal("a session was resumed, or was not, against what was asked for")
		}
		connection.Close()
	}
}

func residentBytes(pid string) int {
	text, err := os.ReadFile("/proc/" + pid + "/statm")
	if err != nil {
		log.Fatal(err)
	}
	return number(strings.Fields(string(text))[1]) * os.Getpagesize()
}

// Once it has not changed for half a second: logs are written late.
func settledBytes(pid string) int {
	last := residentBytes(pid)
	for unchanged := 0; unchanged < 5; unchanged++ {
		time.Sleep(100 * time.Millisecond)
		now := residentBytes(pid)
		if now != last {
			last, unchanged = now, -1
		}
	}
	return last
}

func idle(port string, c *tls.Config, pid string, count int) {
	for i := 0; i < 200; i++ {
		connect(port, c).Close()
	}
	held := []*tls.Conn{connect(port, c)}
	before := settledBytes(pid)
	for i := 0; i < count; i++ {
		held = append(held, connect(port, c))
	}
	fmt.Println("bytes_each", (settledBytes(pid)-before)/count)
	for _, connection := range held {
		connection.Close()
	}
}

func main() {
	log.SetFlags(0)
	if len(os.Args) < 5 {
		log.Fatal("see main.go for what is to be said")
	}
	what, port, c := os.Args[1], os.Args[2], config(os.Args[3])
	switch {
	case what == "handshakes":
		handshakes(port, c, number(os.Args[4]), len(os.Args) == 6 && os.Args[5] == "resumed")
	case what == "idle" && len(os.Args) == 6:
		idle(port, c, os.Args[4], number(os.Args[5]))
	case what == "worst" && len(os.Args) == 6:
		worst(port, c, os.Args[4], number(os.Args[5]))
	default:
		log.Fatal("see main.go for what is to be said")
	}
}
