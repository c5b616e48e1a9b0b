package e2e_test

import (
	"encoding/json"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// need skips the test where a program that people use is not installed.
func need(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed; scripts/setup test installs it", name)
	}
	return path
}

// mosquittoPub publishes as Debian's client does, and returns when it has its
// acknowledgement.
func (w *world) mosquittoPub(t *testing.T, args ...string) {
	t.Helper()
	out, err := w.tryMosquittoPub(t, args...)
	require.NoError(t, err, out)
}

func (w *world) tryMosquittoPub(t *testing.T, args ...string) (string, error) {
	t.Helper()
	host, port, err := net.SplitHostPort(w.mqtt)
	require.NoError(t, err)
	args = append([]string{"-h", host, "-p", port}, args...)
	return output(exec.CommandContext(t.Context(), need(t, "mosquitto_pub"), args...))
}

// publish sends one OwnTracks message with QoS 1 as the world's device.
func (w *world) publish(t *testing.T, payload string) {
	t.Helper()
	w.mosquittoPub(t, "-q", "1", "-u", w.device, "-P", w.password, "-t", "owntracks/"+w.device+"/phone", "-m", payload)
}

// ownTracks is a location message of OwnTracks.
func ownTracks(at time.Time, lon, lat float64) string {
	return fmt.Sprintf(`{"_type":"location","tst":%d,"lat":%s,"lon":%s,"acc":8,"vel":54,"cog":90,"batt":80}`,
		at.Unix(), decimal(lat), decimal(lon))
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// grpcurl is the path of the program that calls gRPC from a shell, which is built
// first.
func grpcurl(t *testing.T) string {
	t.Helper()
	out, err := output(exec.CommandContext(t.Context(), "go", "tool", "-modfile=../../tools/go.mod", "-n", "grpcurl"))
	require.NoError(t, err)
	return strings.TrimSpace(out)
}

// call calls a method by reflection, as people do from a shell.
func (s *stack) call(t *testing.T, grpcurl, token, method, request string, answer any) {
	t.Helper()
	out, err := output(exec.CommandContext(t.Context(), grpcurl, "-plaintext",
		"-H", "authorization: Bearer "+token, "-d", request, s.grpc, method))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal([]byte(out), answer))
}

// curl fetches a path of the REST face as people do from a shell.
func (s *stack) curl(t *testing.T, token, path string, answer any) {
	t.Helper()
	out, err := output(exec.CommandContext(t.Context(), need(t, "curl"), "--silent", "--show-error", "--fail-with-body",
		"-H", "Authorization: Bearer "+token, "http://"+s.http+path))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal([]byte(out), answer))
}

// rejected lists the rejected input as the command shows it to a program.
func (s *stack) rejected(t *testing.T) []rejectedInput {
	t.Helper()
	var all []rejectedInput
	for line := range strings.Lines(s.waybill(t, "device", "rejected", "--json")) {
		var one rejectedInput
		require.NoError(t, json.Unmarshal([]byte(line), &one), line)
		all = append(all, one)
	}
	return all
}

// rejectedInput is a line of `waybill device rejected --json`.
type rejectedInput struct {
	Source, Sender, Reason, Detail, Topic string
	Count                                 int
}

// locationAnswer is what REST and grpcurl answer for an order's location.
type locationAnswer struct {
	Location struct {
		Status    string
		Shipments []struct {
			Stage, Freshness string
			Point            *struct{ Longitude, Latitude float64 }
			Place            struct{ Kind, DisplayName, Name string }
			NextStop         *struct{ DisplayName string }
		}
	}
}
