// The most expensive handshakes that a client can ask for, to find out for how long one of them holds a server's loop:
// those that clients make by themselves, and hellos as no client makes them.
package main

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const maxHello = 8 * 1024 // distd refuses longer ones

const (
	x25519 = 0x1d
	p256   = 0x17
	p384   = 0x18
)

// What all threads of a process have run.
func ranFor(pid string) time.Duration {
	threads, _ := filepath.Glob("/proc/" + pid + "/task/*/schedstat")
	var sum int
	for _, file := range threads {
		if text, err := os.ReadFile(file); err == nil {
			sum += number(strings.Fields(string(text))[0])
		}
	}
	return time.Duration(sum)
}

// ---- hellos by hand

func sized(lengthBytes int, content []byte) []byte {
	length := make([]byte, 8)
	binary.BigEndian.PutUint64(length, uint64(len(content)))
	return append(length[8-lengthBytes:], content...)
}

func two(values ...int) []byte {
	var out []byte
	for _, v := range values {
		out = append(out, byte(v>>8), byte(v))
	}
	return out
}

func extension(kind int, content []byte) []byte { return append(two(kind), sized(2, content)...) }

func random(n int) []byte {
	out := make([]byte, n)
	rand.Read(out)
	return out
}

type hello struct {
	groups  []byte
	shares  []byte
	suites  []byte
	tickets [][]byte
}

func share(group int, key []byte) []byte { return append(two(group), sized(2, key)...) }

// As one record.
func (h hello) record() []byte {
	suites := h.suites
	if suites == nil {
		suites = two(0x1301, 0x1302, 0x1303)
	}
	extensions := bytes.Join([][]byte{
		extension(43, sized(1, two(0x0304))), // TLS 1.3
		extension(10, sized(2, h.groups)),
		extension(13, sized(2, two(0x0403, 0x0804, 0x0805, 0x0806))), // signatures
		extension(51, sized(2, h.shares)),
		extension(45, sized(1, []byte{1})), // tickets count with a new exchange of keys
	}, nil)
	if h.tickets != nil {
		var identities []byte
		for _, ticket := range h.tickets {
			identities = append(append(identities, sized(2, ticket)...), 0, 0, 0, 0)
		}
		extensions = append(extensions, extension(41, append(sized(2, identities), sized(2, sized(1, random(32)))...))...)
	}
	body := bytes.Join([][]byte{{3, 3}, random(32), sized(1, random(32)), sized(2, suites), {1, 0}, sized(2, extensions)}, nil)
	return append([]byte{22, 3, 1}, sized(2, append([]byte{1}, sized(3, body)...))...)
}

// As many groups and shares as fit, of which none fits another; the server asks for another hello then.
func manyGroups(room int) hello {
	var h hello
	for i := 0; i < room/4; i++ {
		h.groups = append(h.groups, two(0x3000+i)...)
	}
	h.groups = append(h.groups, two(x25519, p384)...)
	for i := 0; i < room/2/5; i++ {
		h.shares = append(h.shares, share(p384, []byte{'x'})...)
	}
	return h
}

func manySuites(room int) hello {
	h := hello{groups: two(x25519), shares: share(x25519, random(32))}
	for i := 0; i < room/2; i++ {
		h.suites = append(h.suites, two(0xd000+i)...)
	}
	h.suites = append(h.suites, two(0x1301)...)
	return h
}

// Tickets with a name that the server's own have, so that it looks whether their seal fits.
func manyTickets(room int, name []byte, size int) hello {
	h := hello{groups: two(x25519, p256), shares: share(x25519, random(32))}
	for n := 0; n < room/(size+6); n++ {
		h.tickets = append(h.tickets, append(append([]byte{}, name...), random(size-len(name))...))
	}
	return h
}

// Says one after the other, each once the one before was answered.
func sayAll(port string, records ...[]byte) {
	connection, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(5 * time.Second))
	answer := make([]byte, 65536)
	for _, record := range records {
		if _, err := connection.Write(record); err != nil {
			return
		}
		if _, err := connection.Read(answer); err != nil {
			return
		}
	}
}

// ---- the server's ticket key

type overheard struct {
	net.Conn
	bytes.Buffer
}

func (o *overheard) Read(to []byte) (int, error) {
	n, err := o.Conn.Read(to)
	o.Buffer.Write(to[:n])
	return n, err
}
func (o *overheard) Write(from []byte) (int, error) { return o.Conn.Write(from) }

// In TLS 1.2 a ticket is sent in clear text, and begins with it. There the groups are for certificates, too.
func ticketKeyName(port string, c *tls.Config) []byte {
	c = c.Clone()
	c.MaxVersion = tls.VersionTLS12
	c.CurvePreferences = []tls.CurveID{tls.X25519, tls.CurveP256}
	c.ClientSessionCache = tls.NewLRUClientSessionCache(1)
	connection, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	o := &overheard{Conn: connection}
	if err := tls.Client(o, c).Handshake(); err != nil {
		log.Fatal(err)
	}
	for rest := o.Bytes(); len(rest) > 5; {
		size := int(binary.BigEndian.Uint16(rest[3:]))
		if message := rest[5 : 5+size]; rest[0] == 22 && message[0] == 4 {
			return message[10:26]
		}
		rest = rest[5+size:]
	}
	log.Fatal("no ticket was sent")
	return nil
}

// ---- all of them

func handshake(port string, c *tls.Config) {
	connection, err := tls.Dial("tcp", "127.0.0.1:"+port, c)
	if err != nil {
		return // what is refused is asked for, too
	}
	fmt.Fprint(connection, "GET /heartbeat HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
	io.Copy(io.Discard, connection)
	connection.Close()
}

func kinds(port string, c *tls.Config) map[string]func() {
	all := map[string]func(){}
	of := func(name string, version uint16, curves ...tls.CurveID) {
		one := c.Clone()
		one.MinVersion, one.MaxVersion, one.CurvePreferences = version, version, curves
		all[name] = func() { handshake(port, one) }
	}
	for _, curve := range []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384, tls.CurveP521} {
		of(fmt.Sprint("TLS_1.2_", curve), tls.VersionTLS12, curve, tls.CurveP256)
		of(fmt.Sprint("TLS_1.3_", curve), tls.VersionTLS13, curve)
	}
	of("TLS_1.3_asked_again_X25519", tls.VersionTLS13, tls.CurveP384, tls.X25519)
	of("TLS_1.3_asked_again_P-256", tls.VersionTLS13, tls.CurveP384, tls.CurveP256)
	for name, group := range map[string]int{"X448": 0x1e, "ffdhe2048": 0x100, "ffdhe8192": 0x104} {
		record := hello{groups: two(group), shares: share(group, random(1024))}.record()
		all["TLS_1.3_"+name] = func() { sayAll(port, record) }
	}

	const room = maxHello - 300
	name := ticketKeyName(port, c)
	raw := func(name string, hellos ...hello) {
		var records [][]byte
		for _, h := range hellos {
			records = append(records, h.record())
		}
		all[name] = func() { sayAll(port, records...) }
	}
	raw("many_suites", manySuites(room))
	for _, size := range []int{32, 100} {
		raw(fmt.Sprint("many_tickets_of_", size), manyTickets(room, name, size))
		raw(fmt.Sprint("many_groups_then_many_tickets_of_", size), manyGroups(room), manyTickets(room, name, size))
	}
	return all
}

func worst(port string, c *tls.Config, pid string, count int) {
	for name, ask := range kinds(port, c) {
		ask()
		before := ranFor(pid)
		for i := 0; i < count; i++ {
			ask()
		}
		fmt.Println(name, float64((ranFor(pid)-before).Microseconds())/float64(count)/1000)
	}
}
