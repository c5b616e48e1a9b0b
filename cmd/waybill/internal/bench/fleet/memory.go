package fleet

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Memory is what a server has in use, in bytes, as its metrics say.
type Memory struct {
	// Resident is what the system has given it.
	Resident int64 `json:"resident"`
	// Heap is what lives on its heap, or is not collected yet; Stack is its goroutines'
	// stacks.
	Heap  int64 `json:"heap"`
	Stack int64 `json:"stack"`
}

// Sample is a server's memory at a moment.
type Sample struct {
	// At is from the beginning, in nanoseconds.
	At time.Duration `json:"at"`
	Memory
}

// readMemory reads the metrics at the URL.
func readMemory(ctx context.Context, url string) (Memory, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return Memory{}, err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return Memory{}, fmt.Errorf("read the server's memory: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	var m Memory
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		into := map[string]*int64{
			"process_resident_memory_bytes": &m.Resident,
			"go_memstats_heap_inuse_bytes":  &m.Heap,
			"go_memstats_stack_inuse_bytes": &m.Stack,
		}[name]
		if into == nil {
			continue
		}
		bytes, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return m, fmt.Errorf("read the server's memory: %s is %q", name, value)
		}
		*into = int64(bytes)
	}
	if err := lines.Err(); err != nil {
		return m, fmt.Errorf("read the server's memory: %w", err)
	}
	if m.Resident == 0 {
		return m, fmt.Errorf("read the server's memory: %s does not say it", url)
	}
	return m, nil
}
