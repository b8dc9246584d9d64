// The peers of the gateway and of the pages in the benchmark, on the standard library alone.
//
//	main proxy ADDRESS UPSTREAM    httputil.ReverseProxy with 128 idle connections
//	main portal ADDRESS GRADING    the list of students: html/template, and one http.Get for each page
//	main upstream ADDRESS          GET /N answers with N bytes, any other method takes whatever comes
package main

import (
	"encoding/json"
	"html/template"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"strings"
)

const idleConnections = 128

func proxy(upstream string) http.Handler {
	to, err := url.Parse(upstream)
	if err != nil {
		log.Fatal(err)
	}
	p := httputil.NewSingleHostReverseProxy(to)
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns = idleConnections
	t.MaxIdleConnsPerHost = idleConnections
	p.Transport = t
	return http.StripPrefix("/api/Files", p)
}

type student struct {
	ID                  int
	FirstName, LastName string
	Grades              []struct{ Score float64 }
}

func (s student) Average() float64 {
	sum := 0.0
	for _, g := range s.Grades {
		sum += g.Score
	}
	if len(s.Grades) == 0 {
		return 0
	}
	return sum / float64(len(s.Grades))
}

var page = template.Must(template.New("students").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Grade Book</title></head><body>
<h1>Grade Book</h1>
<table><thead><tr><th>Name</th><th>Grades</th><th>Average</th></tr></thead><tbody>
{{range .}}<tr><th><a href="/students/{{.ID}}">{{.LastName}}, {{.FirstName}}</a></th><td>{{len .Grades}}</td>` +
	`<td>{{printf "%.1f%%" .Average}}</td></tr>
{{end}}</tbody></table></body></html>
`))

func portal(grading string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, err := http.Get(grading + "/students")
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer answer.Body.Close()
		var students []student
		if err := json.NewDecoder(answer.Body).Decode(&students); err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		io.Copy(io.Discard, answer.Body) // to its end, or the connection would not be used again
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if err := page.Execute(w, students); err != nil {
			log.Print(err)
		}
	})
}

func upstream(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		io.WriteString(w, strconv.FormatInt(n, 10))
		return
	}
	left, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
	w.Header().Set("Content-Length", strconv.Itoa(left))
	piece := make([]byte, 64<<10)
	for left > 0 {
		if left < len(piece) {
			piece = piece[:left]
		}
		n, err := w.Write(piece)
		if err != nil {
			return
		}
		left -= n
	}
}

func main() {
	handlers := map[string]func() http.Handler{
		"proxy":    func() http.Handler { return proxy(os.Args[3]) },
		"portal":   func() http.Handler { return portal(os.Args[3]) },
		"upstream": func() http.Handler { return http.HandlerFunc(upstream) },
	}
	log.Fatal(http.ListenAndServe(os.Args[2], handlers[os.Args[1]]()))
}
