//go:build race

package e2e_test

// raceDetector says that the program under test is to be built with the race
// detector, as these tests were.
const raceDetector = true
