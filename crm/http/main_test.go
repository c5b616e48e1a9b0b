package crmhttp_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain finds streams that outlive their readers.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
