package pgcluster

import (
	"context"
	"fmt"
	"strings"
)

// explain turns the words of a failed program, and of the log, into a [SetupError].
func (s *server) explain(ctx context.Context, what string, cause error, output string) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", what, context.Cause(ctx))
	}
	all := output + cause.Error()
	said := salient(output)
	switch {
	case containsAny(all, "No space left on device", "Disk quota exceeded", "Check free disk space"):
		return diskFull(s.layout.root, cause)
	case containsAny(all, "Permission denied"):
		return &SetupError{
			Kind:   ErrPermission,
			Reason: fmt.Sprintf("%s as user %s: %s", what, s.account.name, said),
			Remedy: "Give the directory to that user, or choose another --data-dir.",
			Cause:  cause,
		}
	}
	return &SetupError{
		Kind:   ErrStart,
		Reason: what + ": " + said,
		Remedy: "PostgreSQL's own words are in " + s.layout.log() + ".",
		Cause:  cause,
	}
}

// salient picks the lines that say what went wrong out of a program's chatter, or
// else its last line.
func salient(output string) string {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	var picked []string
	for _, line := range lines {
		if containsAny(line, "FATAL", "PANIC", "ERROR", "HINT", "error:", "could not") {
			picked = append(picked, strings.TrimSpace(line))
		}
	}
	if len(picked) == 0 {
		picked = lines[len(lines)-1:]
	}
	const most = 6
	return strings.Join(picked[max(0, len(picked)-most):], "; ")
}

func containsAny(text string, words ...string) bool {
	for _, word := range words {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}
