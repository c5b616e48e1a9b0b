package e2e_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

var (
	split      = flag.Bool("split", false, "run gateway, tracking and crm as three processes")
	fixes      = flag.Int("crash-fixes", 3_000, "how many fixes the crash test sends")
	clients    = flag.Int("crash-clients", 20, "how many clients send them")
	kills      = flag.Int("crash-kills", 6, "how often the crash test kills a process of the server or of PostgreSQL")
	seed       = flag.Uint64("crash-seed", 1, "which fleet sends them, in which disorder")
	soakTexts  = flag.Int("soak-texts", 300, "how many texts come in the soak of the modems")
	soakKills  = flag.Int("soak-kills", 2, "how often the gateway is killed in it")
	soakSeed   = flag.Uint64("soak-seed", 1, "which texts come in it, and what goes wrong with the modems")
	soakFaults = flag.Duration("soak-faults", time.Second, "how often something goes wrong with each modem in it")
	soakAway   = flag.Duration("soak-away", 0, "how long PostgreSQL is away under the load of texts; 0: until the SIMs are told to fill up")

	sendTexts = flag.Int("send-texts", 60, "how many texts the test of sending sends")
	sendKills = flag.Int("send-kills", 3, "how often the test of sending kills the gateway")
	shots     = flag.String("screenshots", "", "directory to keep screenshots of the pages in: docs/images")
)

// program is the path of the waybill that is tested.
var program string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "waybill-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program = filepath.Join(dir, "waybill")
	args := []string{"build", "-o", program}
	if raceDetector {
		args = append(args, "-race")
	}
	build := exec.CommandContext(context.Background(), "go", append(args, "waybill/cmd/waybill")...)
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build waybill:", err)
		return 1
	}
	return m.Run()
}
