package e2e_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"waybill/internal/access"
	crmv1 "waybill/proto/waybill/crm/v1"
	trackingv1 "waybill/proto/waybill/tracking/v1"
)

// TestEveryListenerSpeaksTLS runs all faces with a certificate, and the clients that
// people use against them.
func TestEveryListenerSpeaksTLS(t *testing.T) {
	t.Parallel()
	if *split {
		t.Skip("the listeners are the same in each process; one has them all")
	}
	dir := reachableDir(t)
	cert, key := selfSigned(t, dir)
	s := &stack{dir: dir, http: freeAddress(t), grpc: freeAddress(t), mqtt: freeAddress(t)}
	args := []string{"serve", "--no-gazetteer", "--data-dir", s.data(), "--http-address", s.http, "--grpc-address", s.grpc, "--mqtt-address", s.mqtt}
	for _, face := range []string{"http", "grpc", "mqtt"} {
		args = append(args, "--"+face+"-tls-cert", cert, "--"+face+"-tls-key", key)
	}
	server := launch(t, args...)
	t.Cleanup(func() { require.NoError(t, server.stop()) })
	admin := s.token(t, "admin")

	trusted, err := credentials.NewClientTLSFromFile(cert, "")
	require.NoError(t, err)
	conn, err := grpc.NewClient(s.grpc, grpc.WithTransportCredentials(trusted), grpc.WithPerRPCCredentials(access.Bearer{Secret: admin}))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	devices := trackingv1.NewDeviceServiceClient(conn)
	_, err = devices.CreateDevice(t.Context(), &trackingv1.CreateDeviceRequest{DeviceId: "unit-1", Device: &trackingv1.Device{}})
	require.NoError(t, err)
	issued, err := devices.RotateDeviceCredential(t.Context(), &trackingv1.RotateDeviceCredentialRequest{Name: "devices/unit-1"})
	require.NoError(t, err)

	host, port, err := net.SplitHostPort(s.mqtt)
	require.NoError(t, err)
	out, err := output(exec.CommandContext(t.Context(), need(t, "mosquitto_pub"), "-h", host, "-p", port, "--cafile", cert, "-q", "1",
		"-u", "unit-1", "-P", issued.GetPassword(), "-t", "owntracks/unit-1/x", "-m", ownTracks(time.Now(), 121, 31)))
	require.NoError(t, err, out)

	out, err = output(exec.CommandContext(t.Context(), need(t, "curl"), "--silent", "--fail-with-body", "--cacert", cert,
		"-H", "Authorization: Bearer "+admin, "https://"+s.http+"/v1/devices/unit-1/position"))
	require.NoError(t, err, out)
	require.Contains(t, out, "121")

	// A link begins with what its pages are served by.
	customers := crmv1.NewCustomerServiceClient(conn)
	_, err = customers.CreateCustomer(t.Context(), &crmv1.CreateCustomerRequest{CustomerId: "acme", Customer: &crmv1.Customer{DisplayName: "Acme"}})
	require.NoError(t, err)
	order, err := crmv1.NewOrderServiceClient(conn).CreateOrder(t.Context(), &crmv1.CreateOrderRequest{Order: &crmv1.Order{Customer: "customers/acme"}})
	require.NoError(t, err)
	link, err := crmv1.NewTrackingLinkServiceClient(conn).CreateTrackingLink(t.Context(), &crmv1.CreateTrackingLinkRequest{Parent: order.GetOrder().GetName()})
	require.NoError(t, err)
	require.Contains(t, link.GetUri(), "https://"+s.http+"/t/")
}

// selfSigned makes a certificate for the loopback that vouches for itself.
func selfSigned(t *testing.T, dir string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "waybill test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	require.NoError(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}), 0o600))
	require.NoError(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
	return cert, key
}
