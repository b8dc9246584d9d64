// The peer of the grade book in the benchmark: the same students over net/http, kept in memory only.
//
//	main ADDRESS
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
)

type grade struct {
	Title string
	Type  string
	Score float64
	ID    int
}

type student struct {
	ID                  int
	FirstName, LastName string
	Grades              []grade
}

type book struct {
	sync.RWMutex
	students []*student
	byID     map[int]*student
	nextID   int
}

func newBook() *book {
	b := &book{byID: map[int]*student{}}
	names := [][2]string{{"Nick", "Carter"}, {"Roberto", "Baggio"}, {"Emma", "Stone"}, {"zhangsan", "san"},
		{"xiaoqiao", "qiao"}}
	for i, n := range names {
		s := &student{ID: i + 1, FirstName: n[0], LastName: n[1]}
		for _, g := range []grade{{"Quiz 1", "Quiz", 85, 0}, {"Final Exam", "Exam", 94, 0}, {"Quiz 2", "Quiz", 82, 0}} {
			b.nextID++
			g.ID = b.nextID
			s.Grades = append(s.Grades, g)
		}
		b.students = append(b.students, s)
		b.byID[s.ID] = s
	}
	return b
}

func write(w http.ResponseWriter, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(text)
}

func (b *book) list(w http.ResponseWriter, r *http.Request) {
	b.RLock()
	defer b.RUnlock()
	write(w, http.StatusOK, b.students)
}

func (b *book) one(w http.ResponseWriter, r *http.Request) {
	id, what, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/students/"), "/")
	number, err := strconv.Atoi(id)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	switch {
	case what == "" && r.Method == http.MethodGet:
		b.RLock()
		defer b.RUnlock()
		if s, known := b.byID[number]; known {
			write(w, http.StatusOK, s)
			return
		}
	case what == "grades" && r.Method == http.MethodPost:
		var g grade
		if err := json.NewDecoder(r.Body).Decode(&g); err != nil || g.Title == "" || g.Score < 0 || g.Score > 100 {
			http.Error(w, "not a grade", http.StatusBadRequest)
			return
		}
		b.Lock()
		s, known := b.byID[number]
		if known {
			b.nextID++
			g.ID = b.nextID
			s.Grades = append(s.Grades, g)
		}
		b.Unlock()
		if known {
			w.Header().Set("Location", r.URL.Path+"/"+strconv.Itoa(g.ID))
			write(w, http.StatusCreated, g)
			return
		}
	}
	http.NotFound(w, r)
}

func main() {
	b := newBook()
	http.HandleFunc("/students", b.list)
	http.HandleFunc("/students/", b.one)
	log.Fatal(http.ListenAndServe(os.Args[1], nil))
}
