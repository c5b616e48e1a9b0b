package gateway

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// pace says how long each origin of rubbish has to wait, alone. Origins that have been quiet are forgotten; the number
// of those remembered is bounded.
type pace struct {
	rate    rate.Limit
	burst   int
	longest time.Duration
	most    int

	mu      sync.Mutex
	origins map[string]*rate.Limiter // guarded by mu
}

func newPace(perSecond float64, burst int, longest time.Duration, most int) *pace {
	return &pace{rate: rate.Limit(perSecond), burst: burst, longest: longest, most: most, origins: make(map[string]*rate.Limiter)}
}

// spend takes n from what the origin may send and returns how long it is to be held back for that.
func (p *pace) spend(origin string, n int) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	limiter := p.origins[origin]
	if limiter == nil {
		p.makeRoom(now)
		limiter = rate.NewLimiter(p.rate, p.burst)
		p.origins[origin] = limiter
	}
	reservation := limiter.ReserveN(now, min(n, p.burst))
	delay := reservation.DelayFrom(now)
	if delay > p.longest {
		// Held back as long as it can be: it doesn't run further into debt.
		reservation.CancelAt(now)
		return p.longest
	}
	return delay
}

// makeRoom forgets those who have their full burst again, and when that is nobody, anybody.
func (p *pace) makeRoom(now time.Time) {
	if len(p.origins) < p.most {
		return
	}
	for origin, limiter := range p.origins {
		if limiter.TokensAt(now) >= float64(p.burst) {
			delete(p.origins, origin)
		}
	}
	for origin := range p.origins {
		if len(p.origins) < p.most {
			return
		}
		delete(p.origins, origin)
	}
}
