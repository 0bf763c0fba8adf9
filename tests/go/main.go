// A server and a client of the loopback, in Go: the runtime of somebody else, with its own ideas of how Winsock is used
// (AcceptEx and GetAcceptExSockaddrs from mswsock.dll, one completion port for all sockets, cancelling by CancelIoEx).
// Each check prints a line of TAP. Everything that may take time ends by the context's deadline, so that a failure is a
// line and not a program that hangs.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Long enough for a machine that is busy with other things; no check waits for it to pass.
const patience = 60 * time.Second

type check struct {
	name string
	run  func(family string) error
}

var checks = []check{
	{"tcp-echo", tcpEcho},
	{"tcp-addresses", tcpAddresses},
	{"tcp-many-connections", tcpMany},
	{"tcp-large", tcpLarge},
	{"tcp-half-close", tcpHalfClose},
	{"tcp-read-deadline", tcpReadDeadline},
	{"tcp-write-deadline", tcpWriteDeadline},
	{"tcp-accept-deadline", tcpAcceptDeadline},
	{"tcp-close-while-reading", tcpCloseWhileReading},
	{"tcp-close-while-accepting", tcpCloseWhileAccepting},
	{"tcp-refused", tcpRefused},
	{"tcp-file", tcpFile},
	{"udp-both-ways", udpBothWays},
	{"udp-connected", udpConnected},
	{"udp-messages", udpMessages},
	{"udp-read-deadline", udpReadDeadline},
	{"udp-close-while-reading", udpCloseWhileReading},
}

func loopback(family string) string {
	if family == "6" {
		return "[::1]:0"
	}
	return "127.0.0.1:0"
}

func listen(family string) (*net.TCPListener, error) {
	listener, err := net.Listen("tcp"+family, loopback(family))
	if err != nil {
		return nil, err
	}
	return listener.(*net.TCPListener), nil
}

func packets(family string) (*net.UDPConn, error) {
	conn, err := net.ListenPacket("udp"+family, loopback(family))
	if err != nil {
		return nil, err
	}
	return conn.(*net.UDPConn), conn.SetDeadline(time.Now().Add(patience))
}

// A connection, both ends.
func pair(family string) (client, server *net.TCPConn, err error) {
	listener, err := listen(family)
	if err != nil {
		return nil, nil, err
	}
	defer listener.Close()
	listener.SetDeadline(time.Now().Add(patience))
	dialled, err := net.DialTimeout("tcp"+family, listener.Addr().String(), patience)
	if err != nil {
		return nil, nil, err
	}
	accepted, err := listener.Accept()
	if err != nil {
		dialled.Close()
		return nil, nil, err
	}
	dialled.SetDeadline(time.Now().Add(patience))
	accepted.SetDeadline(time.Now().Add(patience))
	return dialled.(*net.TCPConn), accepted.(*net.TCPConn), nil
}

func expect(what string, got, wanted interface{}) error {
	if got == wanted {
		return nil
	}
	return fmt.Errorf("%s is %v, expected %v", what, got, wanted)
}

func expectRead(from io.Reader, wanted []byte) error {
	got := make([]byte, len(wanted))
	if _, err := io.ReadFull(from, got); err != nil {
		return err
	}
	if !bytes.Equal(got, wanted) {
		return errors.New("other bytes came than were sent")
	}
	return nil
}

func expectTimeout(err error) error {
	var timeout net.Error
	if !errors.As(err, &timeout) || !timeout.Timeout() || !errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("expected a deadline exceeded, got %v", err)
	}
	return nil
}

// An end that another goroutine is told of; nil where it does not come.
func within(what string, ended <-chan error) error {
	select {
	case err := <-ended:
		return err
	case <-time.After(patience):
		return errors.New(what + " does not end")
	}
}

func echoOnce(family string, address string, text []byte) error {
	conn, err := net.DialTimeout("tcp"+family, address, patience)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	if _, err = conn.Write(text); err != nil {
		return err
	}
	return expectRead(conn, text)
}

// Echoes each connection in a goroutine of its own, until the listener is closed.
func serve(listener *net.TCPListener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			io.Copy(conn, conn)
		}()
	}
}

func tcpEcho(family string) error {
	listener, err := listen(family)
	if err != nil {
		return err
	}
	defer listener.Close()
	go serve(listener)
	return echoOnce(family, listener.Addr().String(), []byte("echo"))
}

// AcceptEx leaves both addresses in a buffer that GetAcceptExSockaddrs reads.
func tcpAddresses(family string) error {
	client, server, err := pair(family)
	if err != nil {
		return err
	}
	defer client.Close()
	defer server.Close()
	if err = expect("the accepted socket's address", server.LocalAddr().String(), client.RemoteAddr().String()); err != nil {
		return err
	}
	return expect("its peer's", server.RemoteAddr().String(), client.LocalAddr().String())
}

func tcpMany(family string) error {
	const clients, rounds = 32, 8
	listener, err := listen(family)
	if err != nil {
		return err
	}
	defer listener.Close()
	go serve(listener)
	failures := make(chan error, clients)
	var group sync.WaitGroup
	for i := 0; i < clients; i++ {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			for round := 0; round < rounds; round++ {
				text := bytes.Repeat([]byte(fmt.Sprintf("%d/%d ", i, round)), 100)
				if err := echoOnce(family, listener.Addr().String(), text); err != nil {
					failures <- err
					return
				}
			}
		}(i)
	}
	group.Wait()
	close(failures)
	return <-failures
}

func pattern(size int) []byte {
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(i * 7 >> 3)
	}
	return data
}

// More than the buffers of both ends hold: writing is pending while reading goes on.
func tcpLarge(family string) error {
	client, server, err := pair(family)
	if err != nil {
		return err
	}
	defer client.Close()
	defer server.Close()
	data := pattern(4 << 20)
	written := make(chan error, 1)
	go func() {
		_, err := client.Write(data)
		written <- err
	}()
	if err = expectRead(server, data); err != nil {
		return err
	}
	return within("writing", written)
}

func tcpHalfClose(family string) error {
	client, server, err := pair(family)
	if err != nil {
		return err
	}
	defer client.Close()
	defer server.Close()
	client.Write([]byte("question"))
	if err = client.CloseWrite(); err != nil {
		return err
	}
	question, err := io.ReadAll(server)
	if err != nil {
		return err
	}
	if err = expect("what came", string(question), "question"); err != nil {
		return err
	}
	server.Write([]byte("answer"))
	server.Close()
	answer, err := io.ReadAll(client)
	if err != nil {
		return err
	}
	return expect("what came back", string(answer), "answer")
}

// A deadline cancels the pending receive, and leaves a connection that works.
func tcpReadDeadline(family string) error {
	client, server, err := pair(family)
	if err != nil {
		return err
	}
	defer client.Close()
	defer server.Close()
	buffer := make([]byte, 16)
	for _, after := range []time.Duration{-time.Second, 20 * time.Millisecond} {
		server.SetReadDeadline(time.Now().Add(after))
		_, err = server.Read(buffer)
		if err = expectTimeout(err); err != nil {
			return err
		}
	}
	server.SetReadDeadline(time.Now().Add(patience))
	client.Write([]byte("late"))
	return expectRead(server, []byte("late"))
}

// Nobody reads: writing stops when all buffers are full.
func tcpWriteDeadline(family string) error {
	client, server, err := pair(family)
	if err != nil {
		return err
	}
	defer client.Close()
	defer server.Close()
	data := make([]byte, 1<<20)
	client.SetWriteDeadline(time.Now().Add(500 * time.Millisecond))
	for i := 0; i < 1024 && err == nil; i++ {
		_, err = client.Write(data)
	}
	return expectTimeout(err)
}

func tcpAcceptDeadline(family string) error {
	listener, err := listen(family)
	if err != nil {
		return err
	}
	defer listener.Close()
	listener.SetDeadline(time.Now().Add(20 * time.Millisecond))
	_, err = listener.Accept()
	if err = expectTimeout(err); err != nil {
		return err
	}
	listener.SetDeadline(time.Now().Add(patience))
	go serve(listener)
	return echoOnce(family, listener.Addr().String(), []byte("after the deadline"))
}

// Closes while another goroutine is inside `pending`, which has to end with net.ErrClosed.
func closeWhile(closer io.Closer, what string, pending func() error) error {
	ended := make(chan error, 1)
	go func() { ended <- pending() }()
	// Whether it is pending by then changes nothing in what it must say.
	time.Sleep(10 * time.Millisecond)
	if err := closer.Close(); err != nil {
		return err
	}
	if err := within(what, ended); !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("%s ends with %v", what, err)
	}
	return nil
}

func tcpCloseWhileReading(family string) error {
	client, server, err := pair(family)
	if err != nil {
		return err
	}
	defer client.Close()
	err = closeWhile(server, "reading", func() error {
		_, err := server.Read(make([]byte, 16))
		return err
	})
	if err != nil {
		return err
	}
	if _, err = client.Read(make([]byte, 16)); err == nil {
		return errors.New("the peer of what was closed receives something")
	}
	return nil
}

func tcpCloseWhileAccepting(family string) error {
	listener, err := listen(family)
	if err != nil {
		return err
	}
	return closeWhile(listener, "accepting", func() error {
		_, err := listener.Accept()
		return err
	})
}

func tcpRefused(family string) error {
	listener, err := listen(family)
	if err != nil {
		return err
	}
	address := listener.Addr().String()
	listener.Close()
	conn, err := net.DialTimeout("tcp"+family, address, patience)
	if err == nil {
		conn.Close()
		return errors.New("nobody listens, and a connection is made")
	}
	return nil
}

// From a file to a socket Go's io.Copy is TransmitFile.
func tcpFile(family string) error {
	client, server, err := pair(family)
	if err != nil {
		return err
	}
	defer client.Close()
	defer server.Close()
	data := pattern(300000)
	folder, err := os.MkdirTemp("", "wsplsp-go")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "file")
	if err = os.WriteFile(path, data, 0600); err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	written := make(chan error, 1)
	go func() {
		count, err := io.Copy(client, file)
		if err == nil {
			err = expect("what was copied", count, int64(len(data)))
		}
		client.CloseWrite()
		written <- err
	}()
	if err = expectRead(server, data); err != nil {
		return err
	}
	return within("copying", written)
}

func udpBothWays(family string) error {
	a, err := packets(family)
	if err != nil {
		return err
	}
	defer a.Close()
	b, err := packets(family)
	if err != nil {
		return err
	}
	defer b.Close()
	buffer := make([]byte, 2000)
	for i := 0; i < 20; i++ {
		if _, err = a.WriteTo([]byte("there"), b.LocalAddr()); err != nil {
			return err
		}
		count, from, err := b.ReadFrom(buffer)
		if err != nil {
			return err
		}
		if err = expect("what came", string(buffer[:count]), "there"); err != nil {
			return err
		}
		if err = expect("where it came from", from.String(), a.LocalAddr().String()); err != nil {
			return err
		}
		if _, err = b.WriteTo([]byte("and back"), from); err != nil {
			return err
		}
		if count, _, err = a.ReadFrom(buffer); err != nil {
			return err
		}
		if err = expect("what came back", string(buffer[:count]), "and back"); err != nil {
			return err
		}
	}
	return nil
}

func udpConnected(family string) error {
	server, err := packets(family)
	if err != nil {
		return err
	}
	defer server.Close()
	client, err := net.Dial("udp"+family, server.LocalAddr().String())
	if err != nil {
		return err
	}
	defer client.Close()
	client.SetDeadline(time.Now().Add(patience))
	buffer := make([]byte, 100)
	if _, err = client.Write([]byte("connected")); err != nil {
		return err
	}
	count, from, err := server.ReadFrom(buffer)
	if err != nil {
		return err
	}
	if _, err = server.WriteTo(buffer[:count], from); err != nil {
		return err
	}
	return expectRead(client, []byte("connected"))
}

// WSASendMsg and WSARecvMsg.
func udpMessages(family string) error {
	a, err := packets(family)
	if err != nil {
		return err
	}
	defer a.Close()
	b, err := packets(family)
	if err != nil {
		return err
	}
	defer b.Close()
	if _, _, err = a.WriteMsgUDP([]byte("message"), nil, b.LocalAddr().(*net.UDPAddr)); err != nil {
		return err
	}
	buffer := make([]byte, 100)
	count, _, _, from, err := b.ReadMsgUDP(buffer, nil)
	if err != nil {
		return err
	}
	if err = expect("what came", string(buffer[:count]), "message"); err != nil {
		return err
	}
	return expect("where it came from", from.String(), a.LocalAddr().String())
}

func udpReadDeadline(family string) error {
	conn, err := packets(family)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	_, _, err = conn.ReadFrom(make([]byte, 16))
	if err = expectTimeout(err); err != nil {
		return err
	}
	conn.SetReadDeadline(time.Now().Add(patience))
	conn.WriteTo([]byte("self"), conn.LocalAddr())
	buffer := make([]byte, 16)
	count, _, err := conn.ReadFrom(buffer)
	if err != nil {
		return err
	}
	return expect("what came", string(buffer[:count]), "self")
}

func udpCloseWhileReading(family string) error {
	conn, err := packets(family)
	if err != nil {
		return err
	}
	return closeWhile(conn, "reading", func() error {
		_, _, err := conn.ReadFrom(make([]byte, 16))
		return err
	})
}

func main() {
	status, number := 0, 0
	fmt.Printf("1..%d\n", 2*len(checks))
	for _, family := range []string{"4", "6"} {
		for _, check := range checks {
			number++
			if err := check.run(family); err != nil {
				status = 1
				fmt.Printf("not ok %d - %s/%s\n# %v\n", number, check.name, family, err)
			} else {
				fmt.Printf("ok %d - %s/%s\n", number, check.name, family)
			}
		}
	}
	os.Exit(status)
}
