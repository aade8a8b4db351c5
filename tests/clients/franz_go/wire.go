// Single requests in a version of choice, encoded and decoded by franz-go's kmsg.
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

const wireTimeout = 30 * time.Second

type wire struct {
	conn        net.Conn
	formatter   *kmsg.RequestFormatter
	correlation int32
	isTrusted   bool // answers are not compared with what kmsg writes, which takes time
}

func dial(address string) (*wire, error) {
	conn, err := net.DialTimeout("tcp", address, wireTimeout)
	if err != nil {
		return nil, err
	}
	return &wire{conn: conn,
		formatter: kmsg.NewRequestFormatter(kmsg.FormatterClientID("franz-go"))}, nil
}

func (w *wire) send(request kmsg.Request, version int16) error {
	if version > request.MaxVersion() {
		return fmt.Errorf("kmsg knows API %d up to version %d", request.Key(), request.MaxVersion())
	}
	request.SetVersion(version)
	w.correlation++
	if err := w.conn.SetDeadline(time.Now().Add(wireTimeout)); err != nil {
		return err
	}
	_, err := w.conn.Write(w.formatter.AppendRequest(nil, request, w.correlation))
	return err
}

// The body of the next answer, behind its header; io.EOF where the server closed the connection.
func (w *wire) receive(isFlexible bool) ([]byte, error) {
	var size [4]byte
	if _, err := io.ReadFull(w.conn, size[:]); err != nil {
		return nil, err
	}
	frame := make([]byte, binary.BigEndian.Uint32(size[:]))
	if _, err := io.ReadFull(w.conn, frame); err != nil {
		return nil, err
	}
	if got := int32(binary.BigEndian.Uint32(frame)); got != w.correlation {
		return nil, fmt.Errorf("an answer to request %d, want %d", got, w.correlation)
	}
	if !isFlexible {
		return frame[4:], nil
	}
	if frame[4] != 0 {
		return nil, fmt.Errorf("the header of the answer has %d tagged fields", frame[4])
	}
	return frame[5:], nil
}

// The answer to a request. That it encodes to the bytes that came says that none was left over and
// that each field has the form of its version.
func (w *wire) ask(request kmsg.Request, version int16) (kmsg.Response, error) {
	if err := w.send(request, version); err != nil {
		return nil, err
	}
	// The header of this one answer has the old form in every version (KIP-511).
	isApiVersions := request.Key() == int16(kmsg.ApiVersions)
	body, err := w.receive(request.IsFlexible() && !isApiVersions)
	if err != nil {
		return nil, err
	}
	answer := request.ResponseKind()
	answer.SetVersion(version)
	if err := answer.ReadFrom(body); err != nil {
		return nil, err
	}
	if w.isTrusted {
		return answer, nil
	}
	if again := answer.AppendTo(nil); !bytes.Equal(again, body) {
		return nil, fmt.Errorf("the answer is %x, which kmsg writes as %x", body, again)
	}
	return answer, nil
}
