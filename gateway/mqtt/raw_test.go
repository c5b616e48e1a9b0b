package mqtt_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"io"
	"math/big"
	"net"
	"os"
	"testing"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"
	"github.com/stretchr/testify/require"

	"waybill/gateway/mqtt"
)

// dial opens a plain connection to the endpoint.
func (r *rig) dial(t *testing.T) net.Conn {
	t.Helper()
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", r.endpoint.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(patienceOfTests)))
	return c
}

func text(s string) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(s))), s...) //nolint:gosec // short
}

// write sends a packet of MQTT 3.1.1 whose body is below 16 kB.
func write(t *testing.T, c io.Writer, first byte, parts ...[]byte) {
	t.Helper()
	var body []byte
	for _, p := range parts {
		body = append(body, p...)
	}
	n := len(body)
	_, err := c.Write(append([]byte{first, byte(n&0x7f) | 0x80, byte(n >> 7 & 0x7f)}, body...))
	require.NoError(t, err)
}

// read expects a packet of four bytes, as all acknowledgements are.
func read(t *testing.T, c io.Reader, want ...byte) {
	t.Helper()
	got := make([]byte, 4)
	_, err := io.ReadFull(c, got)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

// session connects as truck-1 with a session that is to be kept.
func (r *rig) session(t *testing.T) net.Conn {
	t.Helper()
	c := r.dial(t)
	write(t, c, 0x10, text("MQTT"), []byte{4, 0xc0, 0, 60}, text("same"), text("truck-1"), text(r.password))
	read(t, c, 0x20, 2, 0, 0)
	return c
}

func TestPacketIDOfAForgottenExchangeLosesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, mqtt.EndpointSettings{})
	for i := range 3 {
		c := r.session(t)
		// QoS 2 with packet id 1; the connection ends before PUBREL. The device forgets, and begins with 1 again.
		write(t, c, 0x34, text("owntracks/truck-1/x"), []byte{0, 1}, []byte(location(i)))
		read(t, c, 0x50, 2, 0, 1)
		require.Equal(t, i+1, r.stored(t))
		require.NoError(t, c.Close())
	}
}

func TestManyPublishesWithoutWaiting(t *testing.T) {
	t.Parallel()
	r := newRig(t, mqtt.EndpointSettings{})
	c := r.session(t)
	for i := range byte(50) {
		write(t, c, 0x32, text("owntracks/truck-1/x"), []byte{0, 1 + i}, []byte(location(int(i))))
	}
	for i := range byte(50) {
		read(t, c, 0x40, 2, 0, 1+i)
	}
	require.Equal(t, 50, r.stored(t))
}

// What is cut short ends its connection, and nobody else's.
func TestPacketsThatAreCutShort(t *testing.T) {
	t.Parallel()
	r := newRig(t, mqtt.EndpointSettings{})
	other := r.session(t)
	for _, version := range []byte{4, 5} {
		for _, first := range []byte{0x10, 0x32, 0x62, 0x82, 0xa2} {
			c := r.dial(t)
			if version == 5 {
				write(t, c, 0x10, text("MQTT"), []byte{5, 0xc2, 0, 60, 0}, text("cut"), text("truck-1"), text(r.password))
				receive(t, c, packets.Connack)
			} else {
				write(t, c, 0x10, text("MQTT"), []byte{4, 0xc2, 0, 60}, text("cut"), text("truck-1"), text(r.password))
				read(t, c, 0x20, 2, 0, 0)
			}
			write(t, c, first, []byte{0, 1, 0, 0, 1, 'a'}[:4+int(version&1)*2])
			_ = c.(*net.TCPConn).CloseWrite() //nolint:errcheck,forcetypeassert // it is one
			_, _ = io.ReadAll(c)
		}
	}
	write(t, other, 0x32, text("owntracks/truck-1/x"), []byte{0, 1}, []byte(location(0)))
	read(t, other, 0x40, 2, 0, 1)
}

func TestStrangersAreBounded(t *testing.T) {
	t.Parallel()
	r := newRig(t, mqtt.EndpointSettings{ConnectTimeout: 50 * time.Millisecond})
	ends(t, r.dial(t)) // it never says who it is
	huge := r.dial(t)
	_, err := huge.Write([]byte{0x10, 0xff, 0xff, 0xff, 0x7f}) // CONNECT of 256 MB
	require.NoError(t, err)
	ends(t, huge)
	babble := r.dial(t)
	_, err = babble.Write([]byte("GET / HTTP/1.1\r\n\r\n"))
	require.NoError(t, err)
	ends(t, babble)
}

// ends expects that the server closes the connection.
func ends(t *testing.T, c net.Conn) {
	t.Helper()
	_, err := c.Read(make([]byte, 1))
	require.Error(t, err)
	require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
}

func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	r := newRig(t, mqtt.EndpointSettings{MaxConnections: 2})
	first := r.session(t)
	second := r.dial(t)
	write(t, second, 0x10, text("MQTT"), []byte{4, 0xc2, 0, 60}, text("other"), text("truck-1"), text(r.password))
	read(t, second, 0x20, 2, 0, 0)
	ends(t, r.dial(t)) // one too many
	write(t, first, 0x32, text("owntracks/truck-1/x"), []byte{0, 1}, []byte(location(0)))
	read(t, first, 0x40, 2, 0, 1)
}

func TestTLS(t *testing.T) {
	t.Parallel()
	certificate, pool := selfSigned(t)
	r := newRig(t, mqtt.EndpointSettings{TLS: &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}})
	o := r.options()
	o.Servers = nil
	client := connect(t, o.AddBroker("ssl://"+r.endpoint.Addr().String()).SetTLSConfig(&tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}))
	await(t, client.Publish("owntracks/truck-1/phone", 1, false, location(0)))
	require.Equal(t, 1, r.stored(t))
}

func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	parsed, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}
