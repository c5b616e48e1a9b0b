package fleet

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

const (
	keepAlive = 60 // seconds
	// answerWithin is how long the endpoint may take to answer anything.
	answerWithin = 30 * time.Second

	// Packets (MQTT 3.1.1, 2.2.1) with their flags.
	typeConnect    = 0x10
	typePublishQoS = 0x32 // PUBLISH with QoS 1
	typeDisconnect = 0xe0
)

// errRefused says that the endpoint does not know the device or its password.
var errRefused = errors.New("the endpoint refused the device's name or password")

// session is a connection of a device by MQTT 3.1.1 that has one message under way at
// most. A client of a library costs many times of what is measured here, in memory and
// in time; the endpoint can't tell the two apart.
type session struct {
	conn net.Conn
	in   *bufio.Reader
	id   uint16
	out  []byte // of the packet being written; kept for the next
}

// connect opens a session.
func connect(ctx context.Context, address string, device Device) (*session, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	s := &session{conn: conn, in: bufio.NewReaderSize(conn, 16)}
	if err := s.hello(device); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("connect %s: %w", device.ID, err)
	}
	return s, nil
}

func (s *session) hello(device Device) error {
	const cleanWithNameAndPassword = 0xc2
	body := appendText(nil, "MQTT")
	body = append(body, 4, cleanWithNameAndPassword, 0, keepAlive)
	for _, text := range []string{"bench-" + device.ID, device.ID, device.Password} {
		body = appendText(body, text)
	}
	s.out = append(appendLength(append(s.out[:0], typeConnect), len(body)), body...)
	answer, err := s.exchange(4)
	if err != nil {
		return err
	}
	switch answer[3] { // 3.2.2.3
	case 0:
		return nil
	case 4, 5:
		return errRefused
	default:
		return fmt.Errorf("the endpoint refused the connection with code %d", answer[3])
	}
}

// publish sends a message with QoS 1 and returns when it is acknowledged.
func (s *session) publish(topic string, payload []byte) error {
	s.id++
	if s.id == 0 {
		s.id = 1
	}
	s.out = appendLength(append(s.out[:0], typePublishQoS), 2+len(topic)+2+len(payload))
	s.out = appendText(s.out, topic)
	s.out = binary.BigEndian.AppendUint16(s.out, s.id)
	s.out = append(s.out, payload...)
	answer, err := s.exchange(4)
	if err != nil {
		return err
	}
	if id := binary.BigEndian.Uint16(answer[2:]); id != s.id {
		return fmt.Errorf("message %d was acknowledged where %d was expected", id, s.id)
	}
	return nil
}

// exchange writes the packet and reads an answer of so many bytes.
func (s *session) exchange(size int) ([4]byte, error) {
	var answer [4]byte
	if err := s.conn.SetDeadline(time.Now().Add(answerWithin)); err != nil {
		return answer, err
	}
	if _, err := s.conn.Write(s.out); err != nil {
		return answer, err
	}
	_, err := io.ReadFull(s.in, answer[:size])
	return answer, err
}

// close says that the session ends as it should.
func (s *session) close() {
	_, _ = s.conn.Write([]byte{typeDisconnect, 0})
	_ = s.conn.Close()
}

func appendText(b []byte, text string) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(len(text))) //nolint:gosec // names are short
	return append(b, text...)
}

// appendLength appends a packet's remaining length (MQTT 3.1.1, 2.2.3).
func appendLength(b []byte, n int) []byte {
	for n > 0x7f {
		b = append(b, byte(n)|0x80)
		n >>= 7
	}
	return append(b, byte(n)) //nolint:gosec // it is below 128
}
