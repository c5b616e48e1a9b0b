package e2e_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience bounds every wait for something that must come.
const patience = 90 * time.Second

// process is one running waybill.
type process struct {
	args  []string
	cmd   *exec.Cmd
	ready <-chan struct{}
	ended chan struct{}

	mu      sync.Mutex
	log     strings.Builder          // guarded by mu
	awaited map[string]chan struct{} // guarded by mu; closed and removed when a line has the text
}

// launch starts the program and waits until it says that it is ready.
func launch(t *testing.T, args ...string) *process {
	t.Helper()
	p := start(t, args...)
	p.awaitReady(t)
	return p
}

// start starts the program.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{args: args, ended: make(chan struct{})}
	p.ready = p.expect("msg=ready")
	p.cmd = exec.Command(program, args...) //nolint:noctx // it outlives the context of the call; the test's cleanup ends it
	p.cmd.Env = append(os.Environ(), "GORACE=halt_on_error=1")
	stderr, err := p.cmd.StderrPipe()
	require.NoError(t, err)
	stdout, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	var readers sync.WaitGroup
	readers.Go(func() { p.read(stderr) })
	readers.Go(func() { p.read(stdout) })
	go func() {
		defer close(p.ended)
		readers.Wait()
		_ = p.cmd.Wait()
	}()
	return p
}

// read keeps what the program prints, and notices when it is ready.
func (p *process) read(r io.Reader) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		p.mu.Lock()
		p.log.WriteString(line + "\n")
		for text, seen := range p.awaited {
			if strings.Contains(line, text) {
				close(seen)
				delete(p.awaited, text)
			}
		}
		p.mu.Unlock()
	}
}

// expect gives a channel that is closed by the next line that has the text.
func (p *process) expect(text string) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.awaited == nil {
		p.awaited = make(map[string]chan struct{})
	}
	if p.awaited[text] == nil {
		p.awaited[text] = make(chan struct{})
	}
	return p.awaited[text]
}

func (p *process) awaitReady(t *testing.T) {
	t.Helper()
	select {
	case <-p.ready:
	case <-p.ended:
		t.Fatalf("waybill %s ended before it was ready:\n%s", strings.Join(p.args, " "), p.output())
	case <-time.After(patience):
		t.Fatalf("waybill %s was not ready in %v:\n%s", strings.Join(p.args, " "), patience, p.output())
	}
}

func (p *process) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// kill ends it at once, as a power cut would.
func (p *process) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Kill())
	<-p.ended
}

// stop ends it as an operator would, and says how it ended.
func (p *process) stop() error {
	select {
	case <-p.ended:
		return nil
	default:
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-p.ended:
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.ended
		return fmt.Errorf("it did not stop in %v", patience)
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("it ended with code %d", code)
	}
	return nil
}
