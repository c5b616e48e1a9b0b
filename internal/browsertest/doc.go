// Package browsertest drives a real headless Chromium in tests: it opens pages at
// the size, in the colours and in the language that a test asks for, waits for what
// pages say of themselves in data attributes of <html>, and takes pictures.
//
// A test that needs a browser skips, with the reason, on a machine without one.
package browsertest
