//go:build !linux

package pgcluster_test

import "testing"

func mountTmpfs(t *testing.T, _, _ string) {
	t.Helper()
	t.Skip("needs a file system of bounded size")
}

func remountTmpfs(t *testing.T, _, _ string) { t.Helper() }
