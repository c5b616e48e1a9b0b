package custody

import (
	"maps"
	"time"
)

const (
	firstWait = time.Second
	longWait  = 5 * time.Minute
)

// failures are the vehicles whose transitions could not be followed, by uid. They are
// among those in the outbox, so there are never more than vehicles.
type failures map[string]failure

type failure struct {
	attempts int
	next     time.Time
}

// add notes another failure and says how long to wait.
func (f failures) add(vehicle string, now time.Time) time.Duration {
	attempts := f[vehicle].attempts + 1
	wait := backOff(attempts)
	f[vehicle] = failure{attempts: attempts, next: now.Add(wait)}
	return wait
}

func (f failures) forget(vehicle string) { delete(f, vehicle) }

// forgetDue forgets those whose time to be tried again has come, when nothing of
// theirs is left: somebody else has done it.
func (f failures) forgetDue(now time.Time) {
	maps.DeleteFunc(f, func(_ string, failure failure) bool { return !now.Before(failure.next) })
}

// waiting are the vehicles that are not to be tried yet.
func (f failures) waiting(now time.Time) []string {
	vehicles := []string{}
	for v, failure := range f {
		if now.Before(failure.next) {
			vehicles = append(vehicles, v)
		}
	}
	return vehicles
}

// next is how long until one is to be tried again; a long time when there is none.
func (f failures) next(now time.Time) time.Duration {
	wait := longWait
	for _, failure := range f {
		wait = min(wait, max(0, failure.next.Sub(now)))
	}
	return wait
}

// backOff doubles from a second to five minutes.
func backOff(attempts int) time.Duration {
	const doublings = 9
	return min(firstWait<<min(max(attempts-1, 0), doublings), longWait)
}
