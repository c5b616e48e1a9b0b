package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"time"

	"waybill/internal/lifecycle"
)

// serverPatience is how long a server that was started may take to be ready, and to
// stop.
const serverPatience = 2 * time.Minute

// startServer starts this program's server as a process of its own and waits until it
// is ready. The function that it returns stops it.
func startServer(ctx context.Context, s *ownServer, dataDir string) (stop func() error, err error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	// What it says of trouble goes where we say ours.
	server := exec.Command(program, "serve", "--data-dir", dataDir, "--log-level", "warn", "--no-gazetteer", //nolint:gosec,noctx // it is this program; it ends by a signal
		"--http-address", s.http, "--grpc-address", s.grpc, "--mqtt-address", s.mqtt)
	server.Stderr = os.Stderr
	// An interrupt at the terminal is for us; we stop the server when we are done.
	server.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := server.Start(); err != nil {
		return nil, fmt.Errorf("start a server: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Wait() }()
	stop = func() error {
		_ = server.Process.Signal(syscall.SIGTERM) // it may have ended
		select {
		case err := <-ended:
			return err
		case <-time.After(serverPatience):
			_ = server.Process.Kill()
			return fmt.Errorf("the server did not stop in %v: %w", serverPatience, <-ended)
		}
	}
	ready, cancel := context.WithTimeout(ctx, serverPatience)
	defer cancel()
	for {
		select {
		case err := <-ended:
			return nil, fmt.Errorf("the server ended before it was ready: %w", err)
		default:
		}
		if isReady(ready, s.http) {
			return stop, nil
		}
		if err := lifecycle.Pause(ready, 100*time.Millisecond); err != nil {
			_ = stop()
			return nil, fmt.Errorf("the server was not ready in %v: %w", serverPatience, err)
		}
	}
}

func isReady(ctx context.Context, address string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", nil)
	if err != nil {
		return false
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	defer func() { _ = response.Body.Close() }()
	return response.StatusCode == http.StatusOK
}
